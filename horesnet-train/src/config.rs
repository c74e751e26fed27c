//! Settings whose fields have their defaults beside them.

/// Makes a struct of settings that files and the command line set one by one: a field that they leave out has the default
/// beside it, one that they misspell is refused.
macro_rules! config {
    (
        $(#[$about:meta])*
        pub struct $config:ident {
            $($(#[$about_field:meta])* pub $field:ident: $type:ty = $default:expr,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $config {
            $($(#[$about_field])* pub $field: $type,)+
        }

        impl Default for $config {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }
    };
}
pub(crate) use config;
