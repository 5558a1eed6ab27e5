//! `meshboard watch`: the live state of a design without a window.

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{runtime::Runtime, task::JoinSet};

use super::{
    Failure, Format, Verdict, ending::ending, note, notice_line, snapshot_json, transition_line,
};
use crate::{
    history::{History, Recorder, RecorderState},
    model::{EnvironmentId, Model},
    monitor::{
        Consent, Health, Monitor, MonitorPlan, PlanError, Reach, Snapshot, Webhook, poll_once,
    },
    project::{self, Project},
};

const AFTER_HELP: &str = "\
Only this machine is polled, and the hosts that --allow names. Exits with 1 if a service is down.
With --once, JSON is
  {version, at, offline,
   services:{ID:{health, reach, latency_ms, instances:{up, all, list:[{address, …}]}, since, …}},
   sources:{NAME:{title, address, reach, note, last_answer, known, all, stale, insecure}},
   breakers:[{from, to, name, state, confidence, detail, instances:{not_closed, all}, since, …}],
   traffic:[{dependency, from, to, rate_per_second, error_share, p95_ms, window_seconds, …}],
   undrawn:[{from, to, from_service, to_service, rate_per_second, error_share, source, …}],
   incidents:[{id, causes, impacted, at_risk, path, routes, since, until, summary}]}
and without, one line for every change, as `meshboard demo --headless` writes it, and one when an
incident begins or ends: {at, kind:\"incident\", state:\"began\"|\"ended\", incident:{…}, version}.
Health: up, degraded, down, out-of-service, starting, unknown.
In sources, known counts the instances and calls that the design knows, of all that it told.
Breakers: closed, open, half-open, forced-open, disabled, metrics-only, not-closed, ejected, \
overflow, unknown.";

/// How long `--once` waits for answers.
const ONCE_LIMIT: Duration = Duration::from_secs(10);

/// How often is looked whether recording has something to say.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Watch where a design runs: each service's health and each breaker's state.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// The project.
    file: PathBuf,
    /// The environment to watch; needed if there are several.
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Ask everything once, then stop; with --seconds watch for so long, then say how it is.
    #[arg(long)]
    once: bool,
    /// Stop after so many seconds.
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// Record what is seen in NAME.history.sqlite beside the project.
    #[arg(long, conflicts_with = "once")]
    record: bool,
    /// Also poll this host; can be repeated.
    #[arg(long, value_name = "HOST")]
    allow: Vec<String>,
    /// Tell the environment's webhook when an incident begins and when it ends.
    #[arg(long, conflicts_with = "once")]
    notify: bool,
    /// How to write what is seen.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(args: &Args, runtime: &Runtime, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let project = project::open(&args.file)?.project;
    let environment = environment(args.env.as_deref(), &project)?;
    let consent = Consent::to(&args.allow);
    let plan = MonitorPlan::new(&project, &environment, &consent).map_err(explained)?;
    let plan = plan.in_folder(args.file.parent().unwrap_or(Path::new("")));
    let last = if args.once {
        let snapshot = runtime.block_on(once(args, plan, runtime));
        match args.format {
            Format::Text => {
                write!(out, "{}", snapshot_json::as_text(&snapshot, &project.model))?;
            }
            Format::Json => {
                let shown = snapshot_json::as_json(&snapshot, &project.model);
                writeln!(out, "{shown:#}")?;
            }
        }
        snapshot
    } else {
        note(&format!(
            "watching {} instances in {environment}; Ctrl+C stops",
            plan.instance_count()
        ));
        let webhook = webhook(args, &plan)?;
        // A history that is of no use is told before anything is polled.
        let history = args.record.then(|| History::open(&args.file));
        let history = history.transpose()?;
        let monitor = Monitor::start(plan, runtime.handle(), || {});
        let recorder =
            history.map(|it| Recorder::start(it, environment, &monitor, runtime.handle()));
        let following = follow(
            args,
            (&monitor, recorder.as_ref()),
            &project.model,
            webhook,
            out,
        );
        runtime.block_on(following)?;
        Snapshot::clone(&monitor.latest())
    };
    Ok(verdict(&last))
}

/// How everything is: asked once, or after some time of watching, which rates need.
async fn once(args: &Args, plan: MonitorPlan, runtime: &Runtime) -> Snapshot {
    if args.seconds.is_none() {
        return poll_once(plan, ONCE_LIMIT).await;
    }
    let monitor = Monitor::start(plan, runtime.handle(), || {});
    ending(args.seconds).await;
    Snapshot::clone(&monitor.latest())
}

