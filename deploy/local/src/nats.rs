//! The broker: on a port of its own, with its store in the stack's folder.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use crate::layout::Layout;
use crate::nats_config::{self, server_name};
use crate::process::{Identity, Launch, launch};
use crate::secrets;
use crate::servers;
use crate::state::State;
use crate::up::Stack;

pub(crate) const NAME: &str = "nats";

/// It reads its streams back before it listens.
const READY_LIMIT: Duration = Duration::from_mins(1);

/// Starts the broker if it does not run, and waits until it takes connections.
pub(crate) fn start(stack: &Stack, state: &mut State) -> Result<()> {
    let layout = &stack.layout;
    let port = state.port(NAME)?;
    let process = match state.alive(NAME) {
        Some(process) => process.clone(),
        None => launch_anew(stack, state, port)?,
    };
    let log = layout.log(NAME);
    stack.wait_for("NATS", READY_LIMIT, &log, &process, || is_ready(layout, port))
}

fn launch_anew(stack: &Stack, state: &mut State, port: u16) -> Result<Identity> {
    let layout = &stack.layout;
    let program = servers::nats(stack)?;
    nats_config::write(layout, port)?;
    let command = vec![program.into(), "-c".into(), layout.nats_config().into()];
    let process = launch(&Launch { command, env: vec![], log: &layout.log(NAME) })?;
    state.started(layout, NAME, process.clone())?;
    Ok(process)
}

/// It greets who connects with its name and what it can do.
fn is_ready(layout: &Layout, port: u16) -> Result<(), String> {
    let greeting = greeting(port).map_err(|error| error.to_string())?;
    let is_ours = greeting.contains(&format!("\"{}\"", server_name(layout)));
    if is_ours && greeting.contains("\"jetstream\":true") {
        Ok(())
    } else {
        Err(format!("port {port} answers as something else: {}", greeting.trim()))
    }
}

fn greeting(port: u16) -> std::io::Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let connection = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    connection.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut line = String::new();
    BufReader::new(connection).read_line(&mut line)?;
    Ok(line)
}

/// Without a user: services are told theirs apart from the address.
pub(crate) fn url(state: &State) -> Result<String> {
    Ok(format!("nats://127.0.0.1:{}", state.port(NAME)?))
}

pub(crate) fn url_of(layout: &Layout, state: &State, user: &str) -> Result<String> {
    let password = secrets::nats_password(layout, user)?;
    Ok(format!("nats://{user}:{password}@127.0.0.1:{}", state.port(NAME)?))
}

/// Stops the broker; it writes down what it has.
pub(crate) fn stop(process: &Identity) {
    process.stop(&[(Signal::TERM, Duration::from_secs(15))]);
}
