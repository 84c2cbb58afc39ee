//! A valid report: as a request, and as the events that it leads to.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use backbone::clock::{Clock as _, SystemClock};
use backbone::event_log::{After, NewEvent};
use backbone::sealing::{self, ReportKey};
use intake_service::codec::{self, Receipt};
use intake_service::domain::report::{self, Report};
use intake_service::evidence::Taken;
use intake_service::forms::{self, Forms};
use intake_service::identity;
use intake_service::receipts::Content;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use prost::Message as _;
use serde_json::{Map, Value};
use tests::Result;
use uuid::Uuid;

/// What a crime report says: the stack's own sample.
const SAMPLE: &str = include_str!("../../deploy/local/samples/bicycle.json");
const PROMISE: Duration = Duration::from_hours(24);

/// The body of a request.
pub(crate) fn request() -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(&serde_json::from_str::<Value>(SAMPLE)?)?)
}

/// What a reporter's clock says.
pub(crate) fn local_now() -> DateTime {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    SystemClock.now().to_zoned(zone).datetime()
}

pub(crate) fn load_forms() -> Result<Forms> {
    forms::load(&forms::sample_words()).map_err(|refused| anyhow!("{refused}"))
}

/// The events that `count` such reports are in intake's log.
pub(crate) fn events(count: usize) -> Result<Vec<NewEvent>> {
    let forms = load_forms()?;
    let form = forms.get("crime").context("there is no form for a crime")?;
    let sample: Value = serde_json::from_str(SAMPLE)?;
    let no_answers = Map::new();
    let answers = sample.get("answers").and_then(Value::as_object).unwrap_or(&no_answers);
    let report = report::check(form, answers, local_now())
        .map_err(|errors| anyhow!("the sample is refused: {errors:?}"))?;
    (0..count).map(|_| event(&report)).collect()
}

fn event(report: &Report<'_>) -> Result<NewEvent> {
    let id = Uuid::new_v4();
    let mut key = [0; 32];
    sealing::random(&mut key);
    let submitted_at = SystemClock.now();
    let receipt = Receipt {
        reference: identity::new_reference(),
        submitted_at,
        contact_by: submitted_at.checked_add(PROMISE)?,
        fingerprint: [7; 32],
        content: Content::of([7; 16], SAMPLE.as_bytes()),
        partner: None,
    };
    let none = Taken::default();
    let body =
        codec::submitted(report, &none, &receipt, &ReportKey::new(id, Uuid::new_v4(), &key)?)
            .encode_to_vec();
    let meta = proto::log::v1::Meta {
        report_id: id.as_bytes().to_vec().into(),
        actor: "reporter".to_owned(),
        ..Default::default()
    };
    let (after, kind) = (After::Version(0), "report.submitted");
    Ok(NewEvent { stream: id, after, kind, meta, body: body.into() })
}
