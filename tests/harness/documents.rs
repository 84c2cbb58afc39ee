//! What a document tells people to type, typed.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::Result;
use crate::stack::run;

/// Runs the `sh` blocks of a document in `docs`, in order and in one shell, until one line fails.
pub async fn follow(document: &str, folder: &Path, settings: &[(&str, &str)]) -> Result<String> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs");
    let text = std::fs::read_to_string(docs.join(document))?;
    let blocks = blocks(&text);
    ensure!(!blocks.is_empty(), "{document} tells nobody to type anything");
    let script = folder.join("typed.sh");
    std::fs::write(&script, format!("set -eux\n{}", blocks.concat()))?;
    let mut command = Command::new("sh");
    command.arg(&script).current_dir(folder).envs(settings.iter().copied());
    run(command).await.with_context(|| format!("what {document} says"))
}

fn blocks(text: &str) -> Vec<String> {
    let mut blocks = vec![];
    let mut lines = text.lines();
    while lines.any(|line| line == "```sh") {
        let block = lines.by_ref().take_while(|line| *line != "```");
        blocks.push(block.fold(String::new(), |block, line| block + line + "\n"));
    }
    blocks
}
