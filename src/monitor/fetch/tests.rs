//! Services that mean harm or are broken, each on a free port of this machine.

use std::{future::Future, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use url::Url;

use super::{Answer, Failure, Fetcher, MAX_HEALTH_BYTES, Secret, Way, names::allowed};
use crate::{monitor::Reach, project::Tls};

/// Serves every connection with `serve` after its request was read; gives its address.
async fn server<Served>(serve: fn(TcpStream) -> Served) -> Url
where
    Served: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 2048];
                if stream.read(&mut request).await.is_ok() {
                    // The client hangs up on most of these; that is the point.
                    serve(stream).await.ok();
                }
            });
        }
    });
    format!("http://{address}/health").parse().unwrap()
}

async fn get_within(url: &Url, limit: Duration) -> Result<Answer, Failure> {
    Fetcher::new().get(url, None, limit, MAX_HEALTH_BYTES).await
}

async fn get(url: &Url) -> Result<Answer, Failure> {
    get_within(url, Duration::from_secs(20)).await
}

async fn fails(url: &Url) -> (Reach, String) {
    let failure = get(url).await.unwrap_err();
    (failure.reach, failure.message)
}

async fn respond(mut stream: TcpStream, text: &str) -> std::io::Result<()> {
    stream.write_all(text.as_bytes()).await
}

#[tokio::test]
async fn a_plain_answer_comes_with_its_time() {
    let url = server(|it| async {
        respond(it, "HTTP/1.1 503 Oh\r\nRetry-After: 7\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok").await
    });
    let answer = get(&url.await).await.unwrap();
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (503, b"ok".as_slice())
    );
    assert_eq!(answer.content_type, "text/plain");
    assert_eq!(answer.retry_after, Some(Duration::from_secs(7)));
    assert!(answer.latency_ms > 0.0);
}

