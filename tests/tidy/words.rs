//! What must not stand in the sources.

use super::{files, root};

#[test]
fn the_products_name_is_on_no_page_and_in_no_message() {
    for folder in ["intake-service/templates", "intake-service/forms", "notifier-service/templates"]
    {
        for (path, text) in files(&root().join(folder), "") {
            let text = text.to_lowercase();
            let named = text.contains("front counter") || text.contains("front-counter");
            assert!(!named, "{}", path.display());
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
