//! What we are compared with: programs of a page each that take the same report over HTTP, validate
//! it with the same form and answer when it is durable. No idempotency, no sealing, no hash chain.

mod naive; // event and outbox row in one transaction per request
mod skeleton; // group commit and nothing else

use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, body};
use intake_service::domain::report;
use intake_service::forms::Forms;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tests::Result;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::crime;
use crate::ground::Scratch;
use crate::options::Kind;

const TABLES: &str = "
    create table if not exists ev (
        seq bigint generated always as identity primary key,
        stream uuid not null,
        version integer not null,
        type text not null,
        at timestamptz not null default now(),
        payload bytea not null,
        unique (stream, version)
    );
    create table if not exists outbox (
        seq bigint generated always as identity primary key,
        event uuid not null,
        subject text not null,
        payload bytea not null
    )";
const TYPE: &str = "report.submitted";

/// A peer in a process of its own; it ends with this value.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) url: String,
    /// Killed when it is dropped.
    _process: Child,
}

impl Peer {
    pub(crate) async fn start(kind: Kind, database: &Scratch) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["peer", kind.name(), "--listen", "127.0.0.1:0", "--database", &database.url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let said = process.stdout.take().context("the peer's output")?;
        let mut lines = BufReader::new(said).lines();
        let address = lines.next_line().await?.context("the peer ended at once")?;
        Ok(Self { url: format!("http://{address}"), _process: process })
    }
}

/// How a peer keeps a report.
#[derive(Debug, Clone)]
enum Store {
    Naive(naive::Store),
    Skeleton(skeleton::Store),
}

#[derive(Debug, Clone)]
struct Site {
    forms: Arc<Forms>,
    store: Store,
}

#[derive(Debug, Deserialize)]
struct Submission {
    kind: String,
    answers: Map<String, Value>,
}

/// Is a peer, until its standard input closes: its parent has ended.
pub(crate) async fn serve(kind: Kind, listen: &str, database: &str) -> Result<()> {
    PgConnection::connect(database).await?.execute(TABLES).await?;
    let store = match kind {
        Kind::Naive => Store::Naive(naive::Store::connect(database).await?),
        Kind::Skeleton => Store::Skeleton(skeleton::Store::connect(database).await?),
    };
    let site = Site { forms: Arc::new(crime::load_forms()?), store };
    let routes = Router::new().route("/api/v1/reports", post(take)).with_state(site);
    let listener = tokio::net::TcpListener::bind(listen).await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    let (ended, parent_ends) = oneshot::channel();
    std::thread::spawn(move || {
        // Nothing is ever written to it.
        std::io::stdin().read_exact(&mut [0]).ok();
        ended.send(()).ok();
    });
    tokio::select! {
        served = axum::serve(listener, routes).into_future() => Ok(served?),
        _ = parent_ends => Ok(()),
    }
}

async fn take(State(site): State<Site>, body: body::Bytes) -> Response {
    let Ok(submission) = serde_json::from_slice::<Submission>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(form) = site.forms.get(&submission.kind) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if report::check(form, &submission.answers, crime::local_now()).is_err() {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let id = Uuid::new_v4();
    let kept = match &site.store {
        Store::Naive(store) => store.keep(id, &body).await,
        Store::Skeleton(store) => store.keep(id, body).await,
    };
    match kept {
        Ok(()) => (StatusCode::CREATED, Json(json!({ "report_id": id }))).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
