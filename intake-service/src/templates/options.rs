//! What macros do with the options that they are given. A page may use these as well.

use std::fmt::{self, Write as _};

use minijinja::value::{Rest, ValueKind};
use minijinja::{Error, ErrorKind, Value};

/// Text that is no markup. Like the engine's own escaping, but for the slash: it harms nobody, and pages
/// are full of addresses.
pub(super) struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Whether an option is as good as not given.
fn is_empty(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || value.as_str().is_some_and(str::is_empty)
}

/// An option's value, or undefined where it is as good as not given. 0 and false are given.
pub(super) fn given(value: Value) -> Value {
    if is_empty(&value) { Value::UNDEFINED } else { value }
}

/// The attributes of an element: `attrs({"id": .., "disabled": true}, more..)`.
///
/// Of the first map, what is empty or false is left out and what is true stands without a value. Of the
/// others everything that was given is written as it is: `{"value": ""}` or `{"spellcheck": false}`.
pub(super) fn attributes(own: &Value, more: Rest<Value>) -> Result<Value, Error> {
    let mut written = String::new();
    for (name, value) in pairs(own)? {
        if value.kind() != ValueKind::Bool {
            write_attribute(&mut written, &name, &given(value));
        } else if value.is_true() {
            written.push(' ');
            written.push_str(&name);
        }
    }
    for map in more.0 {
        for (name, value) in pairs(&map)? {
            write_attribute(&mut written, &name, &value);
        }
    }
    Ok(Value::from_safe_string(written))
}

fn write_attribute(written: &mut String, name: &str, value: &Value) {
    if !value.is_undefined() && !value.is_none() {
        let text = match (value.kind(), value.is_true()) {
            (ValueKind::Bool, is_true) => is_true.to_string(),
            (_, _) => value.to_string(),
        };
        // Writing to a string cannot fail.
        write!(written, " {name}=\"{}\"", Escaped(&text)).ok();
    }
}

/// What stands inside an element: `html`, or else `text`; `content(params, "title")` takes `titleHtml` and
/// `titleText`.
pub(super) fn content(options: &Value, of: Option<&str>) -> Result<Value, Error> {
    let name = |word: &str| match of {
        None => word.to_lowercase(),
        Some(of) => format!("{of}{word}"),
    };
    for word in ["Html", "Text"] {
        let value = options.get_attr(&name(word))?;
        if value.is_true() {
            return Ok(value);
        }
    }
    Ok(Value::from(""))
}

/// Words with a space between, without those that are not given: classes, ids.
pub(super) fn joined(words: Rest<Value>) -> String {
    let given = words.0.into_iter().filter(Value::is_true);
    given.map(|word| word.to_string()).collect::<Vec<_>>().join(" ")
}

/// The ids of what explains a control, for its aria-describedby: what the page says, hint, error.
pub(super) fn explained_by(options: &Value, id: &str) -> Result<String, Error> {
    let mut ids = vec![options.get_attr("describedBy")?];
    for (part, ending) in [("hint", "hint"), ("errorMessage", "error")] {
        if options.get_attr(part)?.is_true() {
            ids.push(Value::from(format!("{id}-{ending}")));
        }
    }
    Ok(joined(Rest(ids)))
}

/// One map of several; of two values with one name the later holds.
pub(super) fn merged(maps: Rest<Value>) -> Result<Value, Error> {
    let mut all = vec![];
    for map in maps.0 {
        all.extend(pairs(&map)?);
    }
    Ok(Value::from_pairs(all))
}

/// The names and values of a map. Nothing is as good as an empty one.
fn pairs(map: &Value) -> Result<Vec<(String, Value)>, Error> {
    if map.is_undefined() || map.is_none() {
        return Ok(vec![]);
    }
    if map.kind() != ValueKind::Map {
        let told = format!("{} is no map of options", map.kind());
        return Err(Error::new(ErrorKind::InvalidOperation, told));
    }
    map.try_iter()?.map(|name| Ok((name.to_string(), map.get_item(&name)?))).collect()
}
