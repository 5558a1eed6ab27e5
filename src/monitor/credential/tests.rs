//! Secrets that are sent, and do not come out again.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{Secrets, base64};
use crate::{
    model::{EnvironmentId, ServiceId, testing::model},
    monitor::{Consent, Health, MonitorPlan, fetch::Secret, poll_once},
    project::{Credential, Environment, Project, Target},
};

#[test]
fn basic_credentials_are_encoded_as_the_standard_says() {
    let cases = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("u:pässword", "dTpww6Rzc3dvcmQ="),
    ];
    for (plain, encoded) in cases {
        assert_eq!(base64(plain.as_bytes()), encoded);
    }
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let credential = Credential::BearerFromEnvironment("MESHBOARD_NOT_SET".to_owned());
    let (secret, note) = Secrets::default().find(Some(&credential));
    assert!(secret.is_none());
    let note = note.unwrap();
    assert_eq!(
        note,
        "the environment variable MESHBOARD_NOT_SET is not set, asked without it"
    );
}

/// A program that answers with this body, and with it in a header.
async fn echo(body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap_or(0);
            let sent = String::from_utf8_lossy(&request[..length]).into_owned();
            let is_sent = sent.contains("authorization: Bearer top-secret\r\n");
            let status = if is_sent { "503 top-secret" } else { "401 No" };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nX-Sent: top-secret\r\nContent-Length: {length}\r\n\r\n"
            );
            stream.write_all((head + body).as_bytes()).await.ok();
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn a_secret_that_comes_back_is_in_no_snapshot() {
    let bodies = [
        r#"{"status":"top-secret"}"#,
        r#"{"status":"t\u006fp-secret"}"#,
        r#"{"status":"to\u200bp-secret"}"#,
        r#"{"status":"DOWN","components":{"top-secret":{"status":"top-secret"}}}"#,
        r#"{"circuitBreakers":{"to top-secret":{"state":"OPEN"}}}"#,
        "no such user: top-secret",
    ];
    let mut addresses = Vec::new();
    for body in bodies {
        addresses.push(echo(body).await);
    }
    let target = Target {
        instances: addresses,
        ..Target::default()
    };
    let service = ServiceId::new("a").unwrap();
    let environment = Environment {
        targets: [(service.clone(), target)].into_iter().collect(),
        ..Environment::default()
    };
    let id = EnvironmentId::new("here").unwrap();
    let project = Project {
        model: model("x(a)"),
        environments: [(id.clone(), Arc::new(environment))].into_iter().collect(),
        ..Project::default()
    };
    let mut plan = MonitorPlan::new(&project, &id, &Consent::default()).unwrap();
    for probe in &mut plan.probes {
        probe.secret = Secret::new("Bearer top-secret");
    }
    assert!(!format!("{plan:?}").contains("top-secret"));
    let snapshot = poll_once(plan, Duration::from_secs(30)).await;
    let shown = format!("{snapshot:?}");
    assert!(!shown.contains("top-secret"), "{shown}");
    assert!(shown.contains("***") && shown.contains("to ***"), "{shown}");
    assert_eq!(snapshot.services[&service].health, Health::Down);
}