/// Writes every change until the time is over.
async fn follow(
    args: &Args,
    (monitor, recorder): (&Monitor, Option<&Recorder>),
    model: &Model,
    webhook: Option<Webhook>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut transitions = monitor.subscribe();
    let mut notices = monitor.notices();
    let mut sending = JoinSet::new();
    let mut looks = tokio::time::interval(LOOK_EVERY);
    let mut told = RecorderState::default();
    let mut end = std::pin::pin!(ending(args.seconds));
    loop {
        tokio::select! {
            () = &mut end => return Ok(()),
            _ = looks.tick(), if recorder.is_some() => tell(recorder, &mut told),
            Some(Ok(Err(error))) = sending.join_next() => note(&format!("warning: {error}")),
            next = transitions.next() => {
                let Some(transition) = next else {
                    return Ok(());
                };
                let line = transition_line::of_monitor(&transition, model);
                match args.format {
                    Format::Text => writeln!(out, "{}", line.as_text())?,
                    Format::Json => writeln!(out, "{}", serde_json::to_string(&line)?)?,
                }
            }
            Some(notice) = notices.next() => {
                match args.format {
                    Format::Text => writeln!(out, "{}", notice_line::as_text(&notice, model))?,
                    Format::Json => writeln!(out, "{}", notice_line::as_json(&notice))?,
                }
                if let Some(webhook) = webhook.clone() {
                    let model = model.clone();
                    sending.spawn(async move { webhook.send(&notice, &model).await });
                }
            }
        }
        out.flush()?;
    }
}

/// The environment's webhook, if it is wanted.
fn webhook(args: &Args, plan: &MonitorPlan) -> Result<Option<Webhook>, Failure> {
    if !args.notify {
        return Ok(None);
    }
    match plan.webhook() {
        Some(Ok(webhook)) => Ok(Some(webhook.clone())),
        Some(Err(why)) => Err(Failure::new(format!("--notify cannot tell anybody: {why}"))),
        None => Err(Failure::new(
            "--notify needs a webhook: give the environment one, such as \
             \"webhook\": {\"from-environment\": \"SLACK_WEBHOOK_URL\"}",
        )),
    }
}

/// Says what is new about recording, once.
fn tell(recorder: Option<&Recorder>, told: &mut RecorderState) {
    let Some(state) = recorder.map(Recorder::state) else {
        return;
    };
    if state.notice != told.notice {
        state.notice.iter().for_each(|it| note(it));
    }
    match (&told.error, &state.error) {
        (None, Some(error)) => note(error),
        (Some(_), None) => note("recording goes on"),
        _ => {}
    }
    *told = state;
}

/// The environment that is asked for, or the only one.
pub(super) fn environment(
    wanted: Option<&str>,
    project: &Project,
) -> Result<EnvironmentId, Failure> {
    let known: Vec<_> = project.environments.keys().collect();
    let listed = || {
        let ids: Vec<_> = known.iter().map(|it| it.as_str()).collect();
        if ids.is_empty() {
            "there is none in this file".to_owned()
        } else {
            format!("choose from {}", ids.join(", "))
        }
    };
    match (wanted, known.as_slice()) {
        (Some(wanted), _) => known
            .iter()
            .find(|it| it.as_str() == wanted)
            .map(|it| (*it).clone())
            .ok_or_else(|| {
                Failure::new(format!("there is no environment {wanted:?}: {}", listed()))
            }),
        (None, [only]) => Ok((*only).clone()),
        (None, _) => Err(Failure::new(format!(
            "--env NAME says which environment is meant: {}",
            listed()
        ))),
    }
}

fn explained(error: PlanError) -> Failure {
    match &error {
        PlanError::ConsentMissing(hosts) => {
            let options: Vec<_> = hosts.iter().map(|it| format!("--allow {it}")).collect();
            Failure::new(format!("{error}: if you do, add {}", options.join(" ")))
        }
        PlanError::NoEnvironment(_)
        | PlanError::NoTargets(_)
        | PlanError::Address { .. }
        | PlanError::Source { .. } => error.into(),
    }
}

/// Whether something is down, or does not answer.
fn verdict(snapshot: &Snapshot) -> Verdict {
    let is_down = snapshot.services.values().any(|it| match it.health {
        Health::Down | Health::OutOfService => true,
        Health::Unknown => it.reach != Reach::Ok,
        Health::Up | Health::Degraded | Health::Starting => false,
    });
    if is_down {
        Verdict::Found
    } else {
        Verdict::Fine
    }
}
