//! Settings from the environment: each declared once with its help, all faults told at once.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// One setting, as `--help` lists it.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub name: &'static str,
    pub help: &'static str,
    /// None: the service does not start without it.
    pub default: Option<&'static str>,
}

impl Setting {
    #[must_use]
    pub const fn required(name: &'static str, help: &'static str) -> Self {
        Self { name, help, default: None }
    }

    #[must_use]
    pub const fn optional(name: &'static str, default: &'static str, help: &'static str) -> Self {
        Self { name, help, default: Some(default) }
    }
}

/// The settings as text, one a line.
#[must_use]
pub fn help(settings: &[Setting]) -> String {
    use fmt::Write as _;
    let mut text = String::from("Settings (environment variables):\n");
    for setting in settings {
        let default = match setting.default {
            None => "required".to_owned(),
            Some("") => "optional".to_owned(),
            Some(default) => format!("default {default}"),
        };
        let written = writeln!(text, "  {:<28} {} ({default})", setting.name, setting.help);
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    }
    text
}

/// Everything that is wrong with the settings, in one message.
#[derive(Debug, thiserror::Error)]
#[error("cannot start with these settings:\n{}", .0.iter().map(|fault| format!("  - {fault}")).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<String>);

/// Reads settings and collects what is wrong with them.
pub struct Reader {
    values: HashMap<String, String>,
    faults: Vec<String>,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("faults", &self.faults).finish_non_exhaustive()
    }
}

impl Reader {
    /// Reads the environment of this process.
    #[must_use]
    pub fn environment() -> Self {
        let text = |value: std::ffi::OsString| value.into_string().ok();
        Self::new(std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))))
    }

    /// Reads `values`.
    pub fn new<T: Into<String>>(values: impl IntoIterator<Item = (T, T)>) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { values: values.collect(), faults: vec![] }
    }

    /// Whether the setting has a value of its own.
    #[must_use]
    pub fn is_set(&self, setting: &Setting) -> bool {
        self.values.get(setting.name).is_some_and(|value| !value.trim().is_empty())
    }

    /// The setting's text, or its default.
    pub fn text(&mut self, setting: &Setting) -> String {
        let set = self.values.get(setting.name).filter(|value| !value.trim().is_empty());
        match (set, setting.default) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => default.to_owned(),
            (None, None) => {
                self.faults.push(format!("{} is not set: {}", setting.name, setting.help));
                String::new()
            }
        }
    }

    /// The setting as something that is read from text.
    pub fn parsed<T: FromStr + Default>(&mut self, setting: &Setting) -> T {
        let text = self.text(setting);
        if text.is_empty() {
            return T::default();
        }
        text.parse().unwrap_or_else(|_| {
            self.faults.push(format!("{} cannot be read: {}", setting.name, setting.help));
            T::default()
        })
    }

    /// `24h`, `90m`, `30s` or `1500ms`.
    pub fn duration(&mut self, setting: &Setting) -> Duration {
        let text = self.text(setting);
        if text.is_empty() {
            return Duration::ZERO;
        }
        duration(&text).unwrap_or_else(|| {
            self.faults.push(format!("{} is no time such as 24h, 90m or 30s", setting.name));
            Duration::ZERO
        })
    }

    /// `yes` or `no`.
    pub fn yes(&mut self, setting: &Setting) -> bool {
        match self.text(setting).as_str() {
            "yes" | "true" | "on" | "1" => true,
            "no" | "false" | "off" | "0" | "" => false,
            _ => {
                self.faults.push(format!("{} must be yes or no", setting.name));
                false
            }
        }
    }

    pub fn path(&mut self, setting: &Setting) -> PathBuf {
        PathBuf::from(self.text(setting))
    }

    /// The secret that stands in the file that the setting names: at least 32 bytes as hex.
    pub fn secret_file(&mut self, setting: &Setting) -> Secret {
        let path = self.text(setting);
        if path.is_empty() {
            return Secret(vec![]);
        }
        match std::fs::read_to_string(&path) {
            Err(error) => {
                self.faults.push(format!("{}: cannot read {path}: {error}", setting.name));
                Secret(vec![])
            }
            Ok(text) => match hex::decode(text.trim()) {
                Ok(bytes) if bytes.len() >= 32 => Secret(bytes),
                Ok(_) | Err(_) => {
                    self.faults.push(format!(
                        "{}: {path} must hold at least 32 bytes as hexadecimal digits",
                        setting.name
                    ));
                    Secret(vec![])
                }
            },
        }
    }

    /// The text of a small file, such as a password.
    pub fn text_file(&mut self, setting: &Setting) -> Secret {
        let path = self.text(setting);
        if path.is_empty() {
            return Secret(vec![]);
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => Secret(text.trim().as_bytes().to_vec()),
            Err(error) => {
                self.faults.push(format!("{}: cannot read {path}: {error}", setting.name));
                Secret(vec![])
            }
        }
    }

    /// Adds a fault that only the service can see.
    pub fn fault(&mut self, fault: impl Into<String>) {
        self.faults.push(fault.into());
    }

    /// The value, if nothing was wrong.
    pub fn finish<T>(self, value: T) -> Result<T, Faults> {
        if self.faults.is_empty() { Ok(value) } else { Err(Faults(self.faults)) }
    }
}

fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().ok()?;
    match text.get(digits.len()..)? {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3600)?)),
        _ => None,
    }
}

/// Bytes that are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        assert_eq!(duration("24h"), Some(Duration::from_hours(24)));
        assert_eq!(duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(duration("1500ms"), Some(Duration::from_millis(1500)));
        assert_eq!(duration("24"), None);
        assert_eq!(duration("soon"), None);
    }

    #[test]
    fn all_faults_are_told_at_once_and_by_name() {
        let mut reader = Reader::new([("SET", "here"), ("BLANK", " ")]);
        for name in ["SET", "BLANK", "ABSENT"] {
            reader.text(&Setting::required(name, "something"));
        }
        let told = reader.finish(()).unwrap_err().to_string();
        assert!(told.contains("BLANK is not set") && told.contains("ABSENT is not set"), "{told}");
        assert!(!told.contains("- SET"), "{told}");
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new(b"hunter2".to_vec())), "Secret(..)");
    }
}
