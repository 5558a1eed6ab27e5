//! The program: makes the one runtime, then hands over to the command line or the window.

use std::process::ExitCode;

use clap::Parser as _;
use meshboard::cli::{self, Next, Start};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = cli::Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Polls and calls wait most of the time; the window draws on its own thread.
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return cli::complain(&format!("cannot start background work: {error}")),
    };
    match cli::run(args, &runtime) {
        Next::Exit(code) => code,
        Next::Window(start) => open_window(*start, &runtime),
    }
}

fn open_window(start: Start, runtime: &tokio::runtime::Runtime) -> ExitCode {
    let environment = start.cluster.as_ref().and_then(|_| "demo".parse().ok());
    let start = meshboard::ui::Start {
        file: start.file,
        project: start.cluster.as_ref().map(|it| it.project().clone()),
        environment,
        state_folder: meshboard::ui::state_folder(),
        keep_alive: start
            .cluster
            .map(|it| Box::new(it) as Box<dyn std::any::Any + Send>),
    };
    match meshboard::ui::run(start, runtime.handle().clone()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::complain(&error.to_string()),
    }
}
