//! Paths in settings and configurations: text, or an array of bytes for a name that is not UTF-8.
//!
//! For `#[serde(with = "…")]` on a field of type `Option<PathBuf>`.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

#[cfg(not(unix))]
use serde::Serialize;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer};

/// Writes a path.
#[allow(clippy::ref_option, reason = "serde passes a reference to the field")]
pub fn serialize<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    match path {
        None => serializer.serialize_none(),
        Some(path) => match path.to_str() {
            Some(text) => serializer.serialize_some(text),
            None => bytes(path, serializer),
        },
    }
}

/// Reads a path.
pub fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<PathBuf>, D::Error> {
    let path = Option::<Portable>::deserialize(deserializer)?;
    Ok(path.map(|path| path.0))
}

#[cfg(unix)]
fn bytes<S: Serializer>(path: &std::path::Path, serializer: S) -> Result<S::Ok, S::Error> {
    use std::os::unix::ffi::OsStrExt;
    serializer.serialize_some(path.as_os_str().as_bytes())
}

/// The error of serde, which says what is wrong.
#[cfg(not(unix))]
fn bytes<S: Serializer>(path: &std::path::Path, serializer: S) -> Result<S::Ok, S::Error> {
    path.serialize(serializer)
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other systems lack some names")]
fn name(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

#[cfg(not(unix))]
fn name(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

struct Portable(PathBuf);

impl<'de> Deserialize<'de> for Portable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PathVisitor).map(Self)
    }
}

struct PathVisitor;

impl<'de> Visitor<'de> for PathVisitor {
    type Value = PathBuf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path as a string, or as an array of bytes if it is not UTF-8")
    }

    fn visit_str<E>(self, text: &str) -> Result<PathBuf, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<PathBuf, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = sequence.next_element()? {
            bytes.push(byte);
        }
        let name = name(bytes);
        name.map(PathBuf::from)
            .ok_or_else(|| A::Error::custom("this system has no such path"))
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Settings {
        #[serde(with = "super")]
        dir: Option<PathBuf>,
    }

    #[test]
    fn text_stays_text() {
        let settings = Settings {
            dir: Some("a/ä".into()),
        };
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(json, r#"{"dir":"a/ä"}"#);
        assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings);
        assert_eq!(toml::from_str::<Settings>("").unwrap().dir, None);
        assert_eq!(
            serde_json::from_str::<Settings>(r#"{"dir":null}"#)
                .unwrap()
                .dir,
            None
        );
        let problem = toml::from_str::<Settings>("dir = 3").unwrap_err();
        assert!(
            problem.message().contains("expected a path as a string"),
            "{problem}"
        );
        let problem = toml::from_str::<Settings>("dir = [256]").unwrap_err();
        assert!(problem.message().contains("256"), "{problem}");
    }

    #[cfg(unix)]
    #[test]
    fn other_names_are_bytes() {
        let dir = name(vec![b'a', b'/', 0xff]).map(PathBuf::from);
        let settings = Settings { dir };
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(json, r#"{"dir":[97,47,255]}"#);
        assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings);
        let table = toml::Table::try_from(&settings).unwrap();
        assert_eq!(table.clone().try_into::<Settings>().unwrap(), settings);
        assert_eq!(
            toml::from_str::<Settings>(&table.to_string()).unwrap(),
            settings
        );
    }
}
