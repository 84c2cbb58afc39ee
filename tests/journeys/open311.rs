use std::path::Path;
use std::process::Command;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value, json};
use tests::citizen::{Answer, new_key};
use tests::partner::{LOST, Partner};
use tests::smtp_server::tools;
use tests::stack::{Stack, run};
use tests::wait;

use crate::{LIMIT, Told};

/// What two partners have.
const KEYS: [(&str, &str); 2] =
    [("a-council", "the council's own key"), ("a-landlord", "the landlord's own key")];

/// A stack that knows both.
async fn stack_of_two() -> anyhow::Result<(Stack, [Partner; 2])> {
    let line = |(name, key): (&str, &str)| {
        format!("{name} {}\n", hex::encode(digest(&SHA256, key.as_bytes())))
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("partners.txt");
    std::fs::write(&file, KEYS.map(line).concat())?;
    let stack = Stack::start(&[("OPEN311_KEYS_FILE", &file.display().to_string())]).await?;
    let urls = stack.urls()?;
    let [council, landlord] = KEYS.map(|(_, key)| Partner::with_key(&urls, key));
    Ok((stack, [council?, landlord?]))
}

/// The error form of the standard: a list of codes and sentences.
#[track_caller]
fn is_refused(answer: &Answer, status: u16, why: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    let first = &answer.body[0];
    assert_eq!(first["code"], json!(status.to_string()), "{}", answer.body);
    let said = first["description"].as_str().unwrap_or_default();
    assert!(said.starts_with(why), "{}", answer.body);
}

#[tokio::test]
async fn a_partner_passes_reports_on_with_clients_that_nobody_here_wrote() -> Told {
    let (stack, [council, landlord]) = stack_of_two().await?;
    let fields: Map<String, Value> =
        LOST.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    let mut command = Command::new("python3");
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/open311_clients.py"))
        .args([council.endpoint(), council.key(), &Value::from(fields).to_string()])
        .env("PYTHONPATH", tools()?);
    let told: Value = serde_json::from_str(&run(command).await?)?;

    is_discovered(&told, council.endpoint());
    is_defined(&told);
    let created = &told["created"][0];
    let reference = created["service_request_id"].as_str().unwrap_or_default();
    let notice = created["service_notice"].as_str().unwrap_or_default();
    assert!(notice.starts_with("We have your report. We will email you by "), "{notice}");
    assert!(notice.ends_with("In an emergency call 999."), "{notice}");
    let other = &told["created_xml"]["service_requests"]["request"]["service_request_id"];
    assert!(other.as_str().is_some_and(|other| other != reference), "{told}");
    for (read, of) in [
        ("read", &told["read"][0]),
        ("read_xml", &told["read_xml"]["service_requests"]["request"]),
        ("listed", &told["listed"][1]),
        ("listed_xml", &told["listed_xml"]["service_requests"]["request"][1]),
    ] {
        assert_eq!(of["service_request_id"], json!(reference), "{read}: {of}");
        assert_eq!(of["status"], "open", "{read}");
        assert_eq!(of["service_code"], "property-lost", "{read}");
        assert!(of["expected_datetime"].as_str() > of["requested_datetime"].as_str(), "{read}");
        assert!(!of.to_string().contains("wallet"), "{of}");
    }
    assert_eq!(told["listed_by_code"].as_array().map(Vec::len), Some(1));
    for nobody in ["read_by_nobody", "listed_by_nobody", "listed_by_a_stranger"] {
        assert_eq!(told[nobody][0]["code"], "403", "{nobody}: {}", told[nobody]);
    }
    assert_eq!(told["token"][0]["code"], "404");
    let refused = &told["refused_xml"]["errors"]["error"];
    assert!(refused.as_array().is_some_and(|all| all.len() > 5), "{refused}");
    assert_eq!(refused[0]["code"], "400");

    let theirs = landlord.reads(&format!("v2/requests/{reference}.json")).await?;
    is_refused(&theirs, 404, "service_request_id: You have no such request");
    let none: Value = landlord.reads("v2/requests.json").await?.into(200)?;
    assert_eq!(none, json!([]));
    has_arrived(&stack, reference).await?;
    is_closed_when_it_is_filed(&stack, &council, reference).await?;
    stack.verify().await?;
    Ok(())
}

/// Both formats have every field that a discovery must have.
#[track_caller]
fn is_discovered(told: &Value, endpoint: &str) {
    for (of, formats) in [
        (&told["discovery"], "/endpoints/0/formats/1"),
        (&told["discovery_xml"]["discovery"], "/endpoints/endpoint/formats/format/1"),
    ] {
        let place = if of["endpoints"].is_array() { "/endpoints/0" } else { "/endpoints/endpoint" };
        let required = |path: &str| {
            let text = of.pointer(path).and_then(Value::as_str).unwrap_or_default();
            assert!(!text.is_empty(), "{path}: {of}");
            text
        };
        for name in ["changeset", "contact", "key_service"] {
            required(&format!("/{name}"));
        }
        required(&format!("{place}/changeset"));
        assert_eq!(required(&format!("{place}/type")), "test");
        let specification = required(&format!("{place}/specification"));
        assert_eq!(specification, "http://wiki.open311.org/GeoReport_v2");
        assert_eq!(required(&format!("{place}/url")), format!("{endpoint}/v2"));
        assert_eq!(required(formats), "application/json");
    }
}

/// The same services and attributes in both formats, as two clients read them.
#[track_caller]
fn is_defined(told: &Value) {
    let services = told["services"].as_array().cloned().unwrap_or_default();
    assert_eq!((services.len(), &told["services"]), (4, &told["services_other"]));
    for (service, in_xml) in
        services.iter().zip(told["services_xml"].as_array().into_iter().flatten())
    {
        for name in ["service_code", "service_name", "description", "type", "group", "keywords"] {
            assert_eq!(service[name], in_xml[name], "{name}");
            assert!(service[name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        }
        assert_eq!((&service["metadata"], &service["type"]), (&json!(true), &json!("realtime")));
    }
    let attributes = told["definition"]["attributes"].as_array().cloned().unwrap_or_default();
    let in_xml = &told["definition_xml"]["attributes"]["attribute"];
    assert!(attributes.len() > 10, "{attributes:?}");
    for (place, attribute) in attributes.iter().enumerate() {
        for name in ["code", "datatype", "description"] {
            assert_eq!(attribute[name], in_xml[place][name]);
        }
        assert_eq!(attribute["order"], json!(place + 1));
        let choices = attribute["values"].as_array().map_or(0, Vec::len);
        let is_list = attribute["datatype"].as_str().unwrap_or_default().ends_with("valuelist");
        assert_eq!(choices > 0, is_list, "{attribute}");
    }
}

/// Staff see every answer, and who passed it on.
async fn has_arrived(stack: &Stack, reference: &str) -> Told {
    let officer = stack.triager()?;
    officer.sees(reference, "the case", LIMIT, |_| true).await?;
    let (case, _) = officer.opens(reference).await?;
    assert_eq!(case["partner"], "a-council");
    assert_eq!(case["contact"]["name"], "Alex Morgan");
    assert_eq!(case["contact"]["email"], "alex.morgan@example.com");
    let answers = case["answers"].as_array().cloned().unwrap_or_default();
    let answered = |id: &str| {
        let answer = answers.iter().find(|answer| answer["question"] == id);
        answer.map(|answer| answer["value"].clone()).unwrap_or_default()
    };
    for (id, value) in [
        ("thing", json!("wallet")),
        ("what", json!("A brown wallet with a torn corner")),
        ("where", json!({ "line1": "Station Road, Newtown" })),
        ("when", json!({ "known": "exact", "date": "2026-07-20", "time": "18:30" })),
        ("channel", json!("email")),
        ("safe_email", json!("yes")),
        ("truth", json!(true)),
    ] {
        assert_eq!(answered(id), value, "{id}");
    }
    Ok(())
}

async fn is_closed_when_it_is_filed(stack: &Stack, partner: &Partner, reference: &str) -> Told {
    let officer = stack.triager()?;
    officer.acts(reference, "claim", &json!({})).await?;
    officer.assesses(reference).await?;
    officer.files(reference, "We have noted what you lost.").await?;
    let path = format!("v2/requests/{reference}.json");
    let closed = wait::until("the request to be closed", LIMIT, || async {
        let read: Value = partner.reads(&path).await?.into(200)?;
        Ok((read[0]["status"] == "closed").then_some(read))
    })
    .await?;
    let notes = "We are not looking into it further at the moment";
    assert_eq!(closed[0]["status_notes"], notes);
    assert!(closed[0]["updated_datetime"].as_str() >= closed[0]["requested_datetime"].as_str());
    let ids = |query: &str| {
        let path = format!("v2/requests.json?{query}");
        async move { partner.reads(&path).await?.into::<Value>(200) }
    };
    assert_eq!(ids("status=closed").await?[0]["service_request_id"], reference);
    assert!(!ids("status=open").await?.to_string().contains(reference));
    let asked = ids(&format!("service_request_id={reference},7K4M-2TQ9-2&status=open")).await?;
    assert_eq!(asked.as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn what_a_partner_sends_wrong_is_refused_and_changes_nothing() -> Told {
    let (stack, [council, landlord]) = stack_of_two().await?;
    let urls = stack.urls()?;
    let stranger = Partner::with_key(&urls, "nobody's key")?;
    is_refused(&stranger.passes_on("json", &[]).await?, 403, "api_key: We do not know this key");
    let other = [("api_key", landlord.key())];
    is_refused(&council.passes_on("json", &other).await?, 403, "api_key: Send one key");
    let xml = stranger.passes_on("xml", &[]).await?;
    let body = xml.body.as_str().unwrap_or_default();
    assert_eq!(xml.status, 403);
    assert!(body.contains("<errors><error><code>403</code><description>"), "{body}");

    for help in ["yes", "unsure"] {
        let stopped = council.passes_on("json", &[("attribute[danger]", help)]).await?;
        is_refused(&stopped, 400, "Call 999 now. Nothing was sent. A call to 999");
        assert_eq!(stopped.body.as_array().map(Vec::len), Some(1));
    }
    let long = "a".repeat(4_001);
    let large = "a".repeat(300_000);
    for (name, value, status, why) in [
        ("attribute[thing]", "card", 400, "Please tell your bank. Nothing was sent."),
        ("attribute[safe_email]", "", 400, "attribute[safe_email]: Tell us if this email"),
        ("attribute[colour][]", "red", 400, ""),
        ("media_url", "https://example.com/a.jpg", 400, "media_url: We fetch nothing"),
        ("description", &long, 400, "description: Use 4,000"),
        ("description", &large, 400, "The body may have at most"),
        ("service_code", "", 400, "service_code: Say which service"),
        ("service_code", "crime", 404, "service_code: There is no such service"),
        ("service_code", "missing", 404, "service_code: There is no such service"),
    ] {
        let answer = council.passes_on("json", &[(name, value)]).await?;
        if !why.is_empty() {
            is_refused(&answer, status, why);
        }
    }
    for (path, status) in [
        ("v2/services/crime.json", 404),
        ("v2/services/property-lost.json", 200),
        ("v2/services.csv", 404),
        ("v2/requests/7K4M-2TQ9-2.json", 404),
        ("v2/requests/nonsense.json", 404),
        ("v2/requests.json?start_date=yesterday", 400),
        // No database holds such a text.
        ("v2/requests.json?service_code=%00,nonsense", 200),
        ("nowhere.json", 404),
    ] {
        assert_eq!(council.reads(path).await?.status, status, "{path}");
    }
    stack.verify().await?;
    let all: Value = council.reads("v2/requests.json").await?.into(200)?;
    assert_eq!(all.as_array().map(Vec::len), Some(1), "only the one with a colour was taken");
    let lines = stack.log_lines()?;
    for key in [council.key(), landlord.key(), stranger.key()] {
        assert!(!lines.contains(key) && !lines.contains(&key.replace(' ', "+")), "a key is logged");
    }
    Ok(())
}

#[tokio::test]
async fn with_a_key_of_its_own_a_request_that_is_sent_again_is_the_same() -> Told {
    let (stack, [council, landlord]) = stack_of_two().await?;
    let key = new_key();
    let keyed = [("idempotency-key", key.as_str())];
    let first = council.sends("json", &keyed, &[]).await?;
    let again = council.sends("json", &keyed, &[]).await?;
    assert_eq!((first.status, &first.body), (201, &again.body));
    assert!(again.headers.contains_key("idempotent-replayed"));
    let changed = council.sends("json", &keyed, &[("description", "Another wallet")]).await?;
    is_refused(&changed, 400, "This Idempotency-Key was used for something else");
    // What one partner chose is no other's business.
    let theirs = landlord.sends("json", &keyed, &[]).await?;
    assert_eq!(theirs.status, 201);
    assert_ne!(theirs.body[0]["service_request_id"], first.body[0]["service_request_id"]);
    assert_ne!(council.reports().await?, council.reports().await?);
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn without_partners_there_is_no_such_interface() -> Told {
    let stack = Stack::start(&[("OPEN311_KEYS_FILE", "off")]).await?;
    let partner = Partner::of(&stack.urls()?)?;
    for path in ["discovery.json", "v2/services.json", "v2/requests.json"] {
        assert_eq!(partner.reads(path).await?.status, 404, "{path}");
    }
    Ok(())
}
