//! Rules of this repository that a machine can check. No server, well under a second.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a rule that cannot be read is broken"
)]

mod layers; // who may import whom
mod sizes; // files about one subject
mod topology; // every kind of event is known, and has golden bytes
mod words; // what must not stand in the sources

use std::path::{Path, PathBuf};

/// The folder that holds the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests lie in the workspace").to_owned()
}

/// Every file under `folder` with this ending, with its text.
fn files(folder: &Path, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = vec![];
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["target", "node_modules", ".git", ".local"].contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no {ending} files under {}", folder.display());
    found
}

/// The lines of a source file that are not its test module.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines().take_while(|line| line.trim() != "#[cfg(test)]"))
}
