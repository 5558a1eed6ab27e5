//! Telling a chat of incidents: one POST of Slack-compatible JSON for each notice.
//!
//! `text` is what every receiver shows (Slack, Mattermost, Rocket.Chat, Discord under
//! `/slack`); `attachments` add a color and fields where they are understood. The
//! address of such a webhook is a secret, because whoever has it can post.
//! Format: Slack's incoming webhooks, with its escapes of `&`, `<` and `>`.

use std::{fmt::Write as _, time::Duration};

use jiff::Timestamp;
use reqwest::{Client, StatusCode, header::RETRY_AFTER};
use serde_json::{Value, json};
use tokio::time::sleep;
use url::Url;

use super::{Incident, Notice, address::parse_address, fetch, format::display_text};
use crate::model::{Model, ServiceId};

/// How often a notice is sent before it is given up.
const ATTEMPTS: u32 = 4;
/// One attempt may take so long.
const LIMIT: Duration = Duration::from_secs(10);
/// The longest wait that a receiver may ask for.
const MAX_WAIT: Duration = Duration::from_mins(2);
/// Names that are listed before the rest is counted.
const MAX_NAMES: usize = 12;

/// Why a notice did not arrive. Says nothing of the address, which is a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The address cannot be used.
    #[error("the webhook's address cannot be used: {0}")]
    Address(String),
    /// Nobody took it.
    #[error("the webhook did not take a notice: {0}")]
    Refused(String),
}

/// Where notices go.
#[derive(Clone)]
pub struct Webhook {
    url: Url,
    client: Client,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Webhook(…)")
    }
}

impl Webhook {
    /// A webhook by its whole address, such as `https://hooks.slack.com/services/…`.
    pub fn new(address: &str) -> Result<Self, WebhookError> {
        let url = parse_address(address).map_err(|it| WebhookError::Address(it.to_string()))?;
        fetch::check_literal(&url).map_err(|it| WebhookError::Address(it.message))?;
        let client = fetch::plain_client().map_err(|it| WebhookError::Address(it.message))?;
        Ok(Self { url, client })
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Sends a notice; tries again while the receiver is busy or away.
    pub async fn send(&self, notice: &Notice, model: &Model) -> Result<(), WebhookError> {
        let body = message(notice, model).to_string();
        let mut wait = Duration::from_secs(1);
        let mut last = String::new();
        for attempt in 1..=ATTEMPTS {
            let request = self
                .client
                .post(self.url.clone())
                .timeout(LIMIT)
                .header("content-type", "application/json")
                .body(body.clone());
            match request.send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => {
                    let status = answer.status();
                    last = format!("HTTP {}", status.as_u16());
                    let is_busy =
                        status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
                    if !is_busy {
                        break;
                    }
                    let wished = answer.headers().get(RETRY_AFTER);
                    let wished = wished.and_then(|it| it.to_str().ok()?.parse().ok());
                    wait = wished.map_or(wait, Duration::from_secs).min(MAX_WAIT);
                }
                Err(error) => last = display_text(&error.without_url().to_string()),
            }
            if attempt < ATTEMPTS {
                sleep(wait).await;
                wait = (wait * 2).min(MAX_WAIT);
            }
        }
        Err(WebhookError::Refused(last))
    }
}

/// A notice as JSON.
fn message(notice: &Notice, model: &Model) -> Value {
    let incident = notice.incident();
    let (color, headline) = match notice {
        Notice::Began(_) => ("#c62828", summary_of(incident)),
        Notice::Ended(_) => {
            let seconds = lasted(incident);
            (
                "#2e7d32",
                format!("Over after {seconds}: {}", incident.summary),
            )
        }
    };
    let headline = escaped(&headline);
    let mut fields = Vec::new();
    let mut field = |title: &str, value: String| {
        if !value.is_empty() {
            fields.push(json!({ "title": title, "value": escaped(&value), "short": false }));
        }
    };
    field("Impacted", names(model, &incident.impacted));
    field("Still works, but needs it", names(model, &incident.at_risk));
    let routes = incident.routes.iter().filter_map(|it| model.routes.get(it));
    field("Routes", listed(routes.map(|it| it.label())));
    field("Since", incident.since.to_string());
    let name = if model.name.is_empty() {
        "Meshboard"
    } else {
        &model.name
    };
    json!({
        "text": format!("{}: {headline}", escaped(name)),
        "attachments": [{ "color": color, "fallback": headline, "fields": fields }],
    })
}

fn summary_of(incident: &Incident) -> String {
    match incident.impacted.len() {
        0 => incident.summary.clone(),
        1 => format!("{}, 1 other service is impacted", incident.summary),
        count => format!("{}, {count} other services are impacted", incident.summary),
    }
}

