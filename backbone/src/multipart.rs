//! A form that carries files, read part after part as it comes: a file is never whole in memory.

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use multer::{Constraints, Error, SizeLimit};

use crate::http;
use crate::problem::Problem;

/// What such a form may hold besides its files.
const PARTS_MAX: usize = 64;

/// The body of a form with files.
#[derive(Debug)]
pub struct Multipart {
    body: multer::Multipart<'static>,
    parts: usize,
}

/// One part of it.
#[derive(Debug)]
pub struct Part(multer::Field<'static>);

impl<S: Send + Sync> FromRequest<S> for Multipart {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        http::require_plain(request.headers())?;
        let said = request.headers().get(header::CONTENT_TYPE);
        let said = said.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(said).map_err(|_| {
            Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send the body as multipart/form-data.",
            )
        })?;
        // Each part is read with a limit of its own.
        let constraints = Constraints::new().size_limit(SizeLimit::new());
        let body = request.into_body().into_data_stream();
        let body = multer::Multipart::with_constraints(body, boundary, constraints);
        Ok(Self { body, parts: 0 })
    }
}

impl Multipart {
    /// The next part. What was not read of the one before is passed over.
    pub async fn next(&mut self) -> Result<Option<Part>, Problem> {
        self.parts += 1;
        if self.parts > PARTS_MAX {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_many_fields",
                format!("The form may have at most {PARTS_MAX} parts."),
            ));
        }
        Ok(self.body.next_field().await.map_err(|error| unreadable(&error))?.map(Part))
    }
}

impl Part {
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name().unwrap_or_default()
    }

    /// What the sender's device calls the file; None where it is no file.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// What came next of it.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Problem> {
        self.0.chunk().await.map_err(|error| unreadable(&error))
    }

    /// The part as text of at most `bytes_max`.
    pub async fn text(mut self, bytes_max: usize) -> Result<String, Problem> {
        let mut text = vec![];
        while let Some(chunk) = self.chunk().await? {
            if text.len() + chunk.len() > bytes_max {
                return Err(Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "body_too_large",
                    format!("A field may have at most {bytes_max} bytes."),
                ));
            }
            text.extend_from_slice(&chunk);
        }
        String::from_utf8(text).map_err(|_| {
            Problem::new(StatusCode::BAD_REQUEST, "malformed_form", "A field is no text.")
        })
    }
}

fn unreadable(error: &Error) -> Problem {
    if matches!(
        error,
        Error::StreamReadFailed(_) | Error::IncompleteFieldData { .. } | Error::IncompleteStream
    ) {
        return Problem::new(StatusCode::BAD_REQUEST, "body_cut", "The body did not arrive whole.");
    }
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed_form",
        "The body is no multipart/form-data that can be read.",
    )
}
