//! Samples, medians, goals; the table and report.json.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::{Map, Value};
use tests::Result;

/// What design.md §7 asks for.
#[derive(Debug, Clone, Copy)]
enum Goal {
    AtLeast(f64),
    Below(f64),
}

const GOALS: [(&str, Goal); 12] = [
    ("accept_vs_naive", Goal::AtLeast(4.0)),
    ("accept_vs_skeleton", Goal::AtLeast(0.5)),
    ("accept_p99_ms", Goal::Below(25.0)),
    ("relay_vs_floor", Goal::AtLeast(0.5)),
    ("follow_vs_floor", Goal::AtLeast(0.5)),
    ("rebuild_vs_floor", Goal::AtLeast(0.5)),
    ("submit_to_list_p50_ms", Goal::Below(50.0)),
    ("submit_to_list_p99_ms", Goal::Below(250.0)),
    ("page_p99_ms", Goal::Below(5.0)),
    ("rss_mib_intake", Goal::Below(64.0)),
    ("rss_mib_bureau", Goal::Below(64.0)),
    ("rss_mib_notifier", Goal::Below(64.0)),
];

/// The samples of every measure, in the order in which they were first taken.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<(String, Vec<f64>)>);

impl Report {
    /// Adds one round's sample.
    pub(crate) fn add(&mut self, name: &str, sample: impl Into<f64>) {
        let sample = sample.into();
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, samples)) => samples.push(sample),
            None => self.0.push((name.to_owned(), vec![sample])),
        }
    }

    /// Adds both rates of one round and their ratio.
    pub(crate) fn add_pair(&mut self, name: &str, ours: f64, floor: f64) {
        self.add(&format!("{name}_eps"), ours);
        self.add(&format!("{name}_floor_eps"), floor);
        self.add(&format!("{name}_vs_floor"), ours / floor);
    }

    /// Writes the medians beside this program's own folder.
    pub(crate) fn write(&self) -> Result<PathBuf> {
        let here = std::env::current_exe()?;
        let target = here.ancestors().nth(2).context("the program lies in no target folder")?;
        let folder = target.join("bench");
        std::fs::create_dir_all(&folder)?;
        let medians: Map<String, Value> = self
            .0
            .iter()
            .map(|(name, samples)| (name.clone(), Value::from(rounded(quantile(samples, 0.5)))))
            .collect();
        let file = folder.join("report.json");
        std::fs::write(&file, serde_json::to_string_pretty(&medians)? + "\n")?;
        Ok(file)
    }

    /// The medians, held against the goals where they are worth it.
    pub(crate) fn table(&self, judges: bool) -> String {
        let mut table = format!("\n{:<26} {:>12}   {:<25} goal\n", "", "median", "min - max");
        for (name, samples) in &self.0 {
            let median = quantile(samples, 0.5);
            let spread = match samples.len() {
                1 => String::new(),
                _ => {
                    format!("{} - {}", shown(quantile(samples, 0.0)), shown(quantile(samples, 1.0)))
                }
            };
            let line = format!(
                "{name:<26} {:>12}   {spread:<25} {}",
                shown(median),
                if judges { goal(name, median) } else { String::new() }
            );
            writeln!(table, "{}", line.trim_end()).ok();
        }
        table
    }
}

fn goal(name: &str, median: f64) -> String {
    let Some((_, goal)) = GOALS.iter().find(|(known, _)| *known == name) else {
        return String::new();
    };
    let (says, is_met) = match goal {
        Goal::AtLeast(least) => (format!(">= {least}"), median >= *least),
        Goal::Below(most) => (format!("< {most}"), median < *most),
    };
    if is_met { says } else { format!("{says}  MISSED") }
}

/// The sample below which this share of the samples lies.
pub(crate) fn quantile(samples: &[f64], share: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count of samples"
    )]
    let at = ((sorted.len().saturating_sub(1)) as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn shown(value: f64) -> String {
    if value.abs() >= 1000.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
