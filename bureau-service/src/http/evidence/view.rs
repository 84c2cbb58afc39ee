use std::io;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use backbone::evidence::ReadError;
use backbone::http::Path;
use backbone::problem::Problem;
use futures_util::TryStreamExt as _;
use uuid::Uuid;

use super::super::Bureau;
use super::super::staff::Reader;
use super::{find, guard, on_record, sandboxed, unread};
use crate::originals;
use crate::viewing::{NoCopy, Picture};

const BUSY_SECONDS: u64 = 5;

/// A picture to look at, drawn anew from the original and kept nowhere.
pub(in super::super) async fn get(
    State(bureau): State<Bureau>,
    Reader(staff): Reader,
    Path((reference, file_id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let case = bureau.case(&reference).await?;
    let evidence = find(&bureau, &case, &file_id).await?;
    guard(&staff, &evidence)?;
    let file = evidence.file;
    let picture = Picture::of(&file.media_type).ok_or_else(no_view)?;
    on_record(&bureau, &staff, &case, &format!("evidence view {}", file.id)).await?;
    let read = originals::begin(&bureau.store, &file).await;
    let read = read.map_err(|error| unread(&error, file.id))?.map_err(io::Error::other);
    let drawn = bureau.viewing.copy(picture, read).await;
    let mut response = drawn.map_err(|why| not_drawn(why, file.id))?.into_response();
    let media_type = HeaderValue::from_static(picture.media_type());
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    Ok(sandboxed(response, HeaderValue::from_static("inline")))
}

fn no_view() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "no_view",
        "Only pictures of type JPEG and PNG can be looked at here. Download this file.",
    )
}

fn not_drawn(why: NoCopy, file_id: Uuid) -> Problem {
    let cannot = |code, detail| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail);
    match why {
        NoCopy::TooLarge => {
            cannot("picture_too_large", "This picture is too large to be drawn here. Download it.")
        }
        NoCopy::NotAPicture => cannot(
            "not_a_picture",
            "This file cannot be drawn: it is damaged or no picture. Download it with care.",
        ),
        NoCopy::Busy => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "Too many pictures are being drawn. Try again in a moment.",
        )
        .retry_after(BUSY_SECONDS),
        NoCopy::Slow => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "file_away",
            "The file comes too slowly. Try again in a moment.",
        )
        .retry_after(BUSY_SECONDS),
        NoCopy::Original(error) => match error.downcast::<ReadError>() {
            Ok(error) => unread(&error, file_id),
            Err(error) => failed(&error.to_string()),
        },
        NoCopy::Failed(why) => failed(&why),
    }
}

fn failed(error: &str) -> Problem {
    tracing::error!(error, "alarm: the program that draws pictures failed");
    Problem::internal()
}
