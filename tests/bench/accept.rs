//! Reports over HTTP, answered when durable: the real intake with its relay against two peers, which
//! have nobody behind them either; and the same with bureau and notifier at work on the same cores.

use tests::Result;

use crate::ground::Bench;
use crate::load::{self, Load};
use crate::options::{Kind, Size};
use crate::peer::Peer;
use crate::report::Report;

/// Who takes the reports.
#[derive(Debug, Clone, Copy)]
enum Side {
    /// Intake and its relay; bureau and notifier stand still.
    Ours,
    /// Intake with the whole stack at work on what it takes.
    Everything,
    Naive,
    Skeleton,
}

pub(crate) async fn measure(bench: &Bench, size: &Size, report: &mut Report) -> Result<()> {
    let naive = Peer::start(Kind::Naive, &bench.database("bench_naive").await?).await?;
    let skeleton = Peer::start(Kind::Skeleton, &bench.database("bench_skeleton").await?).await?;
    for round in 0..size.rounds {
        let mut order = [Side::Naive, Side::Ours, Side::Skeleton, Side::Everything];
        order.rotate_left(usize::from(round % 4));
        let mut taken = vec![];
        for side in order {
            let load = match side {
                Side::Naive => peer(bench, size, &naive).await?,
                Side::Skeleton => peer(bench, size, &skeleton).await?,
                Side::Ours => ours(bench, size, &["BUREAU", "NOTIFIER"]).await?,
                Side::Everything => ours(bench, size, &[]).await?,
            };
            add(report, side, load);
            taken.push((side, load.rps));
        }
        ratios(report, &taken);
    }
    bench.thaw()
}

async fn peer(bench: &Bench, size: &Size, peer: &Peer) -> Result<Load> {
    bench.freeze_all()?;
    bench.checkpoint().await?;
    load::closed(&peer.url, size.warm_up, size.time).await
}

async fn ours(bench: &Bench, size: &Size, frozen: &[&str]) -> Result<Load> {
    bench.thaw()?;
    bench.freeze(frozen)?;
    bench.checkpoint().await?;
    let load = load::closed(bench.urls.get("INTAKE_URL")?, size.warm_up, size.time).await?;
    bench.freeze(&["BUREAU", "NOTIFIER"])?;
    bench.until_relayed().await?;
    Ok(load)
}

fn add(report: &mut Report, side: Side, load: Load) {
    match side {
        Side::Ours => {
            report.add("accept_rps", load.rps);
            report.add("accept_p50_ms", load.p50_ms);
            report.add("accept_p99_ms", load.p99_ms);
        }
        Side::Everything => {
            report.add("accept_everything_rps", load.rps);
            report.add("accept_everything_p99_ms", load.p99_ms);
        }
        Side::Naive => {
            report.add("naive_rps", load.rps);
            report.add("naive_p99_ms", load.p99_ms);
        }
        Side::Skeleton => {
            report.add("skeleton_rps", load.rps);
            report.add("skeleton_p99_ms", load.p99_ms);
        }
    }
}

fn ratios(report: &mut Report, taken: &[(Side, f64)]) {
    let (mut ours, mut naive, mut skeleton) = (0.0, 0.0, 0.0);
    for (side, rps) in taken {
        match side {
            Side::Ours => ours = *rps,
            Side::Everything => {}
            Side::Naive => naive = *rps,
            Side::Skeleton => skeleton = *rps,
        }
    }
    report.add("accept_vs_naive", ours / naive);
    report.add("accept_vs_skeleton", ours / skeleton);
}
