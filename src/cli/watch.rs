//! `meshboard watch`: the live state of a design without a window.

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::runtime::Runtime;

use super::{Failure, Format, Verdict, ending::ending, note, snapshot_json, transition_line};
use crate::{
    model::{EnvironmentId, Model},
    monitor::{Consent, Health, Monitor, MonitorPlan, PlanError, Reach, Snapshot, poll_once},
    project::{self, Project},
};

const AFTER_HELP: &str = "\
Only this machine is polled, and the hosts that --allow names. Exits with 1 if a service is down.
With --once, JSON is
  {version, at, offline,
   services:{ID:{health, reach, latency_ms, instances:{up, all, list:[…]}, since, raw, …}},
   breakers:[{from, to, name, state, instances:{not_closed, all}, since, source, …}],
   incidents:[{causes, impacted, routes, since, until, summary}]}
and without, one line for every change, as `meshboard demo --headless` writes it.
Health: up, degraded, down, out-of-service, starting, unknown.
Breakers: closed, open, half-open, forced-open, disabled, metrics-only, not-closed, ejected, \
overflow, unknown.";

/// How long `--once` waits for answers.
const ONCE_LIMIT: Duration = Duration::from_secs(10);

/// Watch where a design runs: each service's health and each breaker's state.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// The project.
    file: PathBuf,
    /// The environment to watch; needed if there are several.
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Ask every service once, then stop.
    #[arg(long)]
    once: bool,
    /// Stop after so many seconds.
    #[arg(long, value_name = "N", conflicts_with = "once")]
    seconds: Option<u64>,
    /// Also poll this host; can be repeated.
    #[arg(long, value_name = "HOST")]
    allow: Vec<String>,
    /// How to write what is seen.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(args: &Args, runtime: &Runtime, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let project = project::open(&args.file)?.project;
    let environment = environment(args, &project)?;
    let consent = Consent::to(&args.allow);
    let plan = MonitorPlan::new(&project, &environment, &consent).map_err(explained)?;
    let plan = plan.in_folder(args.file.parent().unwrap_or(Path::new("")));
    let last = if args.once {
        let snapshot = runtime.block_on(poll_once(plan, ONCE_LIMIT));
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
        let monitor = Monitor::start(plan, runtime.handle(), || {});
        runtime.block_on(follow(args, &monitor, &project.model, out))?;
        Snapshot::clone(&monitor.latest())
    };
    Ok(verdict(&last))
}

/// Writes every change until the time is over.
async fn follow(
    args: &Args,
    monitor: &Monitor,
    model: &Model,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut transitions = monitor.subscribe();
    let mut end = std::pin::pin!(ending(args.seconds));
    loop {
        let next = tokio::select! {
            () = &mut end => return Ok(()),
            next = transitions.next() => next,
        };
        let Some(transition) = next else {
            return Ok(());
        };
        let line = transition_line::of_monitor(&transition, model);
        match args.format {
            Format::Text => writeln!(out, "{}", line.as_text())?,
            Format::Json => writeln!(out, "{}", serde_json::to_string(&line)?)?,
        }
        out.flush()?;
    }
}

/// The environment that is asked for, or the only one.
fn environment(args: &Args, project: &Project) -> Result<EnvironmentId, Failure> {
    let known: Vec<_> = project.environments.keys().collect();
    let listed = || {
        let ids: Vec<_> = known.iter().map(|it| it.as_str()).collect();
        if ids.is_empty() {
            "there is none in this file".to_owned()
        } else {
            format!("choose from {}", ids.join(", "))
        }
    };
    match (&args.env, known.as_slice()) {
        (Some(wanted), _) => known
            .iter()
            .find(|it| it.as_str() == wanted)
            .map(|it| (*it).clone())
            .ok_or_else(|| {
                Failure::new(format!("there is no environment {wanted:?}: {}", listed()))
            }),
        (None, [only]) => Ok((*only).clone()),
        (None, _) => Err(Failure::new(format!(
            "--env NAME says which environment to watch: {}",
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
