use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::forms::{load, sample_words};
use crate::http::api;

fn whole() -> Value {
    document(&api(), &load(&sample_words()).unwrap())
}

#[test]
fn every_route_of_the_api_is_in_the_document_and_the_reverse() {
    let routed: BTreeSet<(String, &str)> =
        api().iter().map(|endpoint| (endpoint.path.to_owned(), endpoint.method)).collect();
    assert_eq!(routed.len(), api().len(), "one operation twice");
    let document = whole();
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            documented.insert((path.clone(), if method == "get" { "get" } else { "post" }));
        }
    }
    assert_eq!(documented, routed);
}

/// What is routed elsewhere would be in no document.
#[test]
fn no_route_of_the_api_is_made_elsewhere() {
    let http = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let (mut folders, mut looked_at) = (vec![http], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code: String =
                text.split("#[cfg(test)]").next().unwrap().split_whitespace().collect();
            for route in [".route(\"/api/", ".nest(\"/api", ".route_service(\"/api/"] {
                let is_tests = path.ends_with("tests.rs");
                assert!(is_tests || !code.contains(route), "{}: use Endpoint", path.display());
            }
            looked_at += 1;
        }
    }
    assert!(looked_at > 20);
}

/// Every `$ref` and every link leads somewhere, and every shape is used.
#[test]
fn the_document_holds_together() {
    let document = whole();
    let (mut shapes, mut ids, mut linked) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut rest = vec![&document];
    while let Some(value) = rest.pop() {
        if let Some(members) = value.as_object() {
            if let Some(shape) = members.get("$ref").and_then(Value::as_str) {
                shapes.insert(shape.trim_start_matches("#/components/schemas/"));
            }
            if let Some(id) = members.get("operationId").and_then(Value::as_str) {
                let is_operation = members.contains_key("responses");
                assert!(!is_operation || ids.insert(id), "{id} twice");
                linked.insert(id);
            }
            rest.extend(members.values());
        }
        rest.extend(value.as_array().into_iter().flatten());
    }
    let known: BTreeSet<&str> =
        document["components"]["schemas"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(shapes, known);
    assert_eq!(linked, ids);
}

#[test]
fn every_kind_has_its_example_and_every_operation_its_words() {
    let document = whole();
    let examples = &document["paths"]["/api/v1/reports"]["post"]["requestBody"]["content"]["application/json"]
        ["examples"];
    for form in load(&sample_words()).unwrap().newest() {
        assert_eq!(examples[&form.kind]["value"]["kind"], form.kind);
    }
    for operation in document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|of| of.as_object().unwrap().values())
    {
        assert!(operation["summary"].as_str().is_some_and(|words| words.len() > 10));
        for status in ["429", "500", "503"] {
            assert!(operation["responses"][status].is_object(), "{operation}");
        }
    }
}
