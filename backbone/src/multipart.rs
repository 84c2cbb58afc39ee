//! A form that carries files, read part after part as it comes: a file is never whole in memory.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use futures_util::Stream;
use multer::{Constraints, Error, SizeLimit};

use crate::http;
use crate::problem::Problem;

/// What such a form may hold besides its files.
const PARTS_MAX: usize = 64;
/// The next part, the next bytes of one, a whole field: each is waited for so long.
const PATIENCE: Duration = Duration::from_mins(2);
/// So much is read of the body at once.
const SLICE_BYTES: usize = 16 * 1024;
/// What stands before the first part and at the head of each one may have so much.
const HEAD_BYTES_MAX: usize = SLICE_BYTES;

/// The body of a form with files.
#[derive(Debug)]
pub struct Multipart {
    body: multer::Multipart<'static>,
    parts: usize,
    came: Came,
    patience: Duration,
    /// What was not read of the part before.
    rest: Rest,
}

/// One part of it.
#[derive(Debug)]
pub struct Part {
    /// None only when it is dropped.
    field: Option<multer::Field<'static>>,
    came: Came,
    patience: Duration,
    rest: Rest,
}

type Rest = Arc<Mutex<Option<multer::Field<'static>>>>;

/// How much came since the reader last got something out of it.
#[derive(Debug, Clone, Default)]
struct Came(Arc<AtomicUsize>);

impl Came {
    fn begin(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// False: more than any head has, and nothing came of it.
    fn add(&self, bytes: usize) -> bool {
        self.0.fetch_add(bytes, Ordering::Relaxed) + bytes <= HEAD_BYTES_MAX + SLICE_BYTES
    }
}

/// The head of a part does not end.
#[derive(Debug, thiserror::Error)]
#[error("the head of a part is too long")]
struct HeadTooLong;

/// The body in small slices. The reader keeps in memory all that is ready until it has found what it looks for:
/// so it gets one slice, looks, and then gets another; and no more where it goes on finding nothing.
struct Slices<S> {
    body: S,
    ready: Bytes,
    has_given: bool,
    came: Came,
}

impl<S, E> Stream for Slices<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.has_given) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.ready.is_empty() {
            match std::task::ready!(Pin::new(&mut self.body).poll_next(cx)) {
                Some(Ok(bytes)) => self.ready = bytes,
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(None),
            }
        }
        let slice = self.ready.len().min(SLICE_BYTES);
        let slice = self.ready.split_to(slice);
        self.has_given = true;
        let is_little = self.came.add(slice.len());
        Poll::Ready(Some(if is_little { Ok(slice) } else { Err(HeadTooLong.into()) }))
    }
}

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
        let came = Came::default();
        let body = Slices { body, ready: Bytes::new(), has_given: false, came: came.clone() };
        let body = multer::Multipart::with_constraints(body, boundary, constraints);
        Ok(Self { body, parts: 0, came, patience: PATIENCE, rest: Rest::default() })
    }
}

async fn in_time<T>(
    patience: Duration,
    waits: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    tokio::time::timeout(patience, waits).await.unwrap_or_else(|_| {
        Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_cut", "The body came too slowly."))
    })
}

async fn chunk(field: &mut multer::Field<'static>, came: &Came) -> Result<Option<Bytes>, Problem> {
    came.begin();
    field.chunk().await.map_err(|error| unreadable(&error))
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
        let field =
            in_time(self.patience, Self::next_field(&mut self.body, &self.came, &self.rest));
        let (came, patience, rest) = (self.came.clone(), self.patience, Arc::clone(&self.rest));
        Ok(field.await?.map(|field| Part { field: Some(field), came, patience, rest }))
    }

    async fn next_field(
        body: &mut multer::Multipart<'static>,
        came: &Came,
        rest: &Rest,
    ) -> Result<Option<multer::Field<'static>>, Problem> {
        let before = rest.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut before) = before {
            while chunk(&mut before, came).await?.is_some() {}
        }
        came.begin();
        body.next_field().await.map_err(|error| unreadable(&error))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = self.field.take();
    }
}

impl Part {
    #[must_use]
    pub fn name(&self) -> &str {
        self.field.as_ref().and_then(multer::Field::name).unwrap_or_default()
    }

    /// What the sender's device calls the file; None where it is no file.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.field.as_ref().and_then(multer::Field::file_name)
    }

    /// What came next of it.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Problem> {
        in_time(self.patience, self.read()).await
    }

    async fn read(&mut self) -> Result<Option<Bytes>, Problem> {
        let Some(field) = &mut self.field else { return Ok(None) };
        chunk(field, &self.came).await
    }

    /// The part as text of at most `bytes_max`.
    pub async fn text(mut self, bytes_max: usize) -> Result<String, Problem> {
        in_time(self.patience, self.read_text(bytes_max)).await
    }

    async fn read_text(&mut self, bytes_max: usize) -> Result<String, Problem> {
        let mut text = vec![];
        while let Some(chunk) = self.read().await? {
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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::{StreamExt as _, stream};

    use super::*;

    const BEGIN: &str = "--zq\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n";

    async fn form(pieces: Vec<Vec<u8>>, goes_on: bool) -> Multipart {
        let pieces = stream::iter(pieces).map(Ok::<_, std::io::Error>);
        let body = if goes_on {
            Body::from_stream(pieces.chain(stream::pending()))
        } else {
            Body::from_stream(pieces)
        };
        let request = Request::post("/").header("content-type", "multipart/form-data; boundary=zq");
        Multipart::from_request(request.body(body).unwrap(), &()).await.unwrap()
    }

    #[tokio::test]
    async fn what_was_not_read_of_a_part_is_passed_over() {
        let large = vec![b'x'; 1_000_000];
        let body = [BEGIN.as_bytes(), &large, b"\r\n", BEGIN.as_bytes(), b"b\r\n--zq--\r\n"];
        let mut form = form(vec![body.concat()], false).await;
        drop(form.next().await.unwrap().unwrap());
        let part = form.next().await.unwrap().unwrap();
        assert_eq!((part.name(), part.file_name()), ("a", None));
        assert_eq!(part.text(10).await.unwrap(), "b");
        assert!(form.next().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_is_refused_before_it_fills_the_memory() {
        let endless = vec![vec![b'x'; 100_000]; 10];
        let head = [b"--zq\r\nx-long: ".to_vec()].into_iter().chain(endless.clone()).collect();
        for pieces in [endless, head] {
            // It goes on for ever: only what is refused answers.
            let refused = form(pieces, true).await.next().await.unwrap_err();
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        }
    }

    #[tokio::test]
    async fn a_part_that_does_not_go_on_is_given_up() {
        let stalled = async |text: &str| {
            let mut form = form(vec![text.as_bytes().to_vec()], true).await;
            form.patience = Duration::from_millis(10);
            form
        };
        let next = stalled("--zq").await.next().await.unwrap_err();
        assert_eq!(next.status(), StatusCode::REQUEST_TIMEOUT);
        let part = async || stalled(BEGIN).await.next().await.unwrap().unwrap();
        let chunk = part().await.chunk().await.unwrap_err();
        assert_eq!(chunk.status(), StatusCode::REQUEST_TIMEOUT);
        let text = part().await.text(10).await.unwrap_err();
        assert_eq!(text.status(), StatusCode::REQUEST_TIMEOUT);
        // Nor is its rest waited for.
        let mut form = stalled(BEGIN).await;
        drop(form.next().await.unwrap());
        assert_eq!(form.next().await.unwrap_err().status(), StatusCode::REQUEST_TIMEOUT);
    }
}
