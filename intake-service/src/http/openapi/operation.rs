//! What one operation takes and answers.

use serde_json::{Map, Value, json};

use crate::http::idempotency;

/// An operation as the document has it.
#[derive(Debug, Clone)]
pub(in crate::http) struct Operation {
    about: Map<String, Value>,
    parameters: Vec<Value>,
    /// By status.
    answers: Map<String, Value>,
}

impl Operation {
    pub(in crate::http) fn new(tag: &str, id: &str, summary: &str) -> Self {
        let mut about = Map::new();
        about.insert("operationId".to_owned(), id.into());
        about.insert("summary".to_owned(), summary.into());
        about.insert("tags".to_owned(), json!([tag]));
        let operation = Self { about, parameters: vec![], answers: Map::new() };
        operation
            .refuses(429, "Too much in an hour from one connection (`too_many_requests`)")
            .refuses(500, "Something went wrong on our side (`internal`)")
            .refuses(503, "Not at the moment (`unavailable`, `took_too_long`): nothing was lost, send it again")
    }

    pub(in crate::http) fn says(mut self, words: &str) -> Self {
        self.about.insert("description".to_owned(), words.into());
        self
    }

    /// Takes a part of the path.
    pub(in crate::http) fn named_by(mut self, name: &str, words: &str, schema: &Value) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "path", "required": true, "description": words, "schema": schema,
        }));
        self
    }

    /// Takes a header.
    pub(in crate::http) fn heeds(self, name: &str, words: &str, schema: &Value) -> Self {
        self.header(name, true, words, schema)
    }

    /// Takes a header that may be left out.
    pub(in crate::http) fn may_heed(self, name: &str, words: &str, schema: &Value) -> Self {
        self.header(name, false, words, schema)
    }

    fn header(mut self, name: &str, is_required: bool, words: &str, schema: &Value) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "header", "required": is_required, "description": words, "schema": schema,
        }));
        self
    }

    /// Takes a report's reference and the code that opens it.
    pub(in crate::http) fn opens_a_report(self) -> Self {
        let reference =
            json!({ "type": "string", "minLength": 1, "maxLength": 40, "example": "7K4M-2TQ9-2" });
        let code = json!({ "type": "string", "minLength": 1, "maxLength": 64, "example": "4TQX-93WM-K7HD-2VRC" });
        self.named_by("reference", "The report's reference. Capitals, spaces and hyphens do not matter", &reference)
            .heeds(
                "Return-Code",
                "The code that came with the reference. It is never part of an address. After five wrong ones each further \
                 wrong one has to wait; the right one opens at any time",
                &code,
            )
            .refuses(400, "The header Return-Code is missing or sent twice (`return_code_missing`, `repeated_header`)")
            .refuses(404, "Reference and code do not open a report (`not_opened`): the same answer for a wrong one of either")
            .refuses(429, "Wrong codes came too often (`wait`)")
    }

    /// Takes the key that makes sending twice sending once.
    pub(in crate::http) fn takes_a_key(self) -> Self {
        let (least, most) = (idempotency::LENGTH.start(), idempotency::LENGTH.end());
        let key = json!({
            "type": "string",
            "minLength": least,
            "maxLength": most,
            "pattern": format!("^[!#-~]{{{least},{most}}}$"),
            "example": "5b1c0f9e-3a52-4a0e-9d6c-2f6d1f0a7c11",
        });
        self.heeds(
            "Idempotency-Key",
            "Made up by the client, such as a random UUID: nobody must be able to guess it. The same key with the same request is \
             answered as it was the first time; with another one it is refused",
            &key,
        )
        .refuses(400, "The Idempotency-Key is missing, sent twice, or no key (`idempotency_key_missing`, `repeated_header`, `idempotency_key_wrong`)")
        .refuses(422, "The key was used for something else (`idempotency_key_reused`)")
    }

    /// Takes a JSON body of this shape.
    pub(in crate::http) fn takes(
        mut self,
        schema: &str,
        is_required: bool,
        examples: Vec<(String, Value)>,
    ) -> Self {
        let examples: Map<String, Value> =
            examples.into_iter().map(|(name, value)| (name, json!({ "value": value }))).collect();
        let mut content = json!({ "schema": shape(schema) });
        if let Some(fields) = content.as_object_mut().filter(|_| !examples.is_empty()) {
            fields.insert("examples".to_owned(), examples.into());
        }
        let body = json!({ "required": is_required, "content": { "application/json": content } });
        self.about.insert("requestBody".to_owned(), body);
        self.refuses(400, "The body is no JSON, or nested too deep (`malformed_json`, `nested_too_deep`, `body_cut`)")
            .refuses(413, "The body is too large (`body_too_large`, `too_large`)")
            .refuses(415, "The body is not sent as plain JSON (`unsupported_media_type`, `unsupported_content_encoding`)")
            .refuses(422, "The body has not the members that are asked for (`wrong_fields`)")
    }

    /// Takes a body that is no JSON.
    pub(in crate::http) fn takes_as(
        mut self,
        media_type: &str,
        is_required: bool,
        schema: &Value,
    ) -> Self {
        let content = json!({ media_type: { "schema": schema } });
        let body = json!({ "required": is_required, "content": content });
        self.about.insert("requestBody".to_owned(), body);
        self.refuses(415, "The body is sent as something else (`unsupported_media_type`, `unsupported_content_encoding`)")
    }

    /// Answers with headers alone.
    pub(in crate::http) fn gives_nothing(mut self, status: u16, words: &str) -> Self {
        self.answers.insert(status.to_string(), json!({ "description": words }));
        self
    }

    /// Answers with JSON of this shape.
    pub(in crate::http) fn gives(
        mut self,
        status: u16,
        words: &str,
        schema: &Value,
        example: Option<Value>,
    ) -> Self {
        let mut content = json!({ "schema": schema });
        if let Some((fields, example)) = content.as_object_mut().zip(example) {
            fields.insert("example".to_owned(), example);
        }
        let answer = json!({ "description": words, "content": { "application/json": content } });
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// Answers with text that is no JSON.
    pub(in crate::http) fn gives_text(
        mut self,
        words: &str,
        media_type: &str,
        example: &str,
    ) -> Self {
        let content = json!({ "schema": { "type": "string" }, "example": example });
        let answer = json!({ "description": words, "content": { media_type: content } });
        self.answers.insert("200".to_owned(), answer);
        self
    }

    /// Says that an act is done, or was done before.
    pub(in crate::http) fn confirms(self, words: &str, schema: &str, example: Value) -> Self {
        let replayed = json!({
            "description": "`true` where the same request was answered before",
            "schema": { "type": "string", "const": "true" },
        });
        self.gives(201, words, &shape(schema), Some(example)).tells(
            201,
            "Idempotent-Replayed",
            replayed,
        )
    }

    /// Adds a header to an answer.
    pub(in crate::http) fn tells(self, status: u16, name: &str, header: Value) -> Self {
        self.with(status, "headers", name, header)
    }

    /// Says what can be done with an answer.
    pub(in crate::http) fn leads_to(self, status: u16, operation: &str, with: Value) -> Self {
        self.with(status, "links", operation, with)
    }

    fn with(mut self, status: u16, what: &str, name: &str, value: Value) -> Self {
        let answer = self.answers.get_mut(&status.to_string()).and_then(Value::as_object_mut);
        let all = answer.map(|answer| answer.entry(what).or_insert_with(|| json!({})));
        if let Some(all) = all.and_then(Value::as_object_mut) {
            all.insert(name.to_owned(), value);
        }
        self
    }

    /// Refuses with a problem; one that is refused already is refused for this reason too.
    pub(in crate::http) fn refuses(mut self, status: u16, words: &str) -> Self {
        let before =
            self.answers.get(&status.to_string()).and_then(|answer| answer["description"].as_str());
        let words = before.map_or_else(|| words.to_owned(), |before| format!("{before}. {words}"));
        let problem = json!({
            "description": words,
            "content": { "application/problem+json": { "schema": shape("Problem") } },
        });
        self.answers.insert(status.to_string(), problem);
        if matches!(status, 429 | 503) {
            let seconds = json!({
                "description": "Seconds to wait before it is sent again",
                "required": true,
                "schema": { "type": "integer", "minimum": 1 },
            });
            return self.tells(status, "Retry-After", seconds);
        }
        self
    }

    /// As it is asked for with `method`.
    pub(super) fn written(mut self, method: &str) -> Value {
        if method == "head" {
            // Its answers have no body, whatever they say.
            for answer in self.answers.values_mut().filter_map(Value::as_object_mut) {
                answer.remove("content");
            }
        }
        let mut written = self.about;
        if !self.parameters.is_empty() {
            written.insert("parameters".to_owned(), self.parameters.into());
        }
        written.insert("responses".to_owned(), self.answers.into());
        written.into()
    }
}

/// A shape of the document's by its name.
pub(in crate::http) fn shape(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// How the report that was just sent is opened.
pub(in crate::http) fn reported(operation: &str, body: Option<Value>) -> Value {
    link(operation, "$response.body#/reference", "$response.body#/return_code", body)
}

/// How the report that was just opened is opened again.
pub(in crate::http) fn next_of(operation: &str, body: Option<Value>) -> Value {
    link(operation, "$request.path.reference", "$request.header.Return-Code", body)
}

fn link(operation: &str, reference: &str, code: &str, body: Option<Value>) -> Value {
    let mut link = json!({
        "operationId": operation,
        "parameters": { "path.reference": reference, "header.Return-Code": code },
    });
    if let Some((fields, body)) = link.as_object_mut().zip(body) {
        fields.insert("requestBody".to_owned(), body);
    }
    link
}
