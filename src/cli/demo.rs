//! `meshboard demo`: a live shop to watch, in the window or as JSON lines.

use std::{future::Future, io::Write};

use tokio::{runtime::Runtime, sync::broadcast::error::RecvError};

use super::{Failure, Start, Verdict, ending::ending, note, transition_line};
use crate::demo::{Cluster, Options};

const AFTER_HELP: &str = "\
The bank slows down 5 s after the start, refuses after 14 s and recovers after 30 s, once a minute.
With --headless, one line of JSON for every change:
  {at, kind:\"health\", service, from_state, to_state, cause, version}
  {at, kind:\"breaker\", from, to, name, from_state, to_state, cause, version}
Health is up, degraded or down; a breaker is closed, open or half-open.
The addresses are listed on standard error. Watch them from elsewhere with
  meshboard demo --headless --port-base 7100
  meshboard new --template shop -o shop.meshboard.json
  meshboard watch shop.meshboard.json --env demo";

/// Run a live shop whose payments breaker opens, half-opens and closes.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// Without the window: print what changes.
    #[arg(long)]
    headless: bool,
    /// Stop after so many seconds.
    #[arg(long, value_name = "N", requires = "headless")]
    seconds: Option<u64>,
    /// Listen on this port and those that follow instead of free ones; the
    /// environment demo of the shop expects 7100.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    port_base: Option<u16>,
    /// Decides when exactly calls are made.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl Args {
    /// Whether it is to run without the window.
    pub(super) fn is_headless(&self) -> bool {
        self.headless
    }

    fn options(&self) -> Options {
        Options {
            port_base: self.port_base,
            seed: self.seed,
            ..Options::default()
        }
    }
}

/// Starts the shop for the window to watch.
pub(super) fn start(args: &Args, runtime: &Runtime) -> Result<Start, Failure> {
    let cluster = runtime.block_on(Cluster::start(args.options()))?;
    list_addresses(&cluster);
    Ok(Start {
        file: None,
        cluster: Some(cluster),
    })
}

/// Runs the shop without the window until its time is over or somebody stops it.
pub(super) fn run(args: &Args, runtime: &Runtime, out: &mut dyn Write) -> Result<Verdict, Failure> {
    runtime.block_on(async {
        let cluster = Cluster::start(args.options()).await?;
        list_addresses(&cluster);
        print_transitions(&cluster, ending(args.seconds), out).await
    })
}

async fn print_transitions(
    cluster: &Cluster,
    end: impl Future<Output = ()>,
    out: &mut dyn Write,
) -> Result<Verdict, Failure> {
    let mut transitions = cluster.transitions();
    let mut end = std::pin::pin!(end);
    loop {
        let next = tokio::select! {
            () = &mut end => return Ok(Verdict::Fine),
            next = transitions.recv() => next,
        };
        match next {
            Ok(transition) => {
                writeln!(
                    out,
                    "{}",
                    serde_json::to_string(&transition_line::of_demo(&transition))?
                )?;
                out.flush()?;
            }
            Err(RecvError::Lagged(count)) => note(&format!("note: {count} changes were missed")),
            Err(RecvError::Closed) => return Ok(Verdict::Fine),
        }
    }
}

fn list_addresses(cluster: &Cluster) {
    for (service, addresses) in cluster.addresses() {
        note(&format!("{service:<16}{}", addresses.join(" ")));
    }
}
