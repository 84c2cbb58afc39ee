//! A body that passes on what somebody told it, through the Open311 interface.

use serde_json::Value;

use crate::Result;
use crate::citizen::{Answer, http};
use crate::urls::Urls;

/// Something that was lost, with all that has to be told of it.
pub const LOST: [(&str, &str); 13] = [
    ("service_code", "property-lost"),
    ("attribute[danger]", "no"),
    ("attribute[thing]", "wallet"),
    ("attribute[stolen]", "no"),
    ("attribute[lost_where]", "street"),
    ("attribute[when]", "2026-07-20T17:30:00Z"),
    ("attribute[truth]", "true"),
    ("attribute[safe_email]", "yes"),
    ("description", "A brown wallet with a torn corner"),
    ("address_string", "Station Road, Newtown"),
    ("email", "alex.morgan@example.com"),
    ("first_name", "Alex"),
    ("last_name", "Morgan"),
];

/// A partner with its key.
#[derive(Debug, Clone)]
pub struct Partner {
    http: reqwest::Client,
    open311: String,
    key: String,
}

impl Partner {
    /// The partner of the demonstration.
    pub fn of(urls: &Urls) -> Result<Self> {
        Self::with_key(urls, urls.get("OPEN311_KEY")?)
    }

    pub fn with_key(urls: &Urls, key: &str) -> Result<Self> {
        let open311 = format!("{}/open311", urls.get("INTAKE_URL")?);
        Ok(Self { http: http()?, open311, key: key.to_owned() })
    }

    /// Where its programs begin.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.open311
    }

    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Sends `LOST` with `more` in place of what has the same name; an empty value takes it away.
    pub async fn passes_on(&self, format: &str, more: &[(&str, &str)]) -> Result<Answer> {
        self.sends(format, &[], more).await
    }

    /// The same with headers.
    pub async fn sends(
        &self,
        format: &str,
        headers: &[(&str, &str)],
        more: &[(&str, &str)],
    ) -> Result<Answer> {
        let kept = LOST.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
        let fields: Vec<&(&str, &str)> = kept.chain(more).collect();
        let url = format!("{}/v2/requests.{format}", self.open311);
        let mut request = self.http.post(url).bearer_auth(&self.key).form(&fields);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::read(request.send().await?).await
    }

    pub async fn reads(&self, path: &str) -> Result<Answer> {
        let request = self.http.get(format!("{}/{path}", self.open311)).bearer_auth(&self.key);
        Answer::read(request.send().await?).await
    }

    /// Passes on what was lost: its reference.
    pub async fn reports(&self) -> Result<String> {
        let created: Value = self.passes_on("json", &[]).await?.into(201)?;
        let reference = created.pointer("/0/service_request_id").and_then(Value::as_str);
        Ok(reference.unwrap_or_default().to_owned())
    }
}
