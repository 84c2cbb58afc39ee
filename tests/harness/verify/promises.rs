//! What was owed, tried, accepted and kept: from the notifier's log and from the folder itself.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use prost::Message as _;
use proto::bureau::v1::{TaskDone, TaskOpened};
use proto::notifier::v1::{
    AttemptEnded, AttemptIntended, MessageCancelled, MessagePlanned, ObligationKept,
    ObligationOpened,
};
use uuid::Uuid;

use super::Finding;
use super::emergencies::Letters;
use super::logs::Logs;
use super::owed::{Ended, Holding, Owed, Task, ended};
use crate::Result;
use crate::mailbox::Mailbox;
use crate::urls::Urls;

pub(super) fn check(urls: &Urls, logs: &Logs) -> Result<Vec<Finding>> {
    let now_us = now_us();
    let mut findings = vec![sent_once(urls, logs)?, attempts_ended(logs)?, stopped(logs)];
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
    let emergencies = Letters::of(logs)?;
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
        .chain(&emergencies.delivered)
        .map(ToString::to_string)
        .collect();
    // A letter to the control room may be in the folder and still in doubt when somebody has it.
    let doubted = |file: &&String| !emergencies.in_doubt.iter().any(|id| id.to_string() == **file);
    for odd in files.symmetric_difference(&told).filter(doubted) {
        finding.check(false, || format!("message {odd} stands in the outbox or in the log alone"));
    }
    Ok(finding)
}

/// Every attempt that was intended has an outcome, and doubt was ended by asking or by one resend, or
/// stands because the reporter wants nothing sent any more.
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
            "message.cancelled" => {
                let cancelled = MessageCancelled::decode(event.body.as_slice())?;
                if cancelled.why == "stopped" {
                    open.retain(|(of, _)| *of != id(&cancelled.message_id));
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

/// Where a reporter has said stop, each service has heard it once, and nothing was tried since.
fn stopped(logs: &Logs) -> Finding {
    let mut finding = Finding::new("what a reporter has stopped stays stopped");
    let of = |log: &str, kind: &str, report: Uuid| -> Vec<u64> {
        let events = logs.of(log).iter();
        let found = events.filter(|event| event.kind == kind && event.report_id() == report);
        found.map(|event| event.position).collect()
    };
    let said = logs.of("INTAKE").iter().filter(|event| event.kind == "contact.stopped");
    let reports: BTreeSet<Uuid> = said.map(|event| event.stream).collect();
    for report in reports {
        let heard = of("BUREAU", "contact.stop_received", report);
        let obeyed = of("NOTIFIER", "sending.stopped", report);
        finding.check(heard.len() == 1 && obeyed.len() == 1, || {
            format!("report {report}: heard {heard:?}, obeyed {obeyed:?}")
        });
        let tried = of("NOTIFIER", "attempt.intended", report);
        finding.check(tried.iter().all(|tried| obeyed.iter().all(|since| tried < since)), || {
            format!("report {report}: stopped at {obeyed:?}, tried at {tried:?}")
        });
    }
    finding
}

/// Every obligation whose time is over was kept in time, or a person had its task before it, or the
/// reporter was told in time that nothing is decided yet, which is counted apart.
fn kept_in_time(logs: &Logs, now_us: i64) -> Result<Vec<Finding>> {
    let mut finding = Finding::new("every promise ends before its deadline, or a person has it");
    let mut undecided = Finding::new("of these told in time, undecided");
    let (owed, tasks, told) = (owed(logs)?, tasks(logs)?, holding_accepted(logs)?);
    for (report, all) in &owed {
        let tasks = tasks.get(report).map_or(&[][..], Vec::as_slice);
        let told = told.get(report).map_or(&[][..], Vec::as_slice);
        for one in all {
            let how = if now_us < one.due { None } else { Some(ended(one, tasks, told, all)) };
            if how == Some(Ended::Undecided) {
                undecided.check(true, String::new);
            }
            finding.check(how != Some(Ended::Broken), || {
                format!("what was owed to report {report} by {}", one.due)
            });
        }
    }
    Ok(vec![finding, undecided])
}

/// What was owed and how it was kept, by report.
fn owed(logs: &Logs) -> Result<HashMap<Uuid, Vec<Owed>>> {
    let mut kept = HashMap::new();
    for event in logs.of("NOTIFIER").iter().filter(|event| event.kind == "obligation.kept") {
        let told = ObligationKept::decode(event.body.as_slice())?;
        kept.entry(id(&told.obligation_id)).or_insert(told.at_us);
    }
    let mut owed: HashMap<Uuid, Vec<Owed>> = HashMap::new();
    for event in logs.of("NOTIFIER").iter().filter(|event| event.kind == "obligation.opened") {
        let opened = ObligationOpened::decode(event.body.as_slice())?;
        if opened.owed {
            owed.entry(event.report_id()).or_default().push(Owed {
                undecided: matches!(opened.why.as_str(), "submitted" | "replied"),
                opened: opened.opened_at_us,
                due: opened.due_at_us,
                kept: kept.get(&id(&opened.obligation_id)).copied(),
            });
        }
    }
    Ok(owed)
}

/// The tasks of persons, by report.
fn tasks(logs: &Logs) -> Result<HashMap<Uuid, Vec<Task>>> {
    let mut done = HashMap::new();
    for event in logs.of("BUREAU").iter().filter(|event| event.kind == "task.done") {
        let task = TaskDone::decode(event.body.as_slice())?;
        done.insert(id(&task.task_id), event.recorded_at_us);
    }
    let mut tasks: HashMap<Uuid, Vec<Task>> = HashMap::new();
    for event in logs.of("BUREAU").iter().filter(|event| event.kind == "task.opened") {
        let task = TaskOpened::decode(event.body.as_slice())?;
        tasks.entry(event.report_id()).or_default().push(Task {
            due: task.due_at_us,
            opened: event.recorded_at_us,
            done: done.get(&id(&task.task_id)).copied(),
        });
    }
    Ok(tasks)
}

/// The holding messages that were accepted, by report.
fn holding_accepted(logs: &Logs) -> Result<HashMap<Uuid, Vec<Holding>>> {
    let mut named = HashMap::new();
    let mut accepted: HashMap<Uuid, Vec<Holding>> = HashMap::new();
    for event in logs.of("NOTIFIER") {
        match event.kind.as_str() {
            "message.planned" => {
                let planned = MessagePlanned::decode(event.body.as_slice())?;
                if planned.what == "holding" {
                    named.insert(id(&planned.message_id), planned.again_by_us);
                }
            }
            "attempt.ended" => {
                let ended = AttemptEnded::decode(event.body.as_slice())?;
                let again_by = named.get(&id(&ended.message_id)).copied();
                if let ("accepted", Some(again_by)) = (ended.outcome.as_str(), again_by) {
                    let holding = Holding { accepted: ended.at_us, again_by };
                    accepted.entry(event.report_id()).or_default().push(holding);
                }
            }
            _ => {}
        }
    }
    Ok(accepted)
}
