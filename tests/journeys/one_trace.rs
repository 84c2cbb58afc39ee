use std::time::Duration;

use serde_json::json;
use tests::citizen::{http, new_key};
use tests::collector::Collector;
use tests::stack::Stack;
use tests::wait;

use crate::Told;

#[tokio::test]
async fn a_request_is_one_trace_through_all_three_services() -> Told {
    let collector = Collector::start()?;
    let endpoint = collector.endpoint();
    let stack = Stack::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]).await?;
    let citizen = stack.citizen()?;
    let answers = citizen.answers("crime").await?;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let sent = http()?
        .post(format!("{}/api/v1/reports", stack.urls()?.get("INTAKE_URL")?))
        .header("idempotency-key", new_key())
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .json(&json!({ "kind": "crime", "answers": answers }))
        .send()
        .await?;
    assert_eq!(sent.status().as_u16(), 201);
    let id = hex::decode(trace)?;
    for service in ["intake", "bureau", "notifier"] {
        let what = format!("{service} to export its part of the trace");
        wait::until(&what, Duration::from_secs(30), || async {
            Ok(collector.has(&[&id, service.as_bytes()]).then_some(()))
        })
        .await?;
    }
    let url = format!("{}/metrics", stack.urls()?.get("INTAKE_ADMIN_URL")?);
    let metrics = http()?.get(url).send().await?.text().await?;
    assert!(metrics.contains("http_server_request_duration_seconds_count"), "{metrics}");
    Ok(())
}
