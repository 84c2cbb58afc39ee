//! What came with a request: the fields of a form, or those behind the question mark.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::super::Site;
use super::answer::Answer;

/// Names and values as they came. What is blank was not sent.
#[derive(Debug)]
pub(super) struct Arguments(Vec<(String, String)>);

impl Arguments {
    pub(super) fn new(mut fields: Vec<(String, String)>) -> Self {
        fields.retain(|(_, value)| !value.trim().is_empty());
        Self(fields)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn values<'a>(&'a self, of: &'a str) -> impl Iterator<Item = &'a str> {
        self.all().filter(move |(name, _)| *name == of).map(|(_, value)| value)
    }

    /// The one value of this name; two could be read either way.
    pub(super) fn one<'a>(&'a self, name: &'a str) -> Result<Option<&'a str>, Answer> {
        let mut values = self.values(name);
        let first = values.next();
        match values.next() {
            None => Ok(first),
            Some(_) => Err(Answer::bad(format!("{name}: Send this once"))),
        }
    }

    /// The parts of a value with commas between.
    pub(super) fn list(&self, name: &str) -> Result<Option<Vec<String>>, Answer> {
        let parts = |value: &str| value.split(',').map(|part| part.trim().to_owned()).collect();
        Ok(self.one(name)?.map(parts))
    }
}

impl FromRequestParts<Site> for Arguments {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self::new(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}
