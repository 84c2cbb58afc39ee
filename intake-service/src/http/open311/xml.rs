//! An answer as XML: the same names as in JSON, and a list's items under the name of one.

use std::borrow::Cow;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::Value;

/// What a list is called, and what one of it is.
const ITEMS: [(&str, &str); 7] = [
    ("services", "service"),
    ("attributes", "attribute"),
    ("values", "value"),
    ("service_requests", "request"),
    ("errors", "error"),
    ("endpoints", "endpoint"),
    ("formats", "format"),
];

/// `body` under `root`. What is null is left out.
pub(super) fn write(root: &str, body: &Value) -> Vec<u8> {
    let mut writer = Writer::new(vec![]);
    let declared = writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
    let written = declared.and_then(|()| element(&mut writer, root, body));
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
    writer.into_inner()
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, value: &Value) -> io::Result<()> {
    let text = match value {
        Value::Null => return Ok(()),
        Value::Object(fields) => {
            let mut inside = fields.iter();
            return within(writer, name, |writer| {
                inside.try_for_each(|(name, value)| element(writer, name, value))
            });
        }
        Value::Array(items) => {
            let item = ITEMS.iter().find(|(list, _)| *list == name).map_or("item", |(_, one)| one);
            return within(writer, name, |writer| {
                items.iter().try_for_each(|value| element(writer, item, value))
            });
        }
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Bool(_) | Value::Number(_) => Cow::Owned(value.to_string()),
    };
    // What somebody sent is repeated in a refusal; XML has no way to write some characters.
    let legal: String = text.chars().filter(|c| is_legal(*c)).collect();
    writer.create_element(name).write_text_content(BytesText::new(&legal)).map(|_| ())
}

fn within(
    writer: &mut Writer<Vec<u8>>,
    name: &str,
    inside: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> io::Result<()> {
    writer.create_element(name).write_inner_content(inside).map(|_| ())
}

fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(root: &str, body: &Value, then: &str) {
        let text = String::from_utf8(write(root, body)).unwrap();
        assert_eq!(text, format!(r#"<?xml version="1.0" encoding="utf-8"?>{then}"#));
    }

    #[test]
    fn a_list_has_its_items_under_the_name_of_one() {
        check("services", &json!([]), "<services></services>");
        check(
            "service_definition",
            &json!({ "attributes": [{ "order": 1, "values": [{ "key": "a" }], "x": null }] }),
            "<service_definition><attributes><attribute><order>1</order><values><value>\
             <key>a</key></value></values></attribute></attributes></service_definition>",
        );
    }

    #[test]
    fn no_text_becomes_markup_or_what_xml_cannot_say() {
        let told = json!([{ "description": "a<b> & \"c\" ]]>\u{0}\u{b}\u{ffff}" }]);
        let then = "<errors><error><description>a&lt;b&gt; &amp; &quot;c&quot; ]]&gt;\
                    </description></error></errors>";
        check("errors", &told, then);
    }
}
