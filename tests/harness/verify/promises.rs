//! What was owed, tried, accepted and kept: from the notifier's log and from the folder itself.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use prost::Message as _;
use proto::notifier::v1::{
    AttemptEnded, AttemptIntended, MessagePlanned, ObligationKept, ObligationOpened,
};
use uuid::Uuid;

use super::Finding;
use super::logs::Logs;
use crate::Result;
use crate::mailbox::Mailbox;
use crate::urls::Urls;

pub(super) fn check(urls: &Urls, logs: &Logs) -> Result<Vec<Finding>> {
    let now_us = now_us();
    let mut findings = vec![sent_once(urls, logs)?, attempts_ended(logs)?];
    findings.extend(kept_in_time(logs, now_us)?);
    Ok(findings)
}

fn now_us() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the checker stands outside the services")]
    jiff::Timestamp::now().as_microsecond()
}

fn id(bytes: &[u8]) -> Uuid {
    Uuid::from_slice(bytes).unwrap_or(Uuid::nil())
}

/// No message was accepted twice; what the folder holds is what the log says was accepted.
fn sent_once(urls: &Urls, logs: &Logs) -> Result<Finding> {
    let mut finding =
        Finding::new("no message is accepted twice, and the outbox is what the log says");
    let mut accepted: BTreeMap<Uuid, usize> = BTreeMap::new();
    let mut by_folder = HashSet::new();
    for event in logs.of("NOTIFIER") {
        match event.kind.as_str() {
            "attempt.intended" => {
                let intended = AttemptIntended::decode(event.body.as_slice())?;
                if intended.provider == "folder" {
                    by_folder.insert(id(&intended.message_id));
                }
            }
            "attempt.ended" => {
                let ended = AttemptEnded::decode(event.body.as_slice())?;
                if ended.outcome == "accepted" {
                    *accepted.entry(id(&ended.message_id)).or_default() += 1;
                }
            }
            _ => {}
        }
    }
    for (message, times) in &accepted {
        finding.check(*times == 1, || format!("message {message} was accepted {times} times"));
    }
    let files: BTreeSet<String> = Mailbox::new(urls.get("OUTBOX_DIR")?)
        .all()?
        .into_iter()
        .map(|mail| mail.file.split('.').next().unwrap_or_default().to_owned())
        .collect();
    let told: BTreeSet<String> = accepted
        .keys()
        .filter(|message| by_folder.contains(*message))
        .map(ToString::to_string)
        .collect();
    for odd in files.symmetric_difference(&told) {
        finding.check(false, || format!("message {odd} stands in the outbox or in the log alone"));
    }
    Ok(finding)
}

/// Every attempt that was intended has an outcome, and doubt was ended by asking or by one resend.
fn attempts_ended(logs: &Logs) -> Result<Finding> {
    let mut finding =
        Finding::new("every intended attempt has its outcome, with one resend at most");
    let mut open = BTreeSet::new();
    let mut resent: HashMap<Uuid, usize> = HashMap::new();
    for event in logs.of("NOTIFIER") {
        match event.kind.as_str() {
            "attempt.intended" => {
                let intended = AttemptIntended::decode(event.body.as_slice())?;
                open.insert((id(&intended.message_id), intended.attempt));
                finding.checked += 1;
            }
            "attempt.ended" => {
                let ended = AttemptEnded::decode(event.body.as_slice())?;
                let message = id(&ended.message_id);
                if ended.outcome != "in_doubt" {
                    open.remove(&(message, ended.attempt));
                }
                if ended.resend {
                    // It ends the doubt about the one before, whatever came of it itself.
                    open.retain(|(of, _)| *of != message);
                    *resent.entry(message).or_default() += 1;
                }
            }
            _ => {}
        }
    }
    for (message, attempt) in open {
        finding.check(false, || format!("attempt {attempt} of message {message} has none"));
    }
    for (message, times) in resent {
        finding.check(times == 1, || format!("message {message} was sent again {times} times"));
    }
    Ok(finding)
}

/// Every obligation whose time is over was kept in time, or a person's task was opened before it, or
/// the reporter was told in time that nothing is decided yet, which is counted apart.
fn kept_in_time(logs: &Logs, now_us: i64) -> Result<Vec<Finding>> {
    let mut finding = Finding::new("every promise ends before its deadline, or a person has it");
    let mut undecided = Finding::new("of these told in time, undecided");
    let mut kept = HashMap::new();
    for event in logs.of("NOTIFIER").iter().filter(|event| event.kind == "obligation.kept") {
        let told = ObligationKept::decode(event.body.as_slice())?;
        kept.entry(id(&told.obligation_id)).or_insert(told.at_us);
    }
    let mut tasks: HashMap<Uuid, i64> = HashMap::new();
    for event in logs.of("BUREAU").iter().filter(|event| event.kind == "task.opened") {
        tasks.entry(event.report_id()).or_insert(event.recorded_at_us);
    }
    let holding = holding_accepted(logs)?;
    for event in logs.of("NOTIFIER").iter().filter(|event| event.kind == "obligation.opened") {
        let opened = ObligationOpened::decode(event.body.as_slice())?;
        let in_time = |at: &i64| *at <= opened.due_at_us;
        let ended = kept.get(&id(&opened.obligation_id)).is_some_and(in_time)
            || tasks.get(&event.report_id()).is_some_and(in_time)
            || opened.due_at_us > now_us
            || !opened.owed;
        let told = holding.get(&event.report_id()).is_some_and(in_time);
        if !ended && told {
            undecided.check(true, String::new);
        }
        finding.check(ended || told, || format!("obligation of report {}", event.report_id()));
    }
    Ok(vec![finding, undecided])
}

/// When a holding message was first accepted, by report.
fn holding_accepted(logs: &Logs) -> Result<HashMap<Uuid, i64>> {
    let mut holding = HashSet::new();
    let mut accepted = HashMap::new();
    for event in logs.of("NOTIFIER") {
        match event.kind.as_str() {
            "message.planned" => {
                let planned = MessagePlanned::decode(event.body.as_slice())?;
                if planned.what == "holding" {
                    holding.insert(id(&planned.message_id));
                }
            }
            "attempt.ended" => {
                let ended = AttemptEnded::decode(event.body.as_slice())?;
                if ended.outcome == "accepted" && holding.contains(&id(&ended.message_id)) {
                    accepted.entry(event.report_id()).or_insert(ended.at_us);
                }
            }
            _ => {}
        }
    }
    Ok(accepted)
}
