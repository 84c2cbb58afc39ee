//! The pages' templates, compiled in, and what they may call.
//!
//! `layout.html` is every page's skeleton; `components/` are macros that take the options of GOV.UK
//! Frontend's macros of the same names, and are held against its own fixtures (`tests/fixtures.rs`).
//! Nothing there marks a text as safe: an `html` option is escaped like any other unless it was made by a
//! macro, a `{% set %}` block or the page's own `|safe`, so that what a reporter typed is never markup.

mod options; // what macros do with the options that they are given

use std::sync::LazyLock;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, escape_formatter};

use options::Escaped;

static TEMPLATES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// The one script that stands in a page: it says that the others will be read, before anything is drawn.
const INLINE_SCRIPT: &str = "\"noModule\" in HTMLScriptElement.prototype&&\
     document.body.classList.add(\"js-enabled\",\"govuk-frontend-supported\")";

static INLINE_SCRIPT_SOURCE: LazyLock<String> = LazyLock::new(|| {
    let hash = digest::digest(&digest::SHA256, INLINE_SCRIPT.as_bytes());
    format!("'sha256-{}'", STANDARD.encode(hash))
});

/// The one inline script as a source for `script-src`, quotes included.
#[must_use]
pub fn inline_script_source() -> &'static str {
    &INLINE_SCRIPT_SOURCE
}

/// All templates, by their paths in `templates/`.
///
/// What is not defined cannot be printed, looped over or looked into, but may be asked for in an `if` or an
/// `or`: macros have to ask whether an option was given, which the strictest setting refuses.
#[must_use]
pub fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment.set_loader(|name| {
        Ok(TEMPLATES.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()))
    });
    environment.set_formatter(|out, state, value| {
        let is_text = value.kind() == ValueKind::String && !value.is_safe();
        match (value.as_str(), state.auto_escape()) {
            (Some(text), AutoEscape::Html) if is_text => Ok(write!(out, "{}", Escaped(text))?),
            _ => escape_formatter(out, state, value),
        }
    });
    environment.add_function("attrs", options::attributes);
    environment.add_function("content", options::content);
    environment.add_function("explained_by", options::explained_by);
    environment.add_function("given", options::given);
    environment.add_function("joined", options::joined);
    environment.add_function("merged", options::merged);
    environment.add_global("inline_script", Value::from_safe_string(INLINE_SCRIPT.to_owned()));
    environment
}

#[cfg(test)]
mod tests;
