//! The command line: everything but the drawing, without a window.
//!
//! One file a command. A command writes what was asked for to `out`, says whether it
//! found something, and fails with a text that says what, where and what to do.
//! Exit codes: 0 fine, 1 found something, 2 the input or the call is wrong.

mod check;
mod demo;
mod ending;
mod export;
mod failure;
mod formats;
mod history;
mod import;
mod layout;
mod new;
mod notice_line;
mod reading_json;
mod rules;
mod sarif;
mod schema;
mod secret;
mod snapshot_json;
mod targets;
mod transition_line;
mod watch;
mod window;

use std::{
    io::{self, BufWriter, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand, ValueEnum};
use tokio::runtime::Runtime;

use self::failure::Failure;

pub use window::Start;

const AFTER_HELP: &str = "\
Exit codes: 0 fine, 1 found something (an error, a service that is down, a conflict), \
2 the input or the call is wrong.
JSON on standard output carries a \"version\", which changes when a key changes its meaning or goes.";

/// Draw, judge, export and watch a microservice topology.
#[derive(Debug, Parser)]
#[command(name = "meshboard", version, after_help = AFTER_HELP)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// The project to open in the window.
    file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    New(new::Args),
    Import(import::Args),
    Check(check::Args),
    Export(export::Args),
    Watch(watch::Args),
    History(history::Args),
    Layout(layout::Args),
    Rules(rules::Args),
    Targets(targets::Args),
    Formats(formats::Args),
    Secret(secret::Args),
    /// Print the JSON Schema of project files.
    Schema,
}

/// How text is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// Whether a command found something that its caller should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fine,
    Found,
}

/// What is to be done after the command line.
#[derive(Debug)]
pub enum Next {
    /// Nothing.
    Exit(ExitCode),
    /// Open the window.
    Window(Box<Start>),
}

/// Does what the arguments say, short of opening a window.
pub fn run(args: Args, runtime: &Runtime) -> Next {
    let mut out = BufWriter::new(io::stdout().lock());
    let verdict = match args.command {
        None => return Next::Window(Box::new(Start::of_file(args.file))),
        Some(Command::Demo(args)) if !args.is_headless() => match demo::start(&args, runtime) {
            Ok(start) => return Next::Window(Box::new(start)),
            Err(failure) => Err(failure),
        },
        Some(command) => perform(command, runtime, &mut out),
    };
    let verdict = verdict.and_then(|it| Ok(out.flush().map(|()| it)?));
    Next::Exit(match verdict {
        // Whoever reads had enough, as `head` does.
        Ok(Verdict::Fine) | Err(Failure::ReaderGone) => ExitCode::SUCCESS,
        Ok(Verdict::Found) => ExitCode::from(1),
        Err(Failure::Wrong(text)) => complain(&text),
    })
}

fn perform(command: Command, runtime: &Runtime, out: &mut dyn Write) -> Result<Verdict, Failure> {
    match command {
        Command::Demo(args) => demo::run(&args, runtime, out),
        Command::New(args) => new::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Check(args) => check::run(&args, out),
        Command::Export(args) => export::run(&args, out),
        Command::Watch(args) => watch::run(&args, runtime, out),
        Command::History(args) => history::run(&args, out),
        Command::Layout(args) => layout::run(&args),
        Command::Rules(args) => rules::run(&args, out),
        Command::Targets(args) => targets::run(&args, out),
        Command::Formats(args) => formats::run(&args, out),
        Command::Secret(args) => secret::run(&args, &mut io::stdin()),
        Command::Schema => schema::run(out),
    }
}

/// Says on standard error what is wrong; the exit code of a wrong call.
pub fn complain(text: &str) -> ExitCode {
    note(&format!("error: {text}"));
    ExitCode::from(2)
}

/// Says something on standard error.
fn note(text: &str) {
    // With nobody to read it, there is nobody to tell.
    writeln!(io::stderr(), "{text}").ok();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Args;

    #[test]
    fn the_arguments_are_sound() {
        Args::command().debug_assert();
    }
}
