//! A file is about one subject.

use super::{code, files, root};

const LINES_MAX: usize = 500;

#[test]
fn no_source_file_gathers_everything() {
    for folder in [
        "proto/src",
        "backbone/src",
        "intake-service/src",
        "bureau-service/src",
        "notifier-service/src",
        "deploy/local/src",
    ] {
        for (path, text) in files(&root().join(folder), ".rs") {
            let lines = code(&text).count();
            let is_test = path.ends_with("tests.rs");
            assert!(is_test || lines <= LINES_MAX, "{} has {lines} lines", path.display());
        }
    }
}
