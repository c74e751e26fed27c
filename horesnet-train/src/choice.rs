//! Settings that are one of a few names, some with a number: `relu`, `group(8)`.
//!
//! Files and the command line read and write them alike; an unknown name is answered with the known ones.

/// Makes an enum whose variants are names. A variant with a number is written `Group(usize) = "group(N)"`.
macro_rules! choice {
    (
        $(#[$about:meta])*
        $type:ident, $what:literal {
            $($(#[$about_variant:meta])* $variant:ident $(($number:ident))? = $name:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $type {
            $($(#[$about_variant])* $variant $(($number))?,)+
        }

        impl $type {
            /// All names.
            pub const NAMES: &'static [&'static str] = &[$($name),+];
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $($crate::choice::choice!(@write self, f, $type::$variant $(($number))?, $name);)+
                Ok(())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::error::Error;

            fn from_str(text: &str) -> $crate::error::Result<Self> {
                let text = text.trim();
                $($crate::choice::choice!(@read text, $type::$variant $(($number))?, $name);)+
                Err($crate::error::Error::unknown($what, text, Self::NAMES.iter().copied()))
            }
        }

        $crate::choice::as_text!($type);
    };
    (@write $value:expr, $f:expr, $type:ident::$variant:ident, $name:literal) => {
        if let $type::$variant = $value {
            $f.write_str($name)?;
        }
    };
    (@write $value:expr, $f:expr, $type:ident::$variant:ident($number:ident), $name:literal) => {
        if let $type::$variant(number) = $value {
            $f.write_str(&$name.replace('N', &number.to_string()))?;
        }
    };
    (@read $text:expr, $type:ident::$variant:ident, $name:literal) => {
        if $text == $name {
            return Ok($type::$variant);
        }
    };
    (@read $text:expr, $type:ident::$variant:ident($number:ident), $name:literal) => {
        if let Some(number) = $crate::choice::number($text, $name) {
            return Ok($type::$variant(number));
        }
    };
}
pub(crate) use choice;

/// Converts a type that is parsed and displayed from and to text, for serde.
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

/// The number of `group(8)`, if `pattern` is `group(N)`.
pub(crate) fn number(text: &str, pattern: &str) -> Option<usize> {
    let rest = text.strip_prefix(pattern.strip_suffix("(N)")?)?.trim();
    rest.strip_prefix('(')?
        .strip_suffix(')')?
        .trim()
        .parse()
        .ok()
}
