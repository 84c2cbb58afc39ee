//! What the caller's environment says: read here and nowhere else.

use std::path::PathBuf;

/// The variable's text; None where it is not set, empty or no text.
pub(crate) fn text(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.into_string().ok()?;
    (!value.trim().is_empty()).then_some(value)
}

/// A program of this name on the PATH, or in the folders of system programs, which an ordinary
/// user's PATH leaves out.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// Whether `name` is found by a shell without its folder.
pub(crate) fn is_on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// libpq's own variables, as far as the caller has set them. They name another server, and both
/// libpq and sqlx would mix them into our URLs: whatever we start goes without.
pub(crate) fn postgres_variables() -> Vec<std::ffi::OsString> {
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.to_str().is_some_and(|name| name.starts_with("PG") && name != "PG_BIN"))
        .collect()
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
