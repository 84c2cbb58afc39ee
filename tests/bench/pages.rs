//! How long the public's pages take the server: one visitor who looks at a question and answers it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, header};
use tests::Result;

use crate::ground::Bench;
use crate::options::Size;
use crate::report::{Report, quantile};

pub(crate) async fn measure(bench: &Bench, size: &Size, report: &mut Report) -> Result<()> {
    let visitor = Visitor::begin(bench.urls.get("INTAKE_URL")?).await?;
    for _ in 0..size.rounds {
        let counts_from = Instant::now() + size.warm_up;
        let end = counts_from + size.time;
        let mut times = vec![];
        while Instant::now() < end {
            for call in [Call::First, Call::Look, Call::Answer] {
                let asked = Instant::now();
                visitor.does(call).await?;
                if asked >= counts_from {
                    times.push(asked.elapsed().as_secs_f64() * 1e3);
                }
            }
        }
        report.add("page_p50_ms", quantile(&times, 0.5));
        report.add("page_p99_ms", quantile(&times, 0.99));
    }
    Ok(())
}

/// What a visitor asks for.
#[derive(Debug, Clone, Copy)]
enum Call {
    /// The first page of the site
    First,
    /// The page with the question
    Look,
    /// The page with its answer
    Answer,
}

/// Somebody who has begun a report.
#[derive(Debug)]
struct Visitor {
    http: Client,
    intake: String,
    cookie: String,
    token: String,
}

impl Visitor {
    async fn begin(intake: &str) -> Result<Self> {
        let http = Client::builder().timeout(Duration::from_secs(30)).redirect(Policy::none());
        let http = http.build()?;
        let gate = http.post(format!("{intake}/report/crime/now"));
        let begun = gate.form(&[("now", "no"), ("danger", "no")]).send().await?;
        let cookie = begun.headers().get(header::SET_COOKIE).context("no cookie")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let mut visitor = Self { http, intake: intake.to_owned(), cookie, token: String::new() };
        let page = visitor.does(Call::Look).await?.text().await?;
        let (_, rest) = page.split_once("name=\"token\" value=\"").context("no token")?;
        rest.split('"').next().unwrap_or_default().clone_into(&mut visitor.token);
        Ok(visitor)
    }

    async fn does(&self, call: Call) -> Result<Response> {
        let question = format!("{}/report/crime/type", self.intake);
        let (request, wanted) = match call {
            Call::First => (self.http.get(format!("{}/", self.intake)), StatusCode::OK),
            Call::Look => (self.http.get(question), StatusCode::OK),
            Call::Answer => {
                let answer = [("token", self.token.as_str()), ("type", "break_in")];
                (self.http.post(question).form(&answer), StatusCode::SEE_OTHER)
            }
        };
        let response = request.header(header::COOKIE, &self.cookie).send().await?;
        ensure!(response.status() == wanted, "{call:?} is answered with {}", response.status());
        Ok(response)
    }
}
