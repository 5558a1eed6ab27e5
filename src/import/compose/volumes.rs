//! Mounts: `data:/var/lib`, `./src:/app:ro`, and the long form.

use super::node::{Node, Problem};
use crate::model::Volume;

/// A mount as far as the model can say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    pub(super) source: String,
    pub(super) target: String,
    pub(super) read_only: bool,
    /// Whether options were left out that the model has no place for.
    pub(super) is_shortened: bool,
}

impl Mount {
    /// The name of the volume it mounts, where that is not a path or unnamed.
    pub(super) fn volume_name(&self) -> Option<&str> {
        (!self.source.is_empty() && !is_path(&self.source)).then_some(&*self.source)
    }

    pub(super) fn into_volume(self) -> Volume {
        Volume {
            source: self.source,
            target: self.target,
            read_only: self.read_only,
        }
    }
}

/// Whether a source is a path on the host instead of the name of a volume.
pub(super) fn is_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~']) || is_windows_path(source)
}

fn is_windows_path(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.starts_with("\\\\")
        || (bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':')
}

/// Reads the short form; a text with too many or empty parts is none.
pub(super) fn parse_short(text: &str) -> Option<Mount> {
    let parts = split(text);
    if parts.iter().any(|it| it.trim().is_empty()) {
        return None;
    }
    let (source, target, options) = match parts.as_slice() {
        [target] => ("", *target, ""),
        [source, target] => (*source, *target, ""),
        [source, target, options] => (*source, *target, *options),
        _ => return None,
    };
    let mut mount = Mount {
        source: source.to_owned(),
        target: without_end(target),
        read_only: false,
        is_shortened: false,
    };
    for option in options.split(',').filter(|it| !it.is_empty()) {
        match option {
            "ro" => mount.read_only = true,
            "rw" => mount.read_only = false,
            _ => mount.is_shortened = true,
        }
    }
    Some(mount)
}

/// A path without the slash at its end, as Compose takes it.
fn without_end(path: &str) -> String {
    match path.trim_end_matches('/') {
        "" => path.chars().take(1).collect(),
        shorter => shorter.to_owned(),
    }
}

/// Splits at colons, but not at the one of a Windows drive.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let from = if is_windows_path(rest) && !rest.starts_with('\\') {
            2
        } else {
            0
        };
        let Some(colon) = rest.get(from..).and_then(|it| it.find(':')) else {
            parts.push(rest);
            return parts;
        };
        parts.push(&rest[..from + colon]);
        rest = &rest[from + colon + 1..];
    }
}

/// Reads either form; `None` for what the model has no place for, such as `tmpfs`.
pub(super) fn read(node: &Node, service: &str) -> Result<Option<Mount>, Problem> {
    let wrong = |what: String| {
        Problem::at(
            node.place,
            format!("{service}: {what}"),
            "write it as source:target or source:target:ro",
        )
    };
    if let Some(text) = node.as_text() {
        return parse_short(text)
            .map(Some)
            .ok_or_else(|| wrong(format!("{text:?} is no volume")));
    }
    let Some(entries) = node.entries() else {
        return Err(wrong(format!(
            "{} stands where a volume is expected",
            node.kind()
        )));
    };
    let field = |name: &str| entries.get(name).and_then(Node::scalar).unwrap_or_default();
    let kind = field("type");
    let target = without_end(&field("target"));
    match kind.as_str() {
        "" => return Err(wrong("a volume in long form says no type".to_owned())),
        "bind" | "volume" if !target.is_empty() => {}
        "bind" | "volume" => {
            return Err(wrong("a volume in long form says no target".to_owned()));
        }
        "tmpfs" | "npipe" | "cluster" | "image" => return Ok(None),
        _ => return Err(wrong(format!("{kind:?} is no type of volume"))),
    }
    let mut source = field("source");
    if kind == "bind" && !is_path(&source) {
        source = format!("./{source}");
    }
    Ok(Some(Mount {
        source,
        target,
        read_only: field("read_only") == "true",
        is_shortened: entries
            .keys()
            .any(|it| !matches!(it.as_str(), "type" | "source" | "target" | "read_only")),
    }))
}

#[cfg(test)]
mod tests {
    use super::{Mount, parse_short};

    fn short(text: &str) -> String {
        parse_short(text).map_or_else(
            || "refused".to_owned(),
            |Mount {
                 source,
                 target,
                 read_only,
                 is_shortened,
             }| format!("{source} {target} {read_only} {is_shortened}"),
        )
    }

    #[test]
    fn short_mounts_are_read_like_compose_does() {
        assert_eq!(short("/data"), " /data false false");
        assert_eq!(short("db:/data"), "db /data false false");
        assert_eq!(short("./x:/y:ro"), "./x /y true false");
        assert_eq!(short("./x:/y:rw,z"), "./x /y false true");
        assert_eq!(short("C:\\a:/b"), "C:\\a /b false false");
        assert_eq!(short("v:/x"), " v:/x false false");
        assert_eq!(short("./x/:/y/"), "./x/ /y false false");
        assert_eq!(short("db::b"), "refused");
        assert_eq!(short(""), "refused");
    }
}
