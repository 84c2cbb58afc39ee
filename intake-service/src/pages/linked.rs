//! Numbers and addresses in a text become links: on a phone one press calls.

use minijinja::{HtmlEscape, Value};

/// Numbers that are called as they stand.
const SHORT: [&str; 4] = ["999", "101", "111", "105"];

/// Pages of this site, and what stands on their links.
const OWN: [(&str, &str); 1] = [("my-report", "your report")];

/// Each line of `text` as HTML.
#[must_use]
pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(line).collect()
}

fn line(text: &str) -> Value {
    let mut html = String::new();
    let words: Vec<&str> = text.split(' ').collect();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if at > 0 {
            html.push(' ');
        }
        let rest = words.get(at..).unwrap_or_default();
        let (count, linked) = number(rest)
            .or_else(|| address(word).map(|link| (1, link)))
            .unwrap_or_else(|| (1, HtmlEscape(word).to_string()));
        html.push_str(&linked);
        at += count;
    }
    Value::from_safe_string(html)
}

/// What a sentence puts behind a word.
fn bare(word: &str) -> (&str, &str) {
    let end = word.trim_end_matches(['.', ',', ':', ';', ')']).len();
    word.split_at(end)
}

/// A number at the beginning of `words`, and over how many of them it goes.
fn number(words: &[&str]) -> Option<(usize, String)> {
    let is_digits = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let first = words.first()?;
    let (plain, behind) = bare(first);
    if SHORT.contains(&plain) {
        return Some((1, link("tel:", plain, plain, behind)));
    }
    if !plain.starts_with('0') || !is_digits(first) {
        return None;
    }
    let mut count = 1;
    while words.get(count).is_some_and(|word| is_digits(bare(word).0)) {
        count += 1;
        // What a sentence ends is the number's end.
        if words.get(count - 1).is_some_and(|word| !bare(word).1.is_empty()) {
            break;
        }
    }
    let spoken = words.get(..count)?.join(" ");
    let (spoken, behind) = bare(&spoken);
    let digits: String = spoken.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= 9).then(|| (count, link("tel:", &digits, spoken, behind)))
}

/// A page of this site, or a web address of a public body.
fn address(word: &str) -> Option<String> {
    let (plain, behind) = bare(word);
    if let Some((to, text)) = OWN.iter().find(|(to, _)| plain.strip_prefix('/') == Some(to)) {
        return Some(link("/", to, text, behind));
    }
    let host = plain.split('/').next().unwrap_or_default();
    let is_public =
        [".police.uk", ".gov.uk", ".nhs.uk", ".org.uk"].iter().any(|end| host.ends_with(end));
    is_public.then(|| link("https://", plain, plain, behind))
}

fn link(scheme: &str, to: &str, text: &str, behind: &str) -> String {
    format!(
        "<a class=\"govuk-link\" href=\"{scheme}{}\">{}</a>{}",
        HtmlEscape(to),
        HtmlEscape(text),
        HtmlEscape(behind)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, then: &str) {
        let drawn = line(text).to_string().replace(" class=\"govuk-link\"", "");
        assert_eq!(drawn, then);
    }

    #[test]
    fn what_can_be_called_is_a_link_and_nothing_else_is_markup() {
        check("Call 999.", "Call <a href=\"tel:999\">999</a>.");
        check(
            "Text 07700 900123, or write",
            "Text <a href=\"tel:07700900123\">07700 900123</a>, or write",
        );
        check(
            "See reportfraud.police.uk.",
            "See <a href=\"https://reportfraud.police.uk\">reportfraud.police.uk</a>.",
        );
        check("Open /my-report.", "Open <a href=\"/my-report\">your report</a>.");
        check("1,000 <b> in 2026 & 18000", "1,000 &lt;b&gt; in 2026 &amp; 18000");
    }
}
