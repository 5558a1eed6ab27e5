//! Health checks against a server that knows just enough of HTTP/2 to answer them.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::check;
use crate::monitor::{
    Health, Reach,
    address::parse_target,
    fetch::{Failure, Fetcher},
    store::PathReading,
};

const GRPC: (&str, &str) = ("content-type", "application/grpc");
const PATIENCE: Duration = Duration::from_secs(20);

/// What a server answers: an HTTP status as HPACK's static table has it, headers, a
/// message, and what follows it.
#[derive(Clone, Copy)]
struct Script {
    status: u8,
    headers: &'static [(&'static str, &'static str)],
    message: Option<&'static [u8]>,
    trailers: &'static [(&'static str, &'static str)],
}

const OK: u8 = 0x88;
const NOT_FOUND: u8 = 0x8d;

/// An answer with this serving status.
const fn serving(message: &'static [u8]) -> Script {
    Script {
        status: OK,
        headers: &[GRPC],
        message: Some(message),
        trailers: &[("grpc-status", "0")],
    }
}

/// A refusal, in headers alone.
const fn refusing(headers: &'static [(&'static str, &'static str)]) -> Script {
    Script {
        status: OK,
        headers,
        message: None,
        trailers: &[],
    }
}

/// RFC 9113, section 4.1.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags, 0, 0, 0, stream]);
    frame.extend_from_slice(payload);
    frame
}

/// RFC 7541, section 6.2.2: literals with new names, neither indexed nor compressed.
fn literals(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for text in fields
        .iter()
        .flat_map(|(name, value)| [(0, *name), (1, *value)])
    {
        if text.0 == 0 {
            block.push(0);
        }
        block.push(u8::try_from(text.1.len()).unwrap());
        block.extend_from_slice(text.1.as_bytes());
    }
    block
}

/// Reads frames up to the end of the question; its message, which names the service.
async fn question(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await?;
        if head[3] == 0 && !payload.is_empty() {
            return Ok(payload);
        }
    }
}

async fn answer(mut stream: TcpStream, script: Script) -> std::io::Result<()> {
    // Settings of our own, and that theirs are taken.
    stream.write_all(&frame(4, 0, 0, &[])).await?;
    stream.write_all(&frame(4, 1, 0, &[])).await?;
    question(&mut stream).await?;
    let mut block = vec![script.status];
    block.extend(literals(script.headers));
    let is_all = script.message.is_none();
    stream
        .write_all(&frame(1, 4 | u8::from(is_all), 1, &block))
        .await?;
    if let Some(message) = script.message {
        let mut data = vec![0];
        data.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        data.extend_from_slice(message);
        stream.write_all(&frame(0, 0, 1, &data)).await?;
        let trailers = literals(script.trailers);
        stream.write_all(&frame(1, 5, 1, &trailers)).await?;
    }
    // Until the client hangs up.
    stream.read_to_end(&mut Vec::new()).await?;
    Ok(())
}

async fn server(script: Script) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, script));
        }
    });
    format!("grpc://{address}")
}

async fn checked(address: &str, limit: Duration) -> Result<PathReading, Failure> {
    let url = parse_target(address).unwrap();
    check(&Fetcher::new(), &url, "orders.v1.Orders", None, limit).await
}

async fn health(script: Script) -> (Option<Health>, String) {
    let read = checked(&server(script).await, PATIENCE).await.unwrap();
    assert!(read.reading.is_explicit && read.latency_ms > 0.0);
    (read.reading.health, read.reading.raw)
}

async fn failure(script: Script) -> (Reach, String) {
    let failure = checked(&server(script).await, PATIENCE).await.unwrap_err();
    (failure.reach, failure.message)
}

#[tokio::test]
async fn every_word_of_the_protocol_has_its_health() {
    let said = |health, word: &str| (Some(health), word.to_owned());
    let of = |message| health(serving(message));
    assert_eq!(of(&[8, 1]).await, said(Health::Up, "SERVING"));
    assert_eq!(of(&[8, 2]).await, said(Health::Down, "NOT_SERVING"));
    assert_eq!(of(&[8, 3]).await, said(Health::Unknown, "SERVICE_UNKNOWN"));
    assert_eq!(of(&[]).await, said(Health::Unknown, "UNKNOWN"));
    assert_eq!(of(&[8, 99]).await, said(Health::Unknown, "UNKNOWN"));
}

#[tokio::test]
async fn a_refusal_is_told_from_being_down() {
    let unknown = failure(refusing(&[GRPC, ("grpc-status", "5")])).await;
    let message = "the server knows no service \"orders.v1.Orders\"";
    assert_eq!(unknown, (Reach::NotFound, message.to_owned()));
    let lacking = failure(refusing(&[GRPC, ("grpc-status", "12")])).await;
    assert_eq!(lacking.0, Reach::NotFound);
    assert!(lacking.1.contains("no health check"), "{}", lacking.1);
    for code in [
        &[GRPC, ("grpc-status", "16")],
        &[GRPC, ("grpc-status", "7")],
    ] {
        assert_eq!(failure(refusing(code)).await.0, Reach::AuthDenied);
    }
    let busy = refusing(&[GRPC, ("grpc-status", "14"), ("grpc-message", "no upstream")]);
    let down = (Some(Health::Down), "Unavailable: no upstream".to_owned());
    assert_eq!(health(busy).await, down);
}

#[tokio::test]
async fn an_answer_that_is_no_grpc_is_said() {
    let page = refusing(&[("content-type", "text/html")]);
    assert_eq!(failure(page).await.0, Reach::Unparseable);
    let nothing = Script {
        status: NOT_FOUND,
        ..page
    };
    assert_eq!(failure(nothing).await.0, Reach::NotFound);
    let long = serving(&[b'x'; 5000]);
    assert_eq!(failure(long).await.0, Reach::TooLarge);
}

#[tokio::test]
async fn nobody_there_and_nobody_allowed_are_kinds_of_their_own() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("grpc://{}", closed.local_addr().unwrap());
    let silent = checked(&address, Duration::from_millis(50)).await;
    assert_eq!(silent.unwrap_err().reach, Reach::TimedOut);
    drop(closed);
    let refused = checked(&address, PATIENCE).await.unwrap_err();
    assert_eq!(refused.reach, Reach::Refused);
    let metadata = checked("grpc://169.254.169.254:80", PATIENCE).await;
    assert_eq!(metadata.unwrap_err().reach, Reach::Blocked);
}