#[tokio::test]
async fn a_service_that_never_answers_is_given_up() {
    let url = server(|stream| async {
        std::future::pending::<()>().await;
        drop(stream);
        Ok(())
    })
    .await;
    let failure = get_within(&url, Duration::from_millis(50))
        .await
        .unwrap_err();
    assert_eq!(failure.reach, Reach::TimedOut);
    assert_eq!(failure.message, "no complete answer within 50 ms");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_sends_a_byte_at_a_time_is_given_up() {
    let url = server(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        loop {
            stream.write_all(b"x").await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    assert_eq!(fails(&url).await.0, Reach::TimedOut);
}

#[tokio::test]
async fn a_gigabyte_is_not_read_whether_it_is_announced_or_not() {
    let announced = server(|it| async {
        respond(it, "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n").await
    })
    .await;
    let message = "the answer is longer than 256 KiB, reading was stopped".to_owned();
    assert_eq!(fails(&announced).await, (Reach::TooLarge, message.clone()));
    let endless = server(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        loop {
            stream.write_all(&[b'x'; 16 * 1024]).await?;
        }
    })
    .await;
    assert_eq!(fails(&endless).await, (Reach::TooLarge, message));
}

#[tokio::test]
async fn an_answer_that_unpacks_into_too_much_is_not_read() {
    // A megabyte of zeros in a stored-less gzip stream is a thousand bytes on the wire.
    let url = server(|mut stream| async move {
        let packed = gzip_of_zeros(64);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            packed.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&packed).await
    })
    .await;
    assert_eq!(fails(&url).await.0, Reach::TooLarge);
}

#[tokio::test]
async fn headers_without_end_are_not_read() {
    let url = server(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        loop {
            stream.write_all(b"X-More: and more\r\n").await?;
        }
    })
    .await;
    assert_eq!(fails(&url).await.0, Reach::TooLarge);
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let url = server(|it| async {
        respond(
            it,
            "HTTP/1.1 302 Found\r\nLocation: /health\r\nContent-Length: 0\r\n\r\n",
        )
        .await
    })
    .await;
    let message = format!("redirects to itself, {url}; redirects are not followed");
    assert_eq!(fails(&url).await, (Reach::Blocked, message));
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_told_apart_from_one_refused() {
    let url = server(|it| async {
        respond(it, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").await
    })
    .await;
    assert_eq!(fails(&url).await.0, Reach::Reset);
    let hung_up = server(|_| async { Ok(()) }).await;
    assert_eq!(fails(&hung_up).await.0, Reach::Reset);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let nobody = format!("http://{address}/").parse().unwrap();
    let refused = (Reach::Refused, "connection refused".to_owned());
    assert_eq!(fails(&nobody).await, refused);
}

#[tokio::test]
async fn what_is_no_http_makes_no_sense() {
    let url = server(|it| async { respond(it, "SSH-2.0-OpenSSH_9.2\r\n\r\n").await }).await;
    assert_eq!(fails(&url).await.0, Reach::Unparseable);
    let mut encrypted = url.clone();
    encrypted.set_scheme("https").unwrap();
    assert_eq!(fails(&encrypted).await.0, Reach::TlsFailed);
}

#[tokio::test]
async fn addresses_that_hand_out_credentials_are_not_asked() {
    for text in [
        "http://169.254.169.254/latest",
        "http://[fe80::1]/",
        "http://0/",
    ] {
        let (reach, message) = fails(&text.parse().unwrap()).await;
        assert_eq!(reach, Reach::Blocked, "{text}");
        assert!(message.contains("never asked"), "{message}");
    }
    let to = |ip: &str| format!("{ip}:80").parse().unwrap();
    let some = allowed("x.test", vec![to("169.254.169.254"), to("10.0.0.1")]).unwrap();
    assert_eq!(some, [to("10.0.0.1")]);
    let none = allowed("x.test", vec![to("169.254.169.254")]).unwrap_err();
    assert!(
        none.to_string()
            .starts_with("x.test (169.254.169.254) is a link-local")
    );
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_said_to_be_unknown() {
    // No name server is asked for a label that is too long for DNS.
    let name = format!("{}.invalid", "x".repeat(70));
    let url = format!("http://{name}/").parse().unwrap();
    let unknown = (Reach::NameUnknown, format!("the name {name} is unknown"));
    assert_eq!(fails(&url).await, unknown);
}

#[tokio::test]
async fn a_service_that_sends_the_secret_back_does_not_get_it_shown() {
    let url = server(|it| async {
        respond(
            it,
            "HTTP/1.1 200 OK\r\nX-Seen: Bearer top-secret\r\nContent-Length: 22\r\n\r\nyou are top-secret. Hm",
        )
        .await
    });
    let (url, secret) = (url.await, Secret::new("Bearer top-secret"));
    let limit = Duration::from_secs(20);
    let fetcher = Fetcher::new();
    let answer = fetcher.get(&url, secret.as_ref(), limit, 1000).await;
    let answer = answer.unwrap();
    assert_eq!(answer.body, b"you are ***. Hm");
    assert!(!format!("{answer:?}").contains("top-secret"));

    let to_itself = server(|it| async {
        respond(it, "HTTP/1.1 302 Found\r\nLocation: /?top-secret\r\n\r\n").await
    });
    let url = to_itself.await;
    let failure = fetcher.get(&url, secret.as_ref(), limit, 1000);
    let message = failure.await.unwrap_err().message;
    assert!(message.contains("/?***; redirects"), "{message}");
}

async fn fails_through(way: Way) -> (Reach, String) {
    let url = "https://127.0.0.1:1/".parse().unwrap();
    let limit = Duration::from_secs(20);
    let fetcher = Fetcher::through(&way);
    let failure = fetcher.get(&url, None, limit, 1000).await.unwrap_err();
    (failure.reach, failure.message)
}

#[tokio::test]
#[allow(
    clippy::disallowed_methods,
    reason = "a test writes the files that it reads"
)]
async fn a_file_of_certificates_that_cannot_be_used_is_said_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.pem"), "nothing").unwrap();
    let section = |it: &str| format!("-----BEGIN {it}-----\nAAAA\n-----END {it}-----\n");
    let locked = section("CERTIFICATE") + &section("ENCRYPTED PRIVATE KEY");
    std::fs::write(folder.path().join("locked.pem"), locked).unwrap();
    let cases = [
        (["no.pem", "", ""], "ca_file no.pem: there is no such file"),
        ([".", "", ""], "ca_file .: it is no file"),
        (
            ["empty.pem", "", ""],
            "ca_file empty.pem: there is no certificate in it",
        ),
        (
            ["", "empty.pem", ""],
            "certificate_file empty.pem: there is no certificate in it",
        ),
        (
            ["", "", "key.pem"],
            "key_file needs a certificate_file beside it",
        ),
        (
            ["", "locked.pem", ""],
            "certificate_file locked.pem: the key is locked with a password; give one without",
        ),
    ];
    for ([ca, certificate, key], message) in cases {
        let tls = Tls {
            ca_file: ca.to_owned(),
            certificate_file: certificate.to_owned(),
            key_file: key.to_owned(),
            ..Tls::default()
        };
        let way = Way {
            tls: Some(tls),
            folder: folder.path().to_owned(),
            ..Way::default()
        };
        let expected = (Reach::TlsFailed, message.to_owned());
        assert_eq!(fails_through(way).await, expected);
    }
}

