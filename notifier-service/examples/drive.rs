#![allow(warnings, clippy::all, clippy::pedantic)]
use backbone::{config::Secret, event_log::*, jetstream, service::*, telemetry::Wishes};
use bytes::Bytes;
use prost::Message as _;
use proto::{bureau::v1 as b, intake::v1 as i, log::v1 as l};
use uuid::Uuid;
fn secret(n: &str) -> Secret {
    Secret::new((0..32).map(|k| u8::from_str_radix(&std::fs::read_to_string(format!("/tmp/nt/secrets/{n}.key")).unwrap()[k*2..k*2+2], 16).unwrap()).collect())
}
fn settings(n: &str) -> Settings {
    let url = |d: &str| format!("postgres:///nt_{d}?host=/tmp/fcpg/sock&user=postgres");
    Settings { listen: String::new(), admin_listen: String::new(), database_url: url(n), owner_database_url: String::new(), keys_database_url: url("keys"),
        broker: jetstream::Settings { url: "nats://127.0.0.1:24333".into(), user: n.into(), password: Secret::new(b"pw".to_vec()) },
        log_key: secret(n), master_key: secret("master"), telemetry: Wishes { filter: "info".into(), otlp_endpoint: None }, tail_folder: ".".into() }
}
async fn put(g: &Ground, id: Uuid, kind: &'static str, body: Vec<u8>, ip: u64) -> u64 {
    let mut tx = g.pool.begin().await.unwrap();
    let r = g.log.append(&mut tx, vec![NewEvent { stream: id, after: After::Whatever, kind, meta: l::Meta { report_id: Bytes::copy_from_slice(id.as_bytes()), actor: "x".into(), cause: None, intake_position: ip, traceparent: String::new() }, body: body.into() }]).await.unwrap().pop().unwrap().unwrap();
    tx.commit().await.unwrap();
    r.position
}
fn now() -> i64 { jiff::Timestamp::now().as_microsecond() }
async fn submit(g: &Ground, n: usize, d: i64, email: &str, how: i32) -> (Uuid, u64) {
    let id = Uuid::from_u128((now() as u128) << 32 | n as u128 | 1 << 127);
    let key = g.keys.issue(id).await.unwrap().key;
    let contact = i::ContactDetails { name: "Planted Name".into(), email: email.into(), phone: "07700 900123".into() };
    let body = i::ReportSubmitted { reference: format!("7K4M-{n:04}"), kind: "crime".into(), form_version: 1, submitted_at_us: now(), contact_by_us: now() + d * 1_000_000,
        plan: Some(i::ContactPlan { channel: how, second_channel: 5, email_is_safe: true, phone_is_safe: true, anonymous: false }), flags: vec![], content: None,
        contact: Some(key.seal("report.contact", &contact.encode_to_vec())) };
    (id, put(g, id, "report.submitted", body.encode_to_vec(), 0).await)
}
async fn decide(gi: &Ground, g: &Ground, id: Uuid, ip: u64, n: u32) {
    let key = gi.keys.one(id).await.unwrap();
    let words = b::DecisionWords { rationale: "r".into(), message: "Thank you. We would like to know more.".into(), questions: vec![b::AskedQuestion { label: "When did you leave?".into(), kind: "text".into() }] };
    let body = b::CaseDecided { by: "s".into(), decision_number: n, decision: ["request_details","allocate","file_for_information"][n as usize % 3].into(), reason: "when".into(), assessment: 0, team: String::new(), officer: String::new(),
        words: Some(key.seal("case.decision", &words.encode_to_vec())), at_us: now() };
    put(g, id, "case.decided", body.encode_to_vec(), ip).await;
}
#[tokio::main]
async fn main() {
    let a: Vec<String> = std::env::args().collect();
    let n: usize = a[1].parse().unwrap(); let d: i64 = a[2].parse().unwrap(); let share: usize = a[3].parse().unwrap();
    let email = a.get(4).map_or("priya@example.org", |s| s.as_str()).to_owned();
    let how: i32 = a.get(5).map_or(1, |s| s.parse().unwrap());
    let gi = Ground::lay("INTAKE", &settings("intake")).await.unwrap();
    let gb = Ground::lay("BUREAU", &settings("bureau")).await.unwrap();
    let (mut ri, mut rb) = (gi.relay(), gb.relay());
    ri.until_compared().await; rb.until_compared().await;
    let mut ids = vec![];
    for k in 0..n { ids.push(submit(&gi, k, d, &email, how).await); }
    for (k, (id, p)) in ids.iter().enumerate() { if share > 0 && k % share == 0 { decide(&gi, &gb, *id, *p, k as u32 + 1).await; } }
    loop {
        let mut c = gi.pool.acquire().await.unwrap(); let h = head(&mut c).await.unwrap().position;
        let mut c = gb.pool.acquire().await.unwrap(); let hb = head(&mut c).await.unwrap().position;
        if ri.last() >= h && rb.last() >= hb { println!("relayed {h} {hb}"); break; }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
