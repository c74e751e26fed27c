//! Settings that are one of a few names, some with a number: `relu`, `group(8)`.
//!
//! Files and the command line read and write them alike; an unknown name is answered with the known ones.

use std::fmt;

/// Makes an enum whose variants are names. A variant with a number is written `Group(usize) = "group(N)"`.
macro_rules! choice {
    (
        $(#[$about:meta])*
        $type:ident, $what:literal {
            $($(#[$about_variant:meta])* $variant:ident $(($number:ident))? = $name:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
        #[serde(into = "String")]
        pub enum $type {
            $($(#[$about_variant])* $variant $(($number))?,)+
        }

        impl $type {
            /// All names.
            pub const NAMES: &'static [&'static str] = &[$($name),+];
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$variant $(($number))? => write!(f, "{}", $name $(.replace('N', &$number.to_string()))?),)+
                }
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::error::Error;

            fn from_str(text: &str) -> $crate::error::Result<Self> {
                let text = text.trim();
                $(if let Some(_argument) = $crate::choice::argument(text, $name) {
                    return Ok(Self::$variant $((_argument as $number))?);
                })+
                Err($crate::error::Error::unknown($what, text, Self::NAMES.iter().copied()))
            }
        }

        $crate::choice::as_text!($type, $crate::choice::one_of(Self::NAMES));
    };
}
pub(crate) use choice;

/// Lists names for messages.
pub(crate) fn one_of(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("one of {}", names.join(", "))
}

/// Converts a type that is parsed and displayed from and to text, for serde; anything but text is answered with the texts
/// that there are.
macro_rules! as_text {
    ($type:ident, $expected:expr) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> std::result::Result<Self, D::Error> {
                let text = deserializer.deserialize_str($crate::choice::Words($expected))?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
    };
}
pub(crate) use as_text;

/// Reads a text; an error says what is expected.
pub(crate) struct Words(pub(crate) String);

impl serde::de::Visitor<'_> for Words {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

/// The number of `group(8)` if `pattern` is `group(N)`, or 0 if `text` is the `pattern`; `None` of other texts.
pub(crate) fn argument(text: &str, pattern: &str) -> Option<usize> {
    let Some(name) = pattern.strip_suffix("(N)") else {
        return (text == pattern).then_some(0);
    };
    let rest = text.strip_prefix(name)?.trim();
    let number = rest.strip_prefix('(')?.strip_suffix(')')?;
    number.trim().parse().ok()
}
