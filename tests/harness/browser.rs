//! A browser without scripts: it keeps the session's cookie, follows nothing by itself, and sends what
//! the forms of a page carry.

use anyhow::{Context as _, bail};
use reqwest::header::{ACCEPT, COOKIE, HeaderMap, LOCATION, SET_COOKIE};

use crate::Result;

#[derive(Debug, Clone)]
pub struct Browser {
    http: reqwest::Client,
    intake: String,
    cookie: Option<String>,
}

/// A page, or where the browser is sent instead.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: u16,
    pub location: String,
    pub html: String,
}

impl Page {
    /// What stands between `before` and `after`.
    pub fn between(&self, before: &str, after: &str) -> Result<&str> {
        let rest = self.html.split_once(before).map(|(_, rest)| rest);
        let found = rest.and_then(|rest| rest.split_once(after)).map(|(found, _)| found);
        found.with_context(|| format!("no {before} in {}", self.html))
    }

    /// The value of a hidden field, as the last form of the page has it.
    pub fn hidden(&self, name: &str) -> Result<&str> {
        let before = format!("name=\"{name}\" value=\"");
        let rest = self.html.rsplit_once(&before).map(|(_, rest)| rest);
        let found = rest.and_then(|rest| rest.split_once('"')).map(|(found, _)| found);
        found.with_context(|| format!("no field {name} in {}", self.html))
    }

    #[must_use]
    pub fn says(&self, words: &str) -> bool {
        self.html.contains(words)
    }
}

impl Browser {
    pub fn new(intake: &str) -> Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, intake: intake.to_owned(), cookie: None })
    }

    pub async fn get(&mut self, path: &str) -> Result<Page> {
        let request = self.http.get(format!("{}{path}", self.intake));
        self.load(request).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Page> {
        let request = self.http.post(format!("{}{path}", self.intake)).form(fields);
        self.load(request).await
    }

    /// The page that follows a form that was taken.
    pub async fn follow(&mut self, page: &Page) -> Result<Page> {
        if page.status != 303 {
            bail!("{} and not 303: {}", page.status, page.html);
        }
        self.get(&page.location).await
    }

    async fn load(&mut self, mut request: reqwest::RequestBuilder) -> Result<Page> {
        request = request.header(ACCEPT, "text/html");
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        let response = request.send().await?;
        let text = |headers: &HeaderMap, name| -> Option<String> {
            Some(headers.get(name)?.to_str().ok()?.to_owned())
        };
        if let Some(cookie) = text(response.headers(), SET_COOKIE) {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        Ok(Page {
            status: response.status().as_u16(),
            location: text(response.headers(), LOCATION).unwrap_or_default(),
            html: response.text().await?,
        })
    }
}
