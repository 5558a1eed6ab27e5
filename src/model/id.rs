//! Identifiers that cannot be mixed up.
//!
//! An id is a DNS label, because it becomes a host name, a container name and a
//! metric label. The rule is RFC 1123, section 2.1: `[a-z0-9]([-a-z0-9]*[a-z0-9])?`,
//! 63 characters at most. Display names are free text and live elsewhere.

use std::{borrow::Cow, cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The longest DNS label, in characters (RFC 1035, section 2.3.4).
pub const MAX_ID_LENGTH: usize = 63;

/// A DNS label that names one kind of element; cheap to copy.
pub struct Id<Kind> {
    text: Arc<str>,
    kind: PhantomData<fn() -> Kind>,
}

/// Marks the ids of services.
#[derive(Debug)]
pub enum OfService {}
/// Marks the ids of boundaries.
#[derive(Debug)]
pub enum OfBoundary {}
/// Marks the ids of dependencies.
#[derive(Debug)]
pub enum OfDependency {}
/// Marks the ids of routes.
#[derive(Debug)]
pub enum OfRoute {}
/// Marks the ids of environments.
#[derive(Debug)]
pub enum OfEnvironment {}

/// Names a service.
pub type ServiceId = Id<OfService>;
/// Names a boundary.
pub type BoundaryId = Id<OfBoundary>;
/// Names a dependency.
pub type DependencyId = Id<OfDependency>;
/// Names a route.
pub type RouteId = Id<OfRoute>;
/// Names an environment.
pub type EnvironmentId = Id<OfEnvironment>;

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// There is nothing.
    #[error("an id needs at least one character: a–z, 0–9 or a hyphen")]
    Empty,
    /// It is longer than [`MAX_ID_LENGTH`].
    #[error("an id has {MAX_ID_LENGTH} characters at most, this one has {0}")]
    TooLong(usize),
    /// A character has no place in a DNS label.
    #[error("{character:?} cannot be part of an id: use a–z, 0–9 and hyphens")]
    Character {
        /// The first such character.
        character: char,
    },
    /// The first or the last character is a hyphen.
    #[error("an id starts and ends with a letter or a digit")]
    Hyphen,
}

impl<Kind> Id<Kind> {
    /// Takes a text that already is a DNS label.
    pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
        let text = text.as_ref();
        check(text)?;
        Ok(Self {
            text: Arc::from(text),
            kind: PhantomData,
        })
    }

    /// The nearest id to a free text: `Order Service!` becomes `order-service`.
    ///
    /// A text with nothing usable becomes `fallback`, which must be an id itself.
    pub fn from_display_name(name: &str, fallback: &str) -> Self {
        let mut text = String::new();
        for character in name.chars().flat_map(char::to_lowercase) {
            if text.len() == MAX_ID_LENGTH {
                break;
            }
            if character.is_ascii_alphanumeric() {
                text.push(character);
            } else if !text.is_empty() && !text.ends_with('-') {
                text.push('-');
            }
        }
        let text = text.trim_end_matches('-');
        Self {
            text: Arc::from(if text.is_empty() { fallback } else { text }),
            kind: PhantomData,
        }
    }

    /// This id, or the first of `id-2`, `id-3`, … for which `is_taken` is false.
    #[must_use]
    pub fn made_unique(&self, is_taken: impl Fn(&Self) -> bool) -> Self {
        let mut candidate = self.clone();
        let mut number: u64 = 2;
        while is_taken(&candidate) {
            let suffix = format!("-{number}");
            let keep = self.text.len().min(MAX_ID_LENGTH - suffix.len());
            let stem = self.text[..keep].trim_end_matches('-');
            candidate.text = Arc::from(format!("{stem}{suffix}"));
            number += 1;
        }
        candidate
    }

    /// The label itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn check(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    let allowed = |it: &char| it.is_ascii_lowercase() || it.is_ascii_digit() || *it == '-';
    if let Some(character) = text.chars().find(|it| !allowed(it)) {
        return Err(IdError::Character { character });
    }
    if text.len() > MAX_ID_LENGTH {
        return Err(IdError::TooLong(text.len()));
    }
    if text.starts_with('-') || text.ends_with('-') {
        return Err(IdError::Hyphen);
    }
    Ok(())
}

// Written out because a derive would ask the same of `Kind`, which is only a mark.
impl<Kind> Clone for Id<Kind> {
    fn clone(&self) -> Self {
        Self {
            text: Arc::clone(&self.text),
            kind: PhantomData,
        }
    }
}

impl<Kind> PartialEq for Id<Kind> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.text, &other.text) || self.text == other.text
    }
}

impl<Kind> Eq for Id<Kind> {}

impl<Kind> PartialOrd for Id<Kind> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<Kind> Ord for Id<Kind> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<Kind> hash::Hash for Id<Kind> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<Kind> fmt::Debug for Id<Kind> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(formatter)
    }
}

impl<Kind> fmt::Display for Id<Kind> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

impl<Kind> FromStr for Id<Kind> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::new(text)
    }
}

impl<Kind> AsRef<str> for Id<Kind> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl<Kind> std::borrow::Borrow<str> for Id<Kind> {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl<Kind> Serialize for Id<Kind> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, Kind> Deserialize<'de> for Id<Kind> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&text).map_err(|error| {
            // A hostile text must not push the reason out of sight.
            let shown: String = text.chars().take(MAX_ID_LENGTH + 1).collect();
            D::Error::custom(format!("{shown:?} is no id: {error}"))
        })
    }
}

impl<Kind> schemars::JsonSchema for Id<Kind> {
    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A DNS label: it becomes a host name, a container name and a metric label.",
            "type": "string",
            "maxLength": MAX_ID_LENGTH,
            "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{IdError, ServiceId};

    #[test]
    fn a_dns_label_is_an_id_and_nothing_else_is() {
        for good in ["a", "0", "a--b", "orders-db", &"x".repeat(63)] {
            assert_eq!(ServiceId::new(good).unwrap().as_str(), good);
        }
        let refused = |text: &str| ServiceId::new(text).unwrap_err();
        assert_eq!(refused(""), IdError::Empty);
        assert_eq!(refused(&"x".repeat(64)), IdError::TooLong(64));
        assert_eq!(refused("-a"), IdError::Hyphen);
        assert_eq!(refused("a-"), IdError::Hyphen);
        assert_eq!(refused("Orders"), IdError::Character { character: 'O' });
        assert_eq!(refused("a\nb"), IdError::Character { character: '\n' });
    }

    #[test]
    fn a_display_name_gives_the_nearest_id() {
        let id = |name: &str| ServiceId::from_display_name(name, "service").to_string();
        assert_eq!(id("Order Service!"), "order-service");
        assert_eq!(id("  ÜBER  pay "), "ber-pay");
        assert_eq!(id("日本"), "service");
        assert_eq!(id(&"longer ".repeat(40)).len(), 63 - 1);
    }

    #[test]
    fn a_taken_id_gets_the_next_free_number() {
        let taken = ["orders", "orders-2"];
        let id = ServiceId::new("orders").unwrap();
        let unique = id.made_unique(|it| taken.contains(&it.as_str()));
        assert_eq!(unique.as_str(), "orders-3");

        let long = ServiceId::new("x".repeat(63)).unwrap();
        let unique = long.made_unique(|it| it == &long);
        assert_eq!(unique.as_str(), format!("{}-2", "x".repeat(61)));
    }
}
