//! Who asked where a saved form is: told once at most, about no report, and owed nothing.

use std::collections::HashMap;

use uuid::Uuid;

use super::Finding;
use super::logs::{Event, Logs};

pub(super) fn check(logs: &Logs) -> Finding {
    let mut finding = Finding::new("where a saved form is is told once at most, and is no report");
    let mut told: HashMap<Uuid, Vec<&Event>> = HashMap::new();
    for event in logs.of("NOTIFIER") {
        told.entry(event.stream).or_default().push(event);
    }
    for asked in logs.of("INTAKE").iter().filter(|event| event.kind == "link.asked") {
        let events = told.get(&asked.stream).map_or(&[][..], Vec::as_slice);
        let nameless =
            events.iter().copied().chain([asked]).all(|event| event.meta.report_id.is_empty());
        let count = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
        let (planned, owed) = (count("message.planned"), count("obligation.opened"));
        finding.check(asked.version == 1 && nameless && planned <= 1 && owed == 0, || {
            format!("link {}: {planned} messages, {owed} owed", asked.stream)
        });
    }
    let case = logs.of("BUREAU").iter().find(|event| event.report_id().is_nil());
    finding.check(case.is_none(), || format!("BUREAU has {case:?} about no report"));
    finding
}
