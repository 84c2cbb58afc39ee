//! The style sheet, script and icons of the pages, compiled in. Their address changes with their content,
//! so that a browser may keep them for ever.

use std::sync::LazyLock;

use aws_lc_rs::digest;

/// Names and contents; `.br` and `.gz` beside a file are the same file, compressed.
static FILES: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/assets.rs"));

static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut all = digest::Context::new(&digest::SHA256);
    for (name, bytes) in FILES {
        all.update(name.as_bytes());
        all.update(digest::digest(&digest::SHA256, bytes).as_ref());
    }
    hex::encode(all.finish()).chars().take(8).collect()
});

static PREFIX: LazyLock<String> = LazyLock::new(|| format!("/assets/{}", *HASH));

/// Eight hexadecimal digits that stand for the content of all files.
#[must_use]
pub fn hash() -> &'static str {
    &HASH
}

/// Where the files are, for pages: `/assets/1a2b3c4d`.
#[must_use]
pub fn prefix() -> &'static str {
    &PREFIX
}

/// How a file is packed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Brotli,
    Gzip,
    Identity,
}

impl Coding {
    /// Its name in Accept-Encoding and Content-Encoding.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }
}

/// A file that may be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    pub content_type: &'static str,
    pub coding: Coding,
    /// Whether other codings of it exist, so that an answer depends on what was accepted.
    pub varies: bool,
    pub bytes: &'static [u8],
}

/// The file of this name in the shortest form that the client `accepts`.
pub fn find(name: &str, accepts: impl Fn(Coding) -> bool) -> Option<Asset> {
    let content_type = content_type(name)?;
    let plain = content(name)?;
    let packed = [Coding::Brotli, Coding::Gzip]
        .map(|coding| content(&format!("{name}{}", coding.ending())).map(|bytes| (coding, bytes)));
    let varies = packed.iter().any(Option::is_some);
    let best = packed.into_iter().flatten().find(|(coding, _)| accepts(*coding));
    let (coding, bytes) = best.unwrap_or((Coding::Identity, plain));
    Some(Asset { content_type, coding, varies, bytes })
}

fn content(name: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}

/// None for what is not served by itself, such as the compressed twins.
fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIBIBYTE: usize = 1024;

    fn size(name: &str) -> usize {
        find(name, |coding| coding == Coding::Brotli).unwrap().bytes.len()
    }

    #[test]
    fn style_and_script_are_small() {
        assert!(size("app.css") + size("app.js") < 25 * KIBIBYTE);
    }

    #[test]
    fn the_shortest_accepted_form_is_taken() {
        let coding = |accepted: &[Coding]| {
            find("app.css", |coding| accepted.contains(&coding)).unwrap().coding
        };
        assert_eq!(coding(&[Coding::Gzip, Coding::Brotli]), Coding::Brotli);
        assert_eq!(coding(&[Coding::Gzip]), Coding::Gzip);
        assert_eq!(coding(&[]), Coding::Identity);
    }

    #[test]
    fn only_files_with_a_type_are_served() {
        for name in ["app.css.br", ".stamp", "nothing.css", "../Cargo.toml", ""] {
            assert_eq!(find(name, |_| true), None, "{name}");
        }
    }

    #[test]
    fn the_style_asks_for_nothing_else() {
        let style = find("app.css", |_| false).unwrap().bytes;
        let style = std::str::from_utf8(style).unwrap();
        for foreign in ["url(", "@import", "GDS Transport"] {
            assert!(!style.contains(foreign), "{foreign}");
        }
    }
}
