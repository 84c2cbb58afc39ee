use std::fmt::Write as _;

use axum::http::HeaderValue;

const CHARS_MAX: usize = 120;

/// Says that a file is to be kept under the name that its sender gave it, as far as that is harmless: in plain
/// letters for what reads no others (RFC 6266), and as it is (RFC 8187).
pub(super) fn attachment(name: &str) -> HeaderValue {
    let name = harmless(name);
    let plain = |c: char| if c.is_ascii() && c != '%' { c } else { '_' };
    let mut said = String::from("attachment; filename=\"");
    said.extend(name.chars().map(plain));
    said.push_str("\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            said.push(char::from(byte));
        } else {
            // A string takes all that is written to it.
            write!(said, "%{byte:02X}").ok();
        }
    }
    HeaderValue::from_str(&said).unwrap_or(HeaderValue::from_static("attachment"))
}

/// A name that leads nowhere, hides nothing, and keeps its ending.
fn harmless(name: &str) -> String {
    let safe = |c: char| if r#"/\:*?"<>|"#.contains(c) { '_' } else { c };
    let name: Vec<char> = name.chars().filter(|c| !is_hidden(*c)).map(safe).collect();
    let name: String = name.iter().skip(name.len().saturating_sub(CHARS_MAX)).collect();
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

/// What has no look of its own, or turns round what follows it.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, plain: &str, whole: &str) {
        let said = attachment(name);
        let then = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}");
        assert_eq!(said.to_str().unwrap(), then);
    }

    #[test]
    fn a_name_says_how_the_file_is_kept_and_nothing_else() {
        check("IMG_0042.HEIC", "IMG_0042.HEIC", "IMG_0042.HEIC");
        check("t\u{fc}r 1.jpg", "t_r 1.jpg", "t%C3%BCr%201.jpg");
        check("100%.txt", "100_.txt", "100%25.txt");
        check("../../etc/passwd", "_.._etc_passwd", "_.._etc_passwd");
        check("a\"; filename=\"b.exe", "a_; filename=_b.exe", "a_%3B%20filename%3D_b.exe");
        check("a\r\nset-cookie: x", "aset-cookie_ x", "aset-cookie_%20x");
        check("photo\u{202e}gpj.exe", "photogpj.exe", "photogpj.exe");
        for nothing in ["", " ..", "\u{200b}"] {
            check(nothing, "file", "file");
        }
        let long = format!("{}.jpg", "x".repeat(300));
        assert!(attachment(&long).to_str().unwrap().ends_with("xxx.jpg"));
    }
}
