//! A member of staff with a token.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::Result;
use crate::citizen::{Answer, http};
use crate::wait;

/// Acts on cases through the staff API.
#[derive(Debug, Clone)]
pub struct Officer {
    http: reqwest::Client,
    bureau: String,
    token: String,
}

impl Officer {
    pub fn new(bureau: &str, token: &str) -> Result<Self> {
        Ok(Self { http: http()?, bureau: bureau.to_owned(), token: token.to_owned() })
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        let url = format!("{}/api/v1/{path}", self.bureau);
        Answer::read(self.http.get(url).bearer_auth(&self.token).send().await?).await
    }

    /// Begins to fetch something that may be no JSON.
    pub async fn fetches(&self, path: &str) -> Result<reqwest::Response> {
        let url = format!("{}/api/v1/{path}", self.bureau);
        Ok(self.http.get(url).bearer_auth(&self.token).send().await?)
    }

    /// Posts with `If-Match`, or without it.
    pub async fn post(&self, path: &str, etag: Option<&str>, body: &Value) -> Result<Answer> {
        let headers = etag.map(|etag| ("if-match", etag));
        self.send(path, headers.as_slice(), body).await
    }

    /// Posts with these headers.
    pub async fn send(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Result<Answer> {
        let url = format!("{}/api/v1/{path}", self.bureau);
        let mut request = self.http.post(url).bearer_auth(&self.token).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::read(request.send().await?).await
    }

    /// The case in the triage list, if it is there.
    pub async fn in_list(&self, reference: &str) -> Result<Option<Value>> {
        let list: Value = self.get(&format!("cases?reference={reference}")).await?.into(200)?;
        Ok(list.get("items").and_then(|items| items.get(0)).cloned())
    }

    /// Waits until the case is in the triage list and `holds` of it.
    pub async fn sees<H>(
        &self,
        reference: &str,
        what: &str,
        limit: Duration,
        holds: H,
    ) -> Result<Value>
    where
        H: Fn(&Value) -> bool,
    {
        wait::until(what, limit, || async {
            let item = self.in_list(reference).await?;
            if let Some(item) = &item
                && !holds(item)
            {
                anyhow::bail!("the list shows {item}");
            }
            Ok(item)
        })
        .await
    }

    /// The case with its ETag.
    pub async fn opens(&self, reference: &str) -> Result<(Value, String)> {
        let answer = self.get(&format!("cases/{reference}")).await?;
        let etag = answer.headers.get("etag").context("no etag")?.to_str()?.to_owned();
        Ok((answer.into(200)?, etag))
    }

    /// Acts on the case as it stands now.
    pub async fn acts(&self, reference: &str, act: &str, body: &Value) -> Result<Answer> {
        let (_, etag) = self.opens(reference).await?;
        self.post(&format!("cases/{reference}/{act}"), Some(&etag), body).await
    }

    /// Assesses the case in a way that needs no long reasons.
    pub async fn assesses(&self, reference: &str) -> Result<Value> {
        let part = json!({ "level": "low", "rationale": "" });
        let body = json!({
            "threat": part, "harm": part, "risk": part, "investigation": part,
            "vulnerability": part, "engagement": part,
            "rationale": "Nobody is at risk.", "grade": "routine",
        });
        self.acts(reference, "assessments", &body).await?.into(200)
    }

    /// Files the case with a message for the reporter.
    pub async fn files(&self, reference: &str, message: &str) -> Result<Value> {
        let body = json!({
            "decision": "file_for_information", "reason": "no_line_of_enquiry",
            "rationale": "Nothing that could be followed.", "message": message,
        });
        self.acts(reference, "decisions", &body).await?.into(200)
    }
}
