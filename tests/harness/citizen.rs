//! Somebody who reports something, and comes back.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::Result;

/// A member of the public with a client of the API.
#[derive(Debug, Clone)]
pub struct Citizen {
    http: reqwest::Client,
    intake: String,
}

/// What somebody holds after reporting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Receipt {
    pub reference: String,
    pub report_id: Uuid,
    pub submitted_at: String,
    pub contact_by: String,
    pub return_code: String,
    pub receipt: String,
}

/// An answer of the API, whatever it was.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub async fn read(response: reqwest::Response) -> Result<Self> {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = response.bytes().await?;
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Ok(Self { status, headers, body })
    }

    /// The problem's word, empty where it is none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body.get("code").and_then(Value::as_str).unwrap_or_default()
    }

    /// The answer as `T`, if its status is the one that was hoped for.
    pub fn into<T: for<'a> Deserialize<'a>>(self, status: u16) -> Result<T> {
        if self.status != status {
            bail!("{} and not {status}: {}", self.status, self.body);
        }
        Ok(serde_json::from_value(self.body)?)
    }
}

/// A client that waits for nobody for ever.
pub fn http() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?)
}

/// A key that nobody can guess.
#[must_use]
pub fn new_key() -> String {
    Uuid::new_v4().to_string()
}

impl Citizen {
    pub fn new(intake: &str) -> Result<Self> {
        Ok(Self { http: http()?, intake: intake.to_owned() })
    }

    /// Answers every question of the form with its example, page after page, as any client would.
    pub async fn answers(&self, kind: &str) -> Result<Map<String, Value>> {
        let mut answers = Map::new();
        for _ in 0..100 {
            let journey = self.journey(kind, &answers).await?;
            let Some(page) = journey.get("next").filter(|next| !next.is_null()) else {
                return Ok(answers);
            };
            let questions = page.get("questions").and_then(Value::as_array);
            for question in questions.context("a page without questions")? {
                let id = question.get("id").and_then(Value::as_str).context("no id")?;
                let example = question.get("example").context("no example")?;
                answers.insert(id.to_owned(), example.clone());
            }
        }
        bail!("the form does not end")
    }

    /// Where somebody with these answers stands.
    pub async fn journey(&self, kind: &str, answers: &Map<String, Value>) -> Result<Value> {
        let url = format!("{}/api/v1/forms/{kind}/journey", self.intake);
        let response = self.http.post(url).json(&json!({ "answers": answers })).send().await?;
        Answer::read(response).await?.into(200)
    }

    /// Sends a report; whatever comes back.
    pub async fn send(&self, key: Option<&str>, body: &Value) -> Result<Answer> {
        let mut request = self.http.post(format!("{}/api/v1/reports", self.intake)).json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        Answer::read(request.send().await?).await
    }

    /// Sends bytes that may be no report at all.
    pub async fn send_raw(&self, content_type: &str, body: Vec<u8>) -> Result<Answer> {
        let request = self
            .http
            .post(format!("{}/api/v1/reports", self.intake))
            .header("idempotency-key", new_key())
            .header("content-type", content_type)
            .body(body);
        Answer::read(request.send().await?).await
    }

    /// Reports a crime with these answers.
    pub async fn reports(&self, answers: &Map<String, Value>) -> Result<Receipt> {
        self.reports_of("crime", answers).await
    }

    /// Reports something of this kind.
    pub async fn reports_of(&self, kind: &str, answers: &Map<String, Value>) -> Result<Receipt> {
        let body = json!({ "kind": kind, "answers": answers });
        self.send(Some(&new_key()), &body).await?.into(201)
    }

    /// Looks at the status page.
    pub async fn status(&self, receipt: &Receipt) -> Result<Value> {
        self.open(&receipt.reference, &receipt.return_code).await?.into(200)
    }

    pub async fn open(&self, reference: &str, code: &str) -> Result<Answer> {
        let url = format!("{}/api/v1/reports/{reference}", self.intake);
        Answer::read(self.http.get(url).header("return-code", code).send().await?).await
    }

    /// Adds something to a report.
    pub async fn adds(&self, receipt: &Receipt, key: &str, body: &Value) -> Result<Answer> {
        Answer::read(self.act(receipt, key, "details").json(body).send().await?).await
    }

    /// Wishes it withdrawn, without a body.
    pub async fn withdraws(&self, receipt: &Receipt, key: &str) -> Result<Answer> {
        Answer::read(self.act(receipt, key, "withdraw").send().await?).await
    }

    /// Says that it is no longer safe to be contacted, without a body.
    pub async fn stops_contact(&self, receipt: &Receipt, key: &str) -> Result<Answer> {
        Answer::read(self.act(receipt, key, "stop-contact").send().await?).await
    }

    /// Says that what is looked for is found, perhaps with where.
    pub async fn finds(
        &self,
        receipt: &Receipt,
        key: &str,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let request = self.act(receipt, key, "found");
        let request = body.into_iter().fold(request, reqwest::RequestBuilder::json);
        Answer::read(request.send().await?).await
    }

    /// Tells that it has got worse or happened again.
    pub async fn tells_again(
        &self,
        receipt: &Receipt,
        key: &str,
        answers: &Value,
    ) -> Result<Answer> {
        let body = json!({ "answers": answers });
        Answer::read(self.act(receipt, key, "again").json(&body).send().await?).await
    }

    /// The kinds that can be chosen.
    pub async fn kinds(&self) -> Result<Vec<String>> {
        let url = format!("{}/api/v1/forms", self.intake);
        let forms: Value = Answer::read(self.http.get(url).send().await?).await?.into(200)?;
        let items = forms.get("items").and_then(Value::as_array).context("no items")?;
        Ok(items.iter().filter_map(|form| Some(form.get("kind")?.as_str()?.to_owned())).collect())
    }

    fn act(&self, receipt: &Receipt, key: &str, act: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v1/reports/{}/{act}", self.intake, receipt.reference);
        let request = self.http.post(url).header("return-code", &receipt.return_code);
        request.header("idempotency-key", key)
    }
}
