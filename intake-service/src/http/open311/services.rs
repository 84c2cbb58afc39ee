//! What partners may pass on: the kinds that the force's file offers them.

use axum::extract::State;
use axum::http::StatusCode;
use backbone::http::Path;
use serde::Serialize;

use super::super::Site;
use super::answer::Answer;
use super::attributes::{self, Attribute};
use super::bare;
use crate::domain::form::Form;
use crate::forms::Forms;
use crate::partners::PASSABLE;

#[derive(Debug, Serialize)]
struct Listed<'a> {
    service_code: &'a str,
    service_name: &'a str,
    description: String,
    metadata: bool,
    #[serde(rename = "type")]
    kind: &'static str,
    keywords: &'static str,
    group: &'static str,
}

#[derive(Debug, Serialize)]
struct Definition<'a> {
    service_code: &'a str,
    attributes: Vec<Attribute>,
    /// The form with its branches, which a flat list cannot tell.
    x_flow: String,
}

/// Says why one of `kinds` cannot be offered.
pub fn check(forms: &Forms, kinds: &[String]) -> Result<(), String> {
    for kind in kinds {
        let form = forms.get(kind).ok_or_else(|| format!("there is no form of {kind}"))?;
        attributes::asked(form).map_err(|why| format!("{kind}: {why}"))?;
    }
    Ok(())
}

/// The form behind a service.
pub(super) fn offered<'s>(site: &'s Site, code: &str) -> Result<&'s Form, Answer> {
    let kinds = &site.pages.force().facts.open311;
    let form = site.forms.get(code).filter(|form| kinds.contains(&form.kind));
    form.ok_or_else(|| Answer::not_found("service_code: There is no such service"))
}

/// What it is called, whether or not it is still offered.
pub(super) fn name<'s>(site: &'s Site, kind: &str) -> &'s str {
    site.forms.find(kind).map_or("", |form| &form.title)
}

pub(super) async fn list(State(site): State<Site>) -> Answer {
    let kinds = site.pages.force().facts.open311.iter();
    let forms = kinds.filter_map(|kind| site.forms.get(kind));
    let services = forms.filter_map(|form| {
        let passable = PASSABLE.iter().find(|passable| passable.kind == form.kind)?;
        Some(Listed {
            service_code: &form.kind,
            service_name: &form.title,
            description: attributes::in_one_line(form.opening.as_deref().unwrap_or(&form.title)),
            metadata: true,
            kind: "realtime",
            keywords: passable.keywords,
            group: passable.group,
        })
    });
    Answer::new(StatusCode::OK, "services", &services.collect::<Vec<_>>())
}

pub(super) async fn one(
    State(site): State<Site>,
    Path(named): Path<String>,
) -> Result<Answer, Answer> {
    let form = offered(&site, bare(&named)?)?;
    let base = site.open311.as_ref().map_or("", |open311| open311.public_url.as_str());
    let definition = Definition {
        service_code: &form.kind,
        attributes: attributes::of(form),
        x_flow: format!("{base}/api/v1/forms/{}", form.kind),
    };
    Ok(Answer::new(StatusCode::OK, "service_definition", &definition))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::{load, sample_words};

    #[test]
    fn every_kind_that_may_be_passed_on_can_be_offered() {
        let forms = load(&sample_words()).unwrap();
        let kinds = PASSABLE.map(|passable| passable.kind.to_owned());
        assert_eq!(check(&forms, &kinds), Ok(()));
        let unknown = check(&forms, &["parking".to_owned()]);
        assert!(unknown.unwrap_err().contains("parking"));
    }
}
