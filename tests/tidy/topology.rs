//! Every kind of event that a service appends is in the contracts' table.

use proto::topology::STREAMS;

use super::{files, root};

#[test]
fn every_kind_in_the_table_is_appended_somewhere() {
    for stream in STREAMS {
        let mut sources = String::new();
        for folder in [format!("{}-service/src", stream.publisher), "backbone/src".to_owned()] {
            for (_, text) in files(&root().join(folder), ".rs") {
                sources.push_str(&text);
            }
        }
        for kind in stream.kinds {
            assert!(sources.contains(&format!("\"{kind}\"")), "{} never has {kind}", stream.name);
        }
    }
}

#[test]
fn a_kind_is_two_words_and_says_nothing_of_a_person() {
    for kind in STREAMS.iter().flat_map(|stream| stream.kinds) {
        let words: Vec<&str> = kind.split('.').collect();
        assert_eq!(words.len(), 2, "{kind}");
        assert!(kind.chars().all(|c| c.is_ascii_lowercase() || c == '.' || c == '_'), "{kind}");
    }
}
