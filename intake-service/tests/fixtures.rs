//! Our macros against GOV.UK Frontend's own fixtures: the same options must give the same elements.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a fixture that cannot be read is a failure"
)]
#![expect(
    clippy::print_stdout,
    reason = "how many were held against each other is what one wants to see"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use intake_service::templates;
use minijinja::{Environment, Value, context};
use scraper::node::Node;
use scraper::{ElementRef, Html};

/// Every component that a page may use.
const COMPONENTS: [&str; 25] = [
    "back-link",
    "button",
    "character-count",
    "checkboxes",
    "date-input",
    "details",
    "error-message",
    "error-summary",
    "exit-this-page",
    "fieldset",
    "file-upload",
    "generic-header",
    "hint",
    "input",
    "inset-text",
    "label",
    "notification-banner",
    "panel",
    "radios",
    "select",
    "skip-link",
    "summary-list",
    "tag",
    "textarea",
    "warning-text",
];

struct Fixture {
    name: String,
    options: serde_json::Value,
    html: String,
}

fn fixtures(component: &str) -> Vec<Fixture> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/node_modules/govuk-frontend");
    let path: PathBuf = package.join("dist/govuk/components").join(component).join("fixtures.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}: run `make assets`", path.display());
    });
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let all = file["fixtures"].as_array().unwrap().iter();
    // A place to drop files on needs a script that no page has.
    let all = all.filter(|fixture| fixture["options"]["javascript"] != true);
    all.map(|fixture| Fixture {
        name: fixture["name"].as_str().unwrap().to_owned(),
        options: fixture["options"].clone(),
        html: fixture["html"].as_str().unwrap().to_owned(),
    })
    .collect()
}

/// Options as a page would give them: `html` is markup that the page made itself.
fn options(json: &serde_json::Value, is_markup: bool) -> Value {
    match json {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(yes) => Value::from(*yes),
        serde_json::Value::Number(number) => Value::from(number.as_i64().unwrap()),
        serde_json::Value::String(text) if is_markup => Value::from_safe_string(text.clone()),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => {
            items.iter().map(|item| options(item, false)).collect::<Value>()
        }
        serde_json::Value::Object(pairs) => Value::from_pairs(pairs.iter().map(|(name, value)| {
            (name.clone(), options(value, name == "html" || name.ends_with("Html")))
        })),
    }
}

fn drawn(environment: &Environment<'_>, component: &str, fixture: &Fixture) -> String {
    let name = component.replace('-', "_");
    let page = format!(
        "{{% from 'components/{component}.html' import {name} %}}{{{{ {name}(options) }}}}"
    );
    let facts = context! { options => options(&fixture.options, false) };
    environment
        .render_named_str("fixture.html", &page, facts)
        .unwrap_or_else(|error| format!("{error:#}"))
}

/// One line for each element and text, so that two pages can be compared: attributes in order, and without
/// the white space that no browser shows.
fn outline(html: &str) -> String {
    let mut lines = String::new();
    let page = Html::parse_fragment(html);
    write_element(page.root_element(), 0, &mut lines);
    lines
}

fn write_element(element: ElementRef<'_>, depth: usize, lines: &mut String) {
    let mut attributes: Vec<_> = element.value().attrs().collect();
    attributes.sort_unstable();
    write!(lines, "{:depth$}{}", "", element.value().name()).unwrap();
    for (name, value) in attributes {
        write!(lines, " {name}={value:?}").unwrap();
    }
    lines.push('\n');
    let is_kept = ["textarea", "pre"].contains(&element.value().name());
    // Hidden words follow on visible ones: the space before them is heard.
    let is_edge_kept = element.value().classes().any(|class| class == "govuk-visually-hidden");
    let children: Vec<_> = element.children().collect();
    for (at, child) in children.iter().enumerate() {
        if let Some(child) = ElementRef::wrap(*child) {
            write_element(child, depth + 1, lines);
        } else if let Node::Text(text) = child.value() {
            let mut text = if is_kept { text.to_string() } else { with_single_spaces(text) };
            if !is_kept && !is_edge_kept {
                if at == 0 {
                    text = text.trim_start().to_owned();
                }
                if at + 1 == children.len() {
                    text = text.trim_end().to_owned();
                }
            }
            let is_between = text == " ";
            if !text.is_empty() && !is_between {
                writeln!(lines, "{:1$}{text:?}", "", depth + 1).unwrap();
            }
        }
    }
}

fn with_single_spaces(text: &str) -> String {
    let mut single = String::new();
    for c in text.chars() {
        let c = if c.is_ascii_whitespace() { ' ' } else { c };
        if c != ' ' || !single.ends_with(' ') {
            single.push(c);
        }
    }
    single
}

#[test]
fn our_macros_draw_what_the_fixtures_show() {
    let environment = templates::environment();
    let (mut held, mut differing) = (0, vec![]);
    for component in COMPONENTS {
        for fixture in fixtures(component) {
            held += 1;
            let ours = drawn(&environment, component, &fixture);
            let (ours, theirs) = (outline(&ours), outline(&fixture.html));
            if ours != theirs {
                let name = &fixture.name;
                differing.push(format!("{component}, {name}\nours:\n{ours}theirs:\n{theirs}"));
            }
        }
    }
    println!("{held} fixtures of {} components", COMPONENTS.len());
    let count = differing.len();
    assert!(count == 0, "{count} of {held} fixtures differ:\n{}", differing.join("\n"));
}

#[test]
fn every_component_of_the_package_that_has_our_macro_is_held_against_it() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(here.join("templates/components")).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        let theirs = here.join("web/node_modules/govuk-frontend/dist/govuk/components").join(&name);
        // The footer is for GOV.UK alone; ours is another.
        let is_ours = name == "footer" || !theirs.exists();
        assert!(is_ours || COMPONENTS.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn a_difference_is_seen() {
    let one = outline("<p class=\"a\" id=\"b\">\n  Some <b>words</b>\n</p>");
    assert_eq!(one, outline("<p id=b class=a>Some <b> words </b></p>"));
    for other in [
        "<p id=b class=a>Some<b>words</b></p>",
        "<p id=b class=a>Some <b>word</b></p>",
        "<p id=b>Some <b>words</b></p>",
        "<p id=b class=a hidden>Some <b>words</b></p>",
        "<div id=b class=a>Some <b>words</b></div>",
        "<p id=b class=a>Some <b>words</b></p><p></p>",
    ] {
        assert_ne!(one, outline(other), "{other}");
    }
}
