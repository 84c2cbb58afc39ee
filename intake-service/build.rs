//! What is compiled in: migrations, forms, the templates of the pages, and what `make assets` made of
//! `web/`.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=forms");
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(variable("OUT_DIR"));

    let templates = here.join("templates");
    fs::write(out.join("templates.rs"), table(&templates, &templates, "include_str")?)?;

    let forms = here.join("forms");
    fs::write(out.join("forms.rs"), table(&forms, &here, "include_str")?)?;

    let assets = here.join("web/dist");
    if !assets.is_dir() {
        println!(
            "cargo::error=The style sheet and script of the pages are not built: run `make assets`."
        );
        return Ok(());
    }
    fs::write(out.join("assets.rs"), table(&assets, &assets, "include_bytes")?)
}

/// An array of names and contents: all files under `folder`, in order, named as from `root`.
fn table(folder: &Path, root: &Path, include: &str) -> io::Result<String> {
    let mut files = vec![];
    gather(folder, &mut files)?;
    files.sort();
    let mut table = "[\n".to_owned();
    for path in files {
        let name = path.strip_prefix(root).unwrap_or(&path);
        let (name, path) = (name.display().to_string(), path.display().to_string());
        // A line into a string cannot fail.
        writeln!(table, "    ({name:?}, {include}!({path:?})),").ok();
    }
    table.push_str("]\n");
    Ok(table)
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_hidden =
            path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.is_dir() {
            gather(&path, files)?;
        } else if !is_hidden {
            files.push(path);
        }
    }
    Ok(())
}

/// What cargo tells every build script.
fn variable(name: &str) -> std::ffi::OsString {
    std::env::var_os(name).unwrap_or_default()
}
