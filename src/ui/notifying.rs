//! Telling of incidents outside the window: on the desktop, and by a webhook.
//!
//! Runs beside the window, so that a hidden one tells too. What cannot be told is said
//! in the window once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{
    command::Command,
    tasks::{Job, Tasks},
};
use crate::{
    model::Model,
    monitor::{Incident, Notice, Notices, Webhook},
};

/// Whether desktop notifications are wanted; the window sets it, the job reads it.
pub(super) type Wanted = Arc<AtomicBool>;

/// Tells of every notice until it is dropped.
pub(super) fn start(
    tasks: &Tasks,
    mut notices: Notices,
    model: Model,
    webhook: Option<Webhook>,
    wanted: Wanted,
) -> Job {
    let reports = tasks.reports();
    let runtime = tasks.runtime().clone();
    let job = async move {
        let mut has_complained = false;
        let mut is_webhook_failing = false;
        while let Some(notice) = notices.next().await {
            if let Some(webhook) = &webhook {
                let sent = webhook.send(&notice, &model).await;
                let was_failing = std::mem::replace(&mut is_webhook_failing, sent.is_err());
                if let Err(error) = sent
                    && !was_failing
                {
                    reports.send(Command::Complain(error.to_string()));
                }
            }
            if wanted.load(Ordering::Relaxed) {
                let (title, body) = words(&notice, &model);
                let shown = runtime.spawn_blocking(move || show(&title, &body)).await;
                if let Ok(Err(error)) = shown
                    && !std::mem::replace(&mut has_complained, true)
                {
                    reports.send(Command::Complain(format!(
                        "the desktop shows no notifications: {error}"
                    )));
                }
            }
        }
    };
    tasks.spawn_job(job)
}

fn show(title: &str, body: &str) -> Result<(), notify_rust::error::Error> {
    notify_rust::Notification::new()
        .appname("Meshboard")
        .summary(title)
        .body(body)
        .show()
        .map(|_| ())
}

/// Headline and text. Desktops read the text as markup, so that nothing in it may be.
fn words(notice: &Notice, model: &Model) -> (String, String) {
    let incident = notice.incident();
    match notice {
        Notice::Began(_) => (incident.summary.clone(), hit(incident, model)),
        Notice::Ended(_) => (format!("Over: {}", incident.summary), hit(incident, model)),
    }
}

fn hit(incident: &Incident, model: &Model) -> String {
    let names: Vec<_> = incident
        .impacted
        .iter()
        .map(|it| model.service_name(it))
        .collect();
    let text = if names.is_empty() {
        "Nothing else is impacted.".to_owned()
    } else {
        format!("Impacted: {}.", names.join(", "))
    };
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::words;
    use crate::{
        model::{ServiceId, testing::model},
        monitor::{Incident, Notice},
    };

    #[test]
    fn a_notification_names_the_cause_and_whom_it_hit_and_holds_no_markup() {
        let mut model = model("x(web, db)");
        let web = ServiceId::new("web").unwrap();
        let mut service = (*model.services[&web]).clone();
        service.name = "<b>Web</b>".to_owned();
        model.services.insert(web.clone(), service.into());
        let incident = Incident {
            id: 1,
            causes: vec![ServiceId::new("db").unwrap()],
            impacted: vec![web],
            path: Vec::new(),
            at_risk: Vec::new(),
            routes: Vec::new(),
            since: Timestamp::UNIX_EPOCH,
            until: None,
            summary: "db is not answering".to_owned(),
        };
        let (title, body) = words(&Notice::Began(incident), &model);
        assert_eq!(title, "db is not answering");
        assert_eq!(body, "Impacted: &lt;b&gt;Web&lt;/b&gt;.");
    }
}
