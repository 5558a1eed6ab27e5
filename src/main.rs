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

fn open_window(_start: Start, _runtime: &tokio::runtime::Runtime) -> ExitCode {
    cli::complain(
        "this Meshboard was built without its window: use a command, `meshboard --help` lists them",
    )
}
