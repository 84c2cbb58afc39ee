//! Who may import whom.

use std::path::Path;

use super::{code, files, root};

/// Crate names that may not stand in a folder, and why.
struct Rule {
    folder: &'static str,
    forbidden: &'static [&'static str],
    because: &'static str,
}

const SERVICES: [&str; 3] = ["intake", "bureau", "notifier"];

const RULES: &[Rule] = &[
    Rule {
        folder: "src/domain",
        forbidden: &[
            "tokio",
            "sqlx",
            "axum",
            "async_nats",
            "prost",
            "proto",
            "backbone",
            "serde",
            "tracing",
        ],
        because: "the domain must stay pure",
    },
    Rule {
        folder: "src/http",
        forbidden: &["async_nats", "backbone::event_log"],
        because: "pages and API change things through the use cases and read projections",
    },
];

/// Lines of `text` that name one of `forbidden` as a path's first segments.
fn offences<'a>(text: &'a str, forbidden: &'a [&str]) -> Vec<(usize, &'a str)> {
    code(text)
        .filter(|(_, line)| {
            let line = line.trim_start();
            !line.starts_with("//")
                && forbidden.iter().any(|name| {
                    let path = format!("{name}::");
                    line.match_indices(&path).any(|(at, _)| {
                        let before = line.get(..at).and_then(|text| text.chars().next_back());
                        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
                    })
                })
        })
        .collect()
}

#[test]
fn layers_are_kept() {
    let mut broken = vec![];
    for service in SERVICES {
        let service = root().join(format!("{service}-service"));
        for rule in RULES {
            for (path, text) in files(&service.join(rule.folder), ".rs") {
                for (line, text) in offences(&text, rule.forbidden) {
                    broken.push(format!("{}:{line}: {}: {text}", path.display(), rule.because));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_planted_import_is_found() {
    let planted = "use sqlx::PgPool;\nlet x = tokio::spawn(y);\nuse crate::sqlx_like::Z;\n";
    let found: Vec<usize> =
        offences(planted, &["sqlx", "tokio"]).into_iter().map(|(line, _)| line).collect();
    assert_eq!(found, [1, 2]);
}

#[test]
fn what_a_request_brings_is_read_by_the_backbone() {
    // axum's own readers refuse in plain text, and every refusal is a problem.
    for service in SERVICES {
        for (path, text) in files(&root().join(format!("{service}-service/src")), ".rs") {
            for (line, text) in code(&text).filter(|(_, line)| line.contains("axum::extract::")) {
                let mut names = text.split(|c: char| !c.is_alphanumeric());
                let own = ["Path", "Json", "Form", "Bytes", "RawForm", "Multipart"];
                let bad = names.find(|name| own.contains(name));
                assert_eq!(bad, None, "{}:{line}: see backbone::http", path.display());
            }
        }
    }
}

/// The crates that a manifest names under `[dependencies]`.
fn dependencies(manifest: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(manifest).unwrap();
    let from = text.find("[dependencies]").unwrap();
    text[from..]
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn crates_depend_on_the_backbone_and_the_contracts_alone() {
    let own = ["proto", "backbone", "intake-service", "bureau-service", "notifier-service"];
    let allowed: [(&str, &[&str]); 5] = [
        ("proto", &[]),
        ("backbone", &["proto"]),
        ("intake-service", &["proto", "backbone"]),
        ("bureau-service", &["proto", "backbone"]),
        ("notifier-service", &["proto", "backbone"]),
    ];
    for (name, allowed) in allowed {
        for dependency in dependencies(&root().join(name).join("Cargo.toml")) {
            let is_own = own.contains(&dependency.as_str());
            let fits = !is_own || allowed.contains(&dependency.as_str());
            assert!(fits, "{name} depends on {dependency}");
        }
    }
}

#[test]
fn the_backbone_knows_the_row_of_a_log_and_no_business() {
    for (path, text) in files(&root().join("backbone/src"), ".rs") {
        for service in SERVICES {
            let package = format!("proto::{service}");
            assert!(!text.contains(&package), "{}: {package}", path.display());
        }
    }
}

#[test]
fn the_environment_is_read_in_one_place() {
    for service in SERVICES {
        for (path, text) in files(&root().join(format!("{service}-service/src")), ".rs") {
            assert!(!text.contains("env::var"), "{}: ask backbone::config", path.display());
        }
    }
}

#[test]
fn nothing_publishes_but_the_relay() {
    for folder in ["backbone/src", "intake-service", "bureau-service", "notifier-service"] {
        for (path, text) in files(&root().join(folder), ".rs") {
            let publishes =
                text.contains(".send_publish(") || text.contains(".publish_with_headers(");
            assert!(!publishes || path.ends_with("relay.rs"), "{}", path.display());
        }
    }
}