#[tokio::test]
async fn a_server_name_that_were_an_address_would_be_gone_to_and_is_refused() {
    for name in ["10.0.0.1", "0x7f.1", "[::1]", "a b"] {
        let tls = Tls {
            server_name: name.to_owned(),
            ..Tls::default()
        };
        let way = Way {
            tls: Some(tls),
            host: "127.0.0.1".to_owned(),
            ..Way::default()
        };
        let (reach, message) = fails_through(way).await;
        assert_eq!(reach, Reach::TlsFailed);
        assert_eq!(message, format!("server_name {name}: it is no host name"));
    }
}

#[tokio::test]
async fn a_proxy_is_told_the_whole_address_and_asked_for_no_metadata() {
    let proxy =
        server(|it| async { respond(it, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nvia").await });
    let through = |proxy: &str| {
        Fetcher::through(&Way {
            proxy: proxy.to_owned(),
            ..Way::default()
        })
    };
    let limit = Duration::from_secs(20);
    let fetcher = through(proxy.await.origin().ascii_serialization().as_str());
    let ask = async |fetcher: &Fetcher, url: &str| {
        fetcher.get(&url.parse().unwrap(), None, limit, 1000).await
    };
    // The name leads nowhere here: only the proxy looks it up.
    let answer = ask(&fetcher, "http://shop.invalid/health").await;
    assert_eq!(answer.unwrap().body, b"via");
    for url in [
        "http://169.254.169.254/",
        "http://metadata.google.internal/",
    ] {
        let failure = ask(&fetcher, url).await.unwrap_err();
        assert_eq!(failure.reach, Reach::Blocked, "{url}");
    }
    for proxy in [
        "http://169.254.169.254:3128",
        "socks5://127.0.0.1",
        "http://u:top@127.0.0.1",
    ] {
        let failure = ask(&through(proxy), "http://shop.invalid/").await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.reach, Reach::Blocked, "{proxy}");
        assert!(!failure.message.contains("top"), "{failure}");
    }
}

/// So many megabytes of zeros, packed by hand: one block of a literal zero and copies
/// of the 258 bytes before, with the fixed codes of RFC 1951.
fn gzip_of_zeros(megabytes: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    // The literal 0 is 00110000, most significant bit first.
    bits.push(0b0000_1100, 8);
    for _ in 0..megabytes * 4096 {
        // Length 258 is code 285 = 11000101; distance 1 is code 0 = 00000.
        bits.push(0b1010_0011, 8);
        bits.push(0, 5);
    }
    bits.push(0, 7);
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    packed.extend(bits.bytes);
    packed
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    free: u32,
}

impl Bits {
    /// Adds bits, the least significant first.
    fn push(&mut self, bits: u32, count: u32) {
        for position in 0..count {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            let bit = u8::from(bits >> position & 1 == 1);
            let last = self.bytes.len() - 1;
            self.bytes[last] |= bit << (8 - self.free);
            self.free -= 1;
        }
    }
}
