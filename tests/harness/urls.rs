//! What `make up` says of a stack: the variables of `urls.env`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;

use crate::Result;

/// The variables, read once.
#[derive(Debug, Clone, Default)]
pub struct Urls(BTreeMap<String, String>);

impl Urls {
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("read {}: is the stack up?", path.display()))?;
        let pairs = text.lines().filter_map(|line| {
            let (name, value) = line.trim().trim_start_matches("export ").split_once('=')?;
            let value = value.trim_matches('\'').trim_matches('"');
            Some((name.to_owned(), value.to_owned()))
        });
        Ok(Self(pairs.collect()))
    }

    pub fn get(&self, name: &str) -> Result<&str> {
        self.0.get(name).map(String::as_str).with_context(|| format!("urls.env has no {name}"))
    }

    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The process that the variable names.
    pub fn pid(&self, name: &str) -> Result<u32> {
        self.get(name)?.parse().with_context(|| format!("{name} is no process id"))
    }
}

impl Urls {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
