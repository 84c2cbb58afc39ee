//! A few reports to look at: sent in as the public would, through the API.

use anyhow::{Result, bail};
use aws_lc_rs::digest;

use crate::http;
use crate::services::Service;
use crate::state::State;
use crate::up::Stack;

const SAMPLES: [&str; 3] = [
    include_str!("../samples/bicycle.json"),
    include_str!("../samples/shed.json"),
    include_str!("../samples/car.json"),
];

/// Sends them. They are for looking at, so that a failure ends nothing.
pub(crate) fn send(stack: &Stack) {
    for sample in SAMPLES {
        if let Err(error) = send_one(stack, sample) {
            stack.say(&format!("warning: a sample report was not taken: {error:#}"));
        }
    }
}

fn send_one(stack: &Stack, sample: &str) -> Result<()> {
    let port = State::load(&stack.layout)?.port(Service::Intake.name())?;
    // The key is made of the body: started again, the stack does not have them twice.
    let key = hex::encode(digest::digest(&digest::SHA256, sample.as_bytes()));
    let more = format!("Idempotency-Key: sample-{key}\r\n");
    let answer = http::post_json(port, "/api/v1/reports", &more, sample)?;
    if answer.status != 201 {
        bail!("{} {}", answer.status, answer.body.trim());
    }
    Ok(())
}
