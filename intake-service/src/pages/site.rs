//! What every page carries, and templates to HTML.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use backbone::problem::{Problem, with_causes};
use minijinja::{Environment, Value, context};

use crate::config::Force;
use crate::templates;

/// Draws pages. Cheap to share.
#[derive(Debug)]
pub struct Pages {
    templates: Environment<'static>,
    force: Force,
    assets: String,
    policy: HeaderValue,
}

/// What one page adds to what every page carries.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The heading, and the page's title with it.
    pub title: String,
    pub in_error: bool,
    /// The button that leaves this site quickly.
    pub exit: bool,
    /// Where "Back" leads.
    pub back: Option<String>,
    /// The form's hidden field that shows where it came from.
    pub token: String,
    /// After so many minutes the session rests; the page says so before.
    pub timeout_minutes: Option<i64>,
    /// It does not rest but ends.
    pub guarded: bool,
}

impl Pages {
    #[must_use]
    pub fn new(templates: Environment<'static>, force: Force, assets: String) -> Self {
        let policy = format!(
            "default-src 'none'; script-src 'self' {}; style-src 'self'; img-src 'self'; connect-src \
             'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            templates::inline_script_source()
        );
        let policy = HeaderValue::from_str(&policy)
            .unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { templates, force, assets, policy }
    }

    #[must_use]
    pub fn templates(&self) -> &Environment<'static> {
        &self.templates
    }

    #[must_use]
    pub fn force(&self) -> &Force {
        &self.force
    }

    /// What `template` makes of `more`: a file for somebody to keep, and no page of the site.
    pub fn file(&self, template: &str, more: Value) -> Result<String, Problem> {
        let facts = &self.force.facts;
        let carried =
            context! { force => self.force.name.as_str(), website => facts.website.as_str() };
        let drawn = self
            .templates
            .get_template(template)
            .and_then(|template| template.render(context! { ..more, ..carried }));
        drawn.map_err(|error| not_drawn(template, &error))
    }

    /// The page that `template` makes of `page` and `more`.
    pub fn draw(
        &self,
        status: StatusCode,
        template: &str,
        page: &Page,
        more: Value,
    ) -> Result<Response, Problem> {
        let carried = context! {
            page_title => page.title.as_str(),
            in_error => page.in_error,
            exit => page.exit,
            back => page.back.as_deref(),
            token => page.token.as_str(),
            timeout_minutes => page.timeout_minutes,
            guarded => page.guarded,
            service => self.force.service_name.as_str(),
            force => self.force.name.as_str(),
            live => self.force.live,
            assets => self.assets.as_str(),
            talk => self.force.facts.talk.as_str(),
            hours => self.force.hours.as_str(),
        };
        let drawn = self
            .templates
            .get_template(template)
            .and_then(|template| template.render(context! { ..more, ..carried }));
        match drawn {
            Ok(html) => {
                let mut response = (status, Html(html)).into_response();
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
                // An own origin is told on our own forms, and to nobody else.
                headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
                headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static("en"));
                if !self.force.live {
                    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
                }
                Ok(response)
            }
            Err(error) => Err(not_drawn(template, &error)),
        }
    }
}

fn not_drawn(template: &str, error: &minijinja::Error) -> Problem {
    // Its chain names template and line, and no value.
    tracing::error!(error = with_causes(error), template, "alarm: a page cannot be drawn");
    Problem::internal()
}
