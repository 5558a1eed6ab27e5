//! Recording and its table, as the real program in a fresh folder.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

use crate::cli::{code, json, run, said};

const PATIENCE: Duration = Duration::from_secs(90);
const TOKEN: &str = "token-that-nobody-may-keep";
const PASSWORD: &str = "password-in-an-answer";

/// Answers every request with a body that says more than it should.
async fn answer(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer_all(stream));
    }
}

async fn answer_all(mut stream: TcpStream) {
    let body = format!(
        r#"{{"status":"UP","components":{{"db":{{"status":"UP","details":{{"password":"{PASSWORD}"}}}}}}}}"#
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut request = [0; 4096];
    while let Ok(1..) = stream.read(&mut request).await {
        if stream.write_all(answer.as_bytes()).await.is_err() {
            break;
        }
    }
}

/// A folder with a project of one service, and what lets that service answer.
struct Watched {
    folder: TempDir,
    _runtime: Runtime,
}

impl Watched {
    fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A project of one service that answers, asked every second.
fn with_service() -> Watched {
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(answer(listener));
    let folder = tempfile::tempdir().unwrap();
    let target = json!({
        "instances": [address],
        "health_path": "/actuator/health",
        "interval_ms": 1000,
        "credential": {"bearer-from-environment": "HISTORY_TEST_TOKEN"},
    });
    let project = json!({
        "meshboard": 1,
        "services": {"web": {}},
        "environments": {"local": {"targets": {"web": target}}},
    });
    let mut file = fs::File::create(folder.path().join("x.meshboard.json")).unwrap();
    file.write_all(project.to_string().as_bytes()).unwrap();
    Watched {
        folder,
        _runtime: runtime,
    }
}

fn record(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_meshboard"))
        .args(["watch", "x.meshboard.json", "--record", "--seconds", "300"])
        .env("HISTORY_TEST_TOKEN", TOKEN)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn samples(folder: &Path) -> Vec<Value> {
    let words = ["history", "x.meshboard.json", "--format", "json"];
    let output = run(folder, &words);
    if code(&output) != 0 {
        return Vec::new();
    }
    json(&output)["rows"].as_array().unwrap().clone()
}

/// Waits until there are so many samples.
fn until_samples(folder: &Path, count: usize) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let samples = samples(folder);
        if samples.len() >= count {
            return samples;
        }
        assert!(start.elapsed() < PATIENCE, "{} samples", samples.len());
        std::thread::yield_now();
    }
}

#[test]
fn what_was_recorded_survives_a_kill_in_the_middle_of_it() {
    let folder = with_service();
    let project = fs::read(folder.path().join("x.meshboard.json")).unwrap();
    let mut recording = record(folder.path());
    let before = until_samples(folder.path(), 3);
    recording.kill().unwrap();
    recording.wait().unwrap();

    let file = folder.path().join("x.history.sqlite");
    let connection = rusqlite::Connection::open(&file).unwrap();
    let intact: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(intact, "ok");
    drop(connection);
    let after = samples(folder.path());
    assert_eq!(after[..before.len()], before, "nothing written is lost");
    assert_eq!(after[0]["service"], "web");
    assert_eq!(after[0]["health"], "up");
    assert!(after[0]["latency_ms"].as_f64().unwrap() > 0.0);
    let now = fs::read(folder.path().join("x.meshboard.json")).unwrap();
    assert_eq!(now, project, "the project is as it was");

    let mut recording = record(folder.path());
    until_samples(folder.path(), after.len() + 1);
    recording.kill().unwrap();
    recording.wait().unwrap();
}

#[test]
fn no_secret_gets_into_the_file() {
    let folder = with_service();
    let mut recording = record(folder.path());
    until_samples(folder.path(), 2);
    recording.kill().unwrap();
    recording.wait().unwrap();
    let mut bytes = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let contents = fs::read(&path).unwrap();
        bytes += contents.len();
        for secret in [TOKEN, PASSWORD] {
            let is_there = contents
                .windows(secret.len())
                .any(|it| it == secret.as_bytes());
            assert!(!is_there, "{secret} in {}", path.display());
        }
    }
    assert!(bytes > 10_000, "{bytes} bytes looked through");
}

#[test]
fn a_project_of_which_nothing_was_recorded_says_how_to_record() {
    let folder = with_service();
    let words = ["history", "x.meshboard.json", "--format", "csv"];
    let output = run(folder.path(), &words);
    assert_eq!(code(&output), 2);
    let text = said(&output);
    assert!(text.contains("--record"), "{text}");
    assert!(!folder.path().join("x.history.sqlite").exists());
}