/// `2 min 5 s`.
fn lasted(incident: &Incident) -> String {
    let until = incident.until.unwrap_or_else(Timestamp::now);
    let seconds = until.duration_since(incident.since).as_secs().max(0);
    match (seconds / 3600, seconds % 3600 / 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

fn names(model: &Model, ids: &[ServiceId]) -> String {
    listed(ids.iter().map(|it| model.service_name(it).to_owned()))
}

/// The first dozen, and how many more there are.
fn listed(names: impl Iterator<Item = String>) -> String {
    let all: Vec<_> = names.collect();
    let shown = all.iter().take(MAX_NAMES).map(String::as_str);
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if all.len() > MAX_NAMES {
        // Writing to a string cannot fail.
        write!(text, " and {} more", all.len() - MAX_NAMES).ok();
    }
    text
}

/// Slack reads `<…>` as links and mentions, such as `<!channel>`.
fn escaped(text: &str) -> String {
    let text = display_text(text);
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::{Webhook, message};
    use crate::{
        model::{ServiceId, testing::model},
        monitor::{Incident, Notice},
    };

    fn incident() -> Incident {
        let ids = |names: &[&str]| names.iter().map(|it| ServiceId::new(it).unwrap()).collect();
        Incident {
            id: 1,
            causes: ids(&["db"]),
            impacted: ids(&["orders"]),
            path: ids(&["db", "orders"]),
            at_risk: ids(&["web"]),
            routes: Vec::new(),
            since: "2026-03-01T10:00:00Z".parse().unwrap(),
            until: None,
            summary: "db is down (<!channel> & more)".to_owned(),
        }
    }

    #[test]
    fn a_notice_says_what_happened_whom_it_hit_and_mentions_nobody() {
        let model = model("x(web, orders, db); web -> orders; orders -> db");
        let began = message(&Notice::Began(incident()), &model).to_string();
        assert!(
            began.contains("db is down (&lt;!channel&gt; &amp; more)"),
            "{began}"
        );
        assert!(began.contains("1 other service is impacted"), "{began}");
        assert!(
            began.contains(r#""title":"Impacted","value":"orders""#),
            "{began}"
        );
        assert!(began.contains(r#""value":"web""#), "{began}");
        let until = Some("2026-03-01T10:02:05Z".parse().unwrap());
        let ended = message(
            &Notice::Ended(Incident {
                until,
                ..incident()
            }),
            &model,
        )
        .to_string();
        assert!(
            ended.contains("Over after 2 min 5 s: db is down"),
            "{ended}"
        );
    }

    /// A receiver that answers each request with the next status; gives the bodies it got.
    async fn receiver(statuses: &'static [u16]) -> (String, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!(
            "http://{}/services/T0/secret",
            listener.local_addr().unwrap()
        );
        let task = tokio::spawn(async move {
            let mut bodies = Vec::new();
            for status in statuses {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                while !request.windows(4).any(|it| it == b"}]}]") && !request.ends_with(b"}]}") {
                    let mut part = vec![0; 4096];
                    let length = stream.read(&mut part).await.unwrap();
                    request.extend_from_slice(&part[..length]);
                    if length == 0 {
                        break;
                    }
                }
                bodies.push(String::from_utf8(request).unwrap());
                let answer = format!(
                    "HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            bodies
        });
        (address, task)
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_receiver_gets_it_again_and_a_refusal_is_told_without_the_address() {
        let model = model("x(web, orders, db)");
        let (address, task) = receiver(&[503, 200]).await;
        let webhook = Webhook::new(&address).unwrap();
        webhook
            .send(&Notice::Began(incident()), &model)
            .await
            .unwrap();
        let bodies = task.await.unwrap();
        assert_eq!(bodies.len(), 2);
        assert!(
            bodies[1].starts_with("POST /services/T0/secret HTTP/1.1"),
            "{}",
            bodies[1]
        );

        let (address, _task) = receiver(&[404]).await;
        let webhook = Webhook::new(&address).unwrap();
        let error = webhook
            .send(&Notice::Began(incident()), &model)
            .await
            .unwrap_err();
        let told = format!("{error} {webhook:?}");
        assert!(
            told.contains("HTTP 404") && !told.contains("secret"),
            "{told}"
        );
    }

    #[test]
    fn a_metadata_address_is_no_webhook() {
        assert!(Webhook::new("http://169.254.169.254/latest").is_err());
        assert!(Webhook::new("ftp://127.0.0.1/x").is_err());
    }
}
