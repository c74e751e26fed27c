//! The `version` of JSON files and outputs, which tells what wrote a file that cannot be read.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The version of this crate.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

const KEY: &str = "version";

/// A JSON object with a field `version`, the version of HoresNet that writes it.
///
/// ```
/// use horesnet_train::Versioned;
///
/// let score = Versioned::new(std::collections::BTreeMap::from([("loss", 0.5)]));
/// let json = serde_json::to_string(&score).unwrap();
/// assert_eq!(json, format!("{{\"version\":\"{}\",\"loss\":0.5}}", score.version));
/// ```
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Versioned<T> {
    /// The version of HoresNet.
    pub version: &'static str,
    /// The other fields.
    #[serde(flatten)]
    pub value: T,
}

impl<T> Versioned<T> {
    /// Adds the version of this crate.
    pub fn new(value: T) -> Self {
        let version = VERSION;
        Self { version, value }
    }
}

/// Reads an object that was written with a version, or before there was one; fails with the problem of the file.
pub(crate) fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    from_value(serde_json::from_slice(text).map_err(|error| format!("is damaged: {error}"))?)
}

/// [`parse`] of JSON that has been read.
pub(crate) fn from_value<T: DeserializeOwned>(mut value: Value) -> Result<T, String> {
    let version = value.as_object_mut().and_then(|fields| fields.remove(KEY));
    T::deserialize(value)
        .map_err(|error| unreadable(version.as_ref().and_then(Value::as_str), &error))
}

/// Says why a file that is whole cannot be read.
pub(crate) fn unreadable(version: Option<&str>, problem: &impl std::fmt::Display) -> String {
    match version {
        Some(VERSION) => format!("is damaged: {problem}"),
        Some(version) => format!(
            "was written by version {version} of HoresNet, which this version, {VERSION}, cannot read: {problem}"
        ),
        None => format!("is damaged or was written by a version before {VERSION}: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::{VERSION, Versioned, parse};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        epochs: usize,
    }

    #[test]
    fn objects_with_and_without_a_version_are_read() {
        let fields = Fields { epochs: 3 };
        let written = serde_json::to_string(&Versioned::new(&fields)).unwrap();
        assert_eq!(
            written,
            format!("{{\"version\":\"{VERSION}\",\"epochs\":3}}")
        );
        assert_eq!(parse::<Fields>(written.as_bytes()).unwrap(), fields);
        assert_eq!(parse::<Fields>(b"{\"epochs\": 3}").unwrap(), fields);
    }

    #[test]
    fn an_object_that_cannot_be_read_tells_its_version() {
        let problem = |text: &str| parse::<Fields>(text.as_bytes()).unwrap_err();
        assert_eq!(
            problem("{\"version\": \"99.1\", \"epochs\": 3, \"light\": 1}"),
            format!(
                "was written by version 99.1 of HoresNet, which this version, {VERSION}, cannot read: unknown field \
                 `light`, expected `epochs`"
            )
        );
        let damaged = problem(&format!("{{\"version\": \"{VERSION}\", \"epochs\": -1}}"));
        assert!(
            damaged.starts_with("is damaged: invalid value"),
            "{damaged}"
        );
        assert!(
            problem("{\"epochs\": -1}")
                .starts_with("is damaged or was written by a version before ")
        );
        assert!(problem("{\"epochs\": ").starts_with("is damaged: EOF"));
    }
}
