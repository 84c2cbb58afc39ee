use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::Method;
use serde_json::Value;
use tests::citizen::{Answer, http, new_key};
use tests::smtp_server::tools;
use tests::stack::{Stack, run};

use crate::Told;

/// So many seconds the API is tried for; `CONTRACT_SECONDS` says otherwise.
const SECONDS: &str = "60";

/// Schemathesis makes requests of the document, right ones and wrong ones, and compares what comes with what
/// the document says. `tests/contract` has its settings.
#[tokio::test]
async fn the_api_does_what_its_document_says() -> Told {
    let stack = Stack::start(&[]).await?;
    let document = format!("{}/api/v1/openapi.json", stack.urls()?.get("INTAKE_URL")?);
    let report = stack.dir().join("contract.json");
    #[expect(clippy::disallowed_methods, reason = "its length is set by who runs it")]
    let seconds = std::env::var("CONTRACT_SECONDS").unwrap_or_else(|_| SECONDS.to_owned());
    let mut command = Command::new("python3");
    command.args(["-B", "-m", "schemathesis.cli", "--config-file"]);
    command.arg(contract("schemathesis.toml")).args(["run", &document, "--no-color"]);
    command.args(["--max-time", &seconds, "--report", "json", "--report-json-path"]);
    command.arg(&report).current_dir(stack.dir());
    command.env("PYTHONPATH", std::env::join_paths([tools()?, contract("")])?);
    let said = run(command).await?;
    let counted = said.lines().find(|line| line.contains(" generated, ")).unwrap_or_default();
    writeln!(std::io::stderr(), "the API against its document: {}", counted.trim())?;
    for phase in ["Examples", "Coverage", "Fuzzing", "Stateful"] {
        assert!(said.contains(&format!("✅ {phase}")), "{phase} was not played: {said}");
    }
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn every_example_has_the_shape_that_it_is_an_example_of() -> Told {
    let stack = Stack::start(&[]).await?;
    let url = format!("{}/api/v1/openapi.json", stack.urls()?.get("INTAKE_URL")?);
    let document = stack.dir().join("openapi.json");
    std::fs::write(&document, http()?.get(url).send().await?.bytes().await?)?;
    let mut command = Command::new("python3");
    command.arg("-B").arg(contract("examples.py")).arg(document).env("PYTHONPATH", tools()?);
    let said = run(command).await?;
    writeln!(std::io::stderr(), "the API's document: {}", said.trim())?;
    Ok(())
}

fn contract(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contract").join(file)
}

/// One request as it comes over the wire, and the status that it has to get.
type Probe<'a> = (&'a str, &'a str, &'a [(&'a str, &'a [u8])], &'a [u8], u16);

const KIND: (&str, &[u8]) = ("content-type", b"application/json");
const LENGTH: (&str, &[u8]) = ("upload-length", b"1000");
const PIECE: (&str, &[u8]) = ("content-type", b"application/offset+octet-stream");
const CODE: (&str, &[u8]) = ("return-code", b"AAAA-BBBB-CCCC-DDDD");

/// Of files.
const OF_FILES: &[Probe<'_>] = &[
    ("POST", "uploads", &[], b"", 400),
    ("POST", "uploads", &[("upload-length", b"1e3")], b"", 400),
    ("POST", "uploads", &[("upload-length", b"99999999999999999999")], b"", 400),
    ("POST", "uploads", &[("upload-length", b"99999999999")], b"", 413),
    ("POST", "uploads", &[LENGTH, ("tus-resumable", b"0.2.2")], b"", 412),
    ("POST", "uploads", &[LENGTH, ("upload-metadata", b"filename %%")], b"", 400),
    ("OPTIONS", "uploads", &[], b"", 204),
    ("PUT", "uploads", &[], b"", 405),
    ("GET", "uploads/0", &[], b"", 404),
    ("PATCH", "uploads/0", &[PIECE], b"x", 400),
    ("PATCH", "uploads/0", &[("upload-offset", b"0")], b"x", 415),
    ("PATCH", "uploads/0", &[PIECE, ("upload-offset", b"0")], b"x", 404),
    ("POST", "uploads/0", &[PIECE], b"x", 400),
    ("POST", "reports/7K4M-2TQ9-2/evidence", &[KIND, CODE], b"{}", 415),
];

/// What no client of the document would send.
#[tokio::test]
async fn what_is_odd_gets_an_answer_that_the_document_has() -> Told {
    let stack = Stack::start(&[]).await?;
    let intake = stack.urls()?.get("INTAKE_URL")?.to_owned();
    let client = http()?;
    let document = client.get(format!("{intake}/api/v1/openapi.json")).send().await?;
    let document: Value = Answer::read(document).await?.into(200)?;
    let deep = [&[b'['; 40][..], &[b']'; 40][..]].concat();
    let probes: &[Probe<'_>] = &[
        ("GET", "forms?unknown=1&unknown=2", &[], b"", 200),
        ("GET", "forms", &[("accept", b"text/html;q=0.1")], b"", 200),
        ("GET", "forms", &[("x-unknown", &[0xff, 0x80])], b"", 200),
        ("HEAD", "forms", &[], b"", 200),
        ("OPTIONS", "forms", &[], b"", 405),
        ("TRACE", "forms", &[], b"", 405),
        ("BREW", "reports", &[], b"", 405),
        ("DELETE", "receipts/verify", &[], b"", 405),
        ("GET", "forms/crime%00", &[], b"", 404),
        ("GET", "forms/..%2F..%2Fetc", &[], b"", 404),
        ("GET", "receipt-keys/%F0%9F%92%A9", &[], b"", 404),
        ("GET", "reports/7K4M-2TQ9-2", &[("return-code", &[0xff, 0x80])], b"", 404),
        ("GET", "reports/7K4M-2TQ9-2", &[CODE, CODE], b"", 400),
        ("POST", "forms/crime/journey", &[KIND], br#"{"answers": {"what": "\u0000"}}"#, 200),
        ("POST", "forms/crime/journey", &[KIND], br#"{"answers": {"what": 1e308}}"#, 200),
        ("POST", "forms/crime/journey", &[KIND], br#"{"answers": {"what": 1e999}}"#, 400),
        ("POST", "forms/crime/journey", &[KIND], br#"{"answers": {"what": "\ud800"}}"#, 400),
        ("POST", "forms/crime/journey", &[KIND], b"{\"answers\": {\"what\": \"\xff\"}}", 400),
        ("POST", "forms/crime/journey", &[KIND], br#"{"answers": {}, "answers": {}}"#, 422),
        ("POST", "forms/crime/journey", &[KIND], &deep, 400),
        ("POST", "forms/crime/journey", &[], br#"{"answers": {}}"#, 415),
        ("POST", "receipts/verify", &[KIND, ("content-encoding", b"gzip")], b"{}", 415),
        (
            "POST",
            "receipts/verify",
            &[("content-type", b"application/json; charset=latin1")],
            br#"{"receipt": ""}"#,
            200,
        ),
        ("POST", "reports/7K4M-2TQ9-2/withdraw", &[CODE], b"", 400),
    ];
    for (method, path, headers, body, status) in probes.iter().chain(OF_FILES) {
        let mut request =
            client.request(method.parse::<Method>()?, format!("{intake}/api/v1/{path}"));
        for (name, value) in *headers {
            request = request.header(*name, *value);
        }
        let answer = Answer::read(request.body(body.to_vec()).send().await?).await?;
        assert_eq!(answer.status, *status, "{method} {path}: {}", answer.body);
        if *status == 405 {
            assert!(answer.headers.contains_key("allow"), "{method} {path}");
        } else if *method != "HEAD" {
            assert!(is_documented(&document, method, path, *status), "{method} {path}: {status}");
        }
    }
    // A key that is no text.
    let odd = client
        .post(format!("{intake}/api/v1/reports"))
        .header("idempotency-key", &[0xff_u8; 30][..]);
    let odd = Answer::read(
        odd.header("content-type", "application/json")
            .body("{\"kind\":\"crime\",\"answers\":{}}")
            .send()
            .await?,
    )
    .await?;
    assert_eq!((odd.status, odd.code()), (400, "idempotency_key_wrong"));
    let missing = client.post(format!("{intake}/api/v1/reports/7K4M-2TQ9-2/withdraw"));
    let missing = missing.header("idempotency-key", new_key()).send().await?;
    assert_eq!(Answer::read(missing).await?.code(), "return_code_missing");
    Ok(())
}

/// Whether the document knows this answer of the operation at `path`.
fn is_documented(document: &Value, method: &str, path: &str, status: u16) -> bool {
    let asked: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
    let paths = document["paths"].as_object().into_iter().flatten();
    let mut operations = paths.filter_map(|(template, operations)| {
        let template = template.strip_prefix("/api/v1/")?.split('/').collect::<Vec<_>>();
        let fits = |(part, asked): (&&str, &&str)| part.starts_with('{') || part == asked;
        let same = template.len() == asked.len() && template.iter().zip(&asked).all(fits);
        same.then(|| &operations[method.to_lowercase()])
    });
    operations.any(|operation| operation["responses"][status.to_string()].is_object())
}
