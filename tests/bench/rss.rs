//! Memory of the three services at rest.

use tests::Result;

use crate::ground::Bench;
use crate::machine::kib;
use crate::report::Report;

pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    bench.until_relayed().await?;
    for service in ["intake", "bureau", "notifier"] {
        let pid = bench.urls.pid(&format!("PID_{}", service.to_uppercase()))?;
        let rss = kib(&format!("/proc/{pid}/status"), "VmRSS:")? / 1024.0;
        report.add(&format!("rss_mib_{service}"), rss);
    }
    Ok(())
}
