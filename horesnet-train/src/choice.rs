//! Settings that are one of a few names, some with a number: `relu`, `group(8)`.
//!
//! They are read and written the same way in files and on the command line, and a name that is not known is answered with
//! those that are.

/// Makes an enum whose variants are names.
macro_rules! choice {
    (
        $(#[$about:meta])*
        $type:ident, $what:literal {
            $($(#[$about_variant:meta])* $variant:ident = $name:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $type {
            $($(#[$about_variant])* $variant,)+
        }

        impl $type {
            /// The names of all of them.
            pub const NAMES: &'static [&'static str] = &[$($name),+];
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $name,)+
                })
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::error::Error;

            fn from_str(text: &str) -> $crate::error::Result<Self> {
                match text.trim() {
                    $($name => Ok(Self::$variant),)+
                    other => Err($crate::error::Error::unknown($what, other, Self::NAMES.iter().copied())),
                }
            }
        }

        $crate::choice::as_text!($type);
    };
}
pub(crate) use choice;

/// Conversions from and to text, for serde, of a type that is parsed and displayed.
macro_rules! as_text {
    ($type:ident) => {
        impl TryFrom<String> for $type {
            type Error = $crate::error::Error;

            fn try_from(text: String) -> $crate::error::Result<Self> {
                text.parse()
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

/// `group(8)` as its name and number, `batch` as its name.
pub(crate) fn name_and_number(text: &str) -> (&str, Option<usize>) {
    let text = text.trim();
    let parts = text.strip_suffix(')').and_then(|text| text.split_once('('));
    match parts.and_then(|(name, number)| Some((name, number.trim().parse().ok()?))) {
        Some((name, number)) => (name.trim(), Some(number)),
        None => (text, None),
    }
}
