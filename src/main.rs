//! The program: makes the one runtime, then hands over to the command line or the window.

use std::process::ExitCode;

use clap::Parser as _;
use meshboard::cli::{self, Next, Start};
#[cfg(feature = "window")]
use meshboard::{demo, model::EnvironmentId};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = cli::Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Polls and calls wait most of the time; the window draws on its own thread.
        .worker_threads(1)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return cli::complain(&format!("cannot start background work: {error}")),
    };
    let code = match cli::run(args, &runtime) {
        Next::Exit(code) => code,
        Next::Window(start) => open_window(*start, &runtime),
    };
    // A keyring may still wait for a person to unlock it.
    runtime.shutdown_background();
    code
}

#[cfg(feature = "window")]
fn open_window(start: Start, runtime: &tokio::runtime::Runtime) -> ExitCode {
    let demo_environment = EnvironmentId::new(demo::ENVIRONMENT).ok();
    let window = meshboard::ui::Start {
        file: start.file,
        project: start.cluster.as_ref().map(|it| it.project().clone()),
        environment: start.cluster.as_ref().and(demo_environment),
        state_folder: meshboard::ui::state_folder(),
        keep_alive: start.cluster.map(|it| Box::new(it) as _),
    };
    match meshboard::ui::run(window, runtime.handle().clone()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::complain(&error.to_string()),
    }
}

#[cfg(not(feature = "window"))]
fn open_window(_start: Start, _runtime: &tokio::runtime::Runtime) -> ExitCode {
    cli::complain(
        "this Meshboard was built without its window: use a command, `meshboard --help` lists them",
    )
}
