//! What must not stand in the sources.

use super::{files, root};

#[test]
fn the_products_name_is_on_no_page_and_in_no_message() {
    for service in ["intake-service", "bureau-service", "notifier-service"] {
        for ending in [".html", ".txt", ".toml"] {
            let folder = root().join(service);
            for (path, text) in files(&folder, ending) {
                if path.ends_with("Cargo.toml") || path.ends_with("sqlx.toml") {
                    continue;
                }
                let text = text.to_lowercase();
                let named = text.contains("front counter") || text.contains("front-counter");
                assert!(!named, "{}", path.display());
            }
            if service != "intake-service" {
                break;
            }
        }
    }
}

#[test]
fn no_test_waits_for_a_time() {
    for (path, text) in files(&root().join("tests"), ".rs") {
        let sleeps = text.contains("thread::sleep(") || text.contains("time::sleep(");
        let may = path.ends_with("harness/wait.rs") || path.ends_with("tidy/words.rs");
        assert!(!sleeps || may, "{}: wait until something holds", path.display());
    }
}
