//! How well-known programs run in a container: whom they run as, what they write,
//! how they are asked for their health, where their password comes from.
//!
//! Facts are those of the official images. `{id}`, `{port}`, `{user}`, `{database}` and
//! `{secret}` stand for the service's own; a `$` is one of Compose only if doubled.

mod table;

/// How one well-known program runs.
#[derive(Debug)]
pub(super) struct Program {
    /// The id of its technology.
    pub(super) id: &'static str,
    /// The user of the image that Meshboard names; empty where the image has one.
    pub(super) user: &'static str,
    /// Where it keeps data that must outlive the container.
    pub(super) data: &'static str,
    /// What else it writes, gone with the container.
    pub(super) temporary: &'static [&'static str],
    /// Whether everything else may be read-only.
    pub(super) read_only: bool,
    /// The only rights it keeps.
    pub(super) capabilities: &'static [&'static str],
    /// Mebibytes where the design does not say.
    pub(super) memory_mib: u32,
    /// What replaces the image's command.
    pub(super) command: &'static [&'static str],
    /// What it is told where the design does not say.
    pub(super) environment: &'static [(&'static str, &'static str)],
    /// Whether it, or what asks for its health, takes its time to start.
    pub(super) is_slow: bool,
    /// Whether our configuration of it says on which path it answers for itself, and its
    /// image has what it takes to ask.
    pub(super) asks_gateway: bool,
    /// The health check, as Compose writes it.
    pub(super) health: &'static [&'static str],
    /// Who may use it.
    pub(super) login: Option<Login>,
}

/// How a program learns its first user.
#[derive(Debug)]
pub(super) struct Login {
    /// The variable with the user's name, and the name where the design does not say.
    pub(super) user: (&'static str, &'static str),
    /// The variable with the database's name; empty where it has none.
    pub(super) database: &'static str,
    /// Where the password comes from.
    pub(super) password: Password,
}

/// Where a program reads its password.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Password {
    /// A variable names the file.
    FileVariable(&'static str),
    /// A file of settings that is mounted here.
    Settings(&'static str),
    /// Its command reads the file.
    Command(&'static str),
}

/// How the program of a technology runs.
pub(super) fn find(id: &str) -> Option<&'static Program> {
    table::ALL.iter().find(|it| it.id == id)
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::model::technology;

    #[test]
    fn every_program_with_an_image_can_be_asked_for_its_health() {
        for known in technology::ALL.iter().filter(|it| it.image.is_some()) {
            let program = find(known.id).unwrap_or_else(|| panic!("{} is missing", known.id));
            assert!(
                !program.health.is_empty() || program.asks_gateway,
                "{} has no health check",
                known.id
            );
        }
    }
}
