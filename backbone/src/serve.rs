//! One port: connections with limits, until the service ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt as _;

use crate::shutdown::Tasks;

/// Below what a process may usually have open (1,024 files). Who comes later waits in the backlog.
const CONNECTIONS_MAX: usize = 900;
/// How long a client may take over the head of a request, and how long it may say nothing before one.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long to wait when no connection can be taken, as when no file can be opened.
const PAUSE: Duration = Duration::from_millis(50);
/// How often an operator hears that there is no room for more connections.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Serves `routes` until the service ends, and finishes what has begun.
pub async fn serve(listener: TcpListener, routes: Router, tasks: Tasks) {
    serve_within(HEAD_TIME, listener, routes, tasks).await;
}

async fn serve_within(head_time: Duration, listener: TcpListener, routes: Router, tasks: Tasks) {
    let token = tasks.token();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let connections = GracefulShutdown::new();
    let mut told = None;
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_time);
    loop {
        let accepted = tokio::select! {
            biased;
            () = token.cancelled() => break,
            accepted = accept(&listener, &room, &mut told) => accepted,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let routes = routes.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            routes.clone().oneshot(request)
        });
        let connection = connections.watch(builder.serve_connection(TokioIo::new(stream), answer));
        tasks.spawn(async move {
            // A client that breaks off is its own affair.
            connection.await.ok();
            drop(place);
        });
    }
    drop(listener);
    connections.shutdown().await;
}

/// The next connection, with its place among those that may be open. `told`: when an operator last
/// heard that there is none.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
    told: &mut Option<Instant>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    if room.available_permits() == 0 && told.is_none_or(|told| told.elapsed() > TELL_EVERY) {
        tracing::error!(connections = CONNECTIONS_MAX, "alarm: no more connections are taken");
        *told = Some(Instant::now());
    }
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            stream.set_nodelay(true).ok();
            Some((stream, peer, place))
        }
        Err(error) => {
            tracing::warn!(error = %error, "a connection could not be taken");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const HEAD_TIME: Duration = Duration::from_millis(200);

    async fn connected(tasks: &Tasks) -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/", get(|| async { "here" }));
        tasks.spawn(serve_within(HEAD_TIME, listener, routes, tasks.clone()));
        TcpStream::connect(address).await.unwrap()
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_is_hung_up_on() {
        let mut client = connected(&Tasks::default()).await;
        client.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n").await.unwrap();
        let mut said = vec![];
        client.read_to_end(&mut said).await.unwrap();
        assert!(!String::from_utf8_lossy(&said).contains("200"), "{said:?}");
    }

    #[tokio::test]
    async fn the_end_of_the_service_closes_what_is_idle() {
        let tasks = Tasks::default();
        let mut client = connected(&tasks).await;
        client.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
        let mut answer = vec![0; 4096];
        let read = client.read(&mut answer).await.unwrap();
        assert!(String::from_utf8_lossy(&answer[..read]).ends_with("here"));
        tasks.token().cancel();
        assert_eq!(client.read(&mut answer).await.unwrap(), 0);
    }
}
