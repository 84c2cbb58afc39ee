//! Cores, memory, disk: without them no rate says anything.

use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use tests::Result;

use crate::report::{Report, quantile};

const PAGE_BYTES: usize = 8 * 1024;
const WRITES: usize = 200;

pub(crate) fn describe(report: &mut Report) -> Result<()> {
    let cores = u32::try_from(std::thread::available_parallelism()?.get())?;
    report.add("cores", cores);
    report.add("memory_mib", kib("/proc/meminfo", "MemTotal:")? / 1024.0);
    Ok(())
}

/// How long one durable write takes, so that a slow disk is seen beside what it slows.
pub(crate) fn probe_disk(folder: &Path, report: &mut Report) -> Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    let page = [7; PAGE_BYTES];
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let begun = Instant::now();
        file.rewind()?;
        file.write_all(&page)?;
        file.sync_data()?;
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    report.add("fdatasync_p50_us", quantile(&times, 0.5));
    Ok(())
}

/// The number behind `name` in a file of the kernel's.
pub(crate) fn kib(file: &str, name: &str) -> Result<f64> {
    let text = std::fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number.with_context(|| format!("{file} has no {name}"))?.parse().context("a number")
}
