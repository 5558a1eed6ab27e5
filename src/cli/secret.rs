//! `meshboard secret`: what proves who asks, kept in the operating system's keyring.

use std::io::{IsTerminal, Read};

use super::{Failure, Verdict, note};
use crate::monitor::Keyring;

const AFTER_HELP: &str = "\
A target or source names the entry as its credential, such as {\"bearer-from-keyring\": \"shop\"};
the value is in no project file. `set` reads it from standard input, which is no terminal,
because that would show it:
  read -rs VALUE; printf %s \"$VALUE\" | meshboard secret set shop
For basic-from-keyring it is user:password.";

/// The longest value, in bytes: no header is longer.
const MAX_BYTES: u64 = 8 * 1024;

/// Keep what proves who asks in the operating system's keyring.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Keep the value that standard input holds.
    Set {
        /// The entry, as a credential names it.
        name: String,
    },
    /// Keep it no longer.
    Remove {
        /// The entry, as a credential names it.
        name: String,
    },
}

pub(super) fn run(args: &Args, input: &mut (impl Read + IsTerminal)) -> Result<Verdict, Failure> {
    match &args.what {
        What::Set { name } => {
            if input.is_terminal() {
                return Err(Failure::new(
                    "a terminal would show the value: pipe it in, `meshboard secret --help` says how",
                ));
            }
            let value = read(input)?;
            let kept = Keyring { entry: name }.write(&value);
            kept.map_err(|error| wrong(name, &error.to_string()))?;
            note(&format!("the keyring keeps {name}"));
        }
        What::Remove { name } => {
            let removed = Keyring { entry: name }.remove();
            removed.map_err(|error| wrong(name, &error.to_string()))?;
            note(&format!("the keyring keeps {name} no longer"));
        }
    }
    Ok(Verdict::Fine)
}

fn wrong(name: &str, what: &str) -> Failure {
    Failure::new(format!("the keyring's entry {name} {what}"))
}

/// The value without the line's end that most programs write after it.
fn read(input: &mut impl Read) -> Result<String, Failure> {
    let mut value = String::new();
    let wrong = |what: &str| Failure::new(format!("standard input {what}, so nothing was kept"));
    let read = input.take(MAX_BYTES + 1).read_to_string(&mut value);
    let length = read.map_err(|_| wrong("is no text"))? as u64;
    let value = value.trim_end_matches(['\r', '\n']);
    let is_header = |it: char| !it.is_control();
    match value {
        _ if length > MAX_BYTES => Err(wrong("is longer than any secret")),
        "" => Err(wrong("is empty")),
        _ if !value.chars().all(is_header) => Err(wrong("holds what no header can hold")),
        _ => Ok(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_value_is_what_stands_before_the_end_of_the_line() {
        let value = |text: &str| read(&mut text.as_bytes()).ok();
        assert_eq!(value("top secret\r\n").as_deref(), Some("top secret"));
        assert_eq!(value("\n"), None);
        assert_eq!(value("two\nlines\n"), None);
        assert_eq!(value(&"x".repeat(9000)), None);
    }
}
