//! One request, one answer, over HTTP/1.1: what asking for readiness and sending samples takes.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub status: u16,
    pub body: String,
}

pub(crate) fn get(port: u16, path: &str) -> Result<Answer> {
    exchange(port, &format!("GET {path} HTTP/1.1\r\n{}\r\n", headers(port)))
}

/// `more` are headers beside those that every JSON request has, each with its line end.
pub(crate) fn post_json(port: u16, path: &str, more: &str, body: &str) -> Result<Answer> {
    let length = body.len();
    let headers = headers(port);
    exchange(
        port,
        &format!(
            "POST {path} HTTP/1.1\r\n{headers}Content-Type: application/json\r\n\
             Content-Length: {length}\r\n{more}\r\n{body}"
        ),
    )
}

fn headers(port: u16) -> String {
    format!("Host: 127.0.0.1:{port}\r\nConnection: close\r\n")
}

fn exchange(port: u16, request: &str) -> Result<Answer> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut connection = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    connection.set_write_timeout(Some(Duration::from_secs(10)))?;
    connection.write_all(request.as_bytes())?;
    let mut answer = vec![];
    connection.read_to_end(&mut answer)?;
    parse(&String::from_utf8_lossy(&answer)).context("it does not answer in HTTP")
}

fn parse(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_status_and_body() {
        let answer = parse("HTTP/1.1 503 Service Unavailable\r\na: b\r\n\r\n{}\r\n\r\n").unwrap();
        assert_eq!(answer, Answer { status: 503, body: "{}\r\n\r\n".to_owned() });
        assert_eq!(parse("INFO {}\r\n\r\n"), None);
    }
}
