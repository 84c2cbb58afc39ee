//! `make demo`: one crime report from the public API through assessment and a decision to the
//! delivered message, each step with its time.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use backbone::cli::say;
use clap::Parser;
use serde_json::Value;
use tests::Result;
use tests::citizen::Citizen;
use tests::mailbox::Mailbox;
use tests::officer::Officer;
use tests::urls::Urls;
use tests::wait;

/// Sends one report through the running stack, from the first question to the delivered message
#[derive(Debug, Parser)]
struct Args {
    /// The file that `make up` wrote
    #[arg(long, default_value = ".local/urls.env")]
    urls: PathBuf,
}

const LIMIT: Duration = Duration::from_secs(30);

/// Prints what has just happened and how long it took.
struct Steps(Instant);

impl Steps {
    fn done(&mut self, what: &str) {
        say(format_args!("{:>7.1} ms  {what}", self.0.elapsed().as_secs_f64() * 1_000.0));
        self.0 = Instant::now();
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let urls = Urls::read(&Args::parse().urls)?;
    let citizen = Citizen::new(urls.get("INTAKE_URL")?)?;
    let officer = Officer::new(urls.get("BUREAU_URL")?, urls.get("STAFF_TOKEN_TRIAGER")?)?;
    let mailbox = Mailbox::new(urls.get("OUTBOX_DIR")?);
    let mut steps = Steps(Instant::now());

    let answers = citizen.answers("crime").await?;
    steps.done(&format!("a citizen answers {} questions, page after page", answers.len()));
    let receipt = citizen.reports(&answers).await?;
    let reference = receipt.reference.as_str();
    steps.done(&format!(
        "sends the report: reference {reference}, an answer by {}",
        receipt.contact_by
    ));
    officer.sees(reference, "the case in the triage list", LIMIT, |_| true).await?;
    steps.done("the case is in the triage list of the bureau");
    mailbox.gets(&[reference], LIMIT).await?;
    steps.done("the acknowledgement is delivered");
    officer.assesses(reference).await?;
    steps.done("an officer assesses it");
    let words = "We looked at the camera pictures and they do not show who did it.";
    officer.files(reference, words).await?;
    steps.done("decides, with a message for the citizen");
    let mail = mailbox.gets(&[reference, "camera pictures"], LIMIT).await?;
    steps.done("the next steps are delivered");
    let told = |case: &Value| {
        let state = case.get("contact_state").and_then(Value::as_str);
        matches!(state, Some("accepted" | "delivered"))
    };
    officer.sees(reference, "the delivery in the list", LIMIT, told).await?;
    steps.done("the bureau sees that the citizen was told");
    let status = wait::until("the status page", LIMIT, || async {
        let status = citizen.status(&receipt).await?;
        Ok((status.get("status") != Some(&Value::from("received"))).then_some(status))
    })
    .await?;
    steps.done(&format!(
        "the status page says: {}",
        status.get("status_text").and_then(Value::as_str).unwrap_or("?")
    ));
    say(format_args!("\nthe message, {}:\n\n{}", mail.file, mail.text));
    Ok(())
}
