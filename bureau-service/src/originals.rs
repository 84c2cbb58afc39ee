//! Files as they were sent, read so that nobody takes another one for them.

use std::pin::Pin;

use backbone::evidence::{Original, PIECE_BYTES_MAX, ReadError, Store};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Peekable};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};

use crate::codec::content::File;

/// The file from its beginning. A small one is proved whole before this returns; of a larger one that is not
/// what was sent, at least the end is missing.
pub async fn begin(
    store: &Store,
    file: &File,
) -> Result<BoxStream<'static, Result<Bytes, ReadError>>, ReadError> {
    let original = Original::find(store, file.id, file.key.clone(), file.size).await?;
    let mut rest = held_back(original.read(file.sha256)).boxed();
    let (mut proved, mut bytes) = (vec![], 0);
    while bytes < PIECE_BYTES_MAX
        && let Some(part) = rest.try_next().await?
    {
        bytes += part.len() as u64;
        proved.push(Ok(part));
    }
    Ok(stream::iter(proved).chain(rest).boxed())
}

/// Each part when it is known that what comes after it can be read: so the last one comes when all is proved.
fn held_back<S>(parts: S) -> impl Stream<Item = S::Item> + Send
where
    S: Stream<Item = Result<Bytes, ReadError>> + Send,
{
    let parts = Box::pin(parts.peekable());
    stream::try_unfold(parts, |mut parts| async move {
        let Some(part) = parts.try_next().await? else { return Ok(None) };
        match fault(parts.as_mut()).await {
            Some(fault) => Err(fault),
            None => Ok(Some((part, parts))),
        }
    })
}

/// Why nothing can be read next.
async fn fault<S>(parts: Pin<&mut Peekable<S>>) -> Option<ReadError>
where
    S: Stream<Item = Result<Bytes, ReadError>>,
{
    parts.next_if(Result::is_err).await?.err()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(parts: Vec<Result<Bytes, ReadError>>) -> (Vec<Bytes>, bool) {
        let read: Vec<_> = held_back(stream::iter(parts)).collect().await;
        let fails = read.last().is_some_and(Result::is_err);
        (read.into_iter().filter_map(Result::ok).collect(), fails)
    }

    #[tokio::test]
    async fn the_last_part_comes_only_when_all_is_proved() {
        let parts = || [b"one".as_slice(), b"two"].map(|part| Ok(Bytes::from_static(part)));
        assert_eq!(read(parts().into()).await, (vec!["one".into(), "two".into()], false));
        let other = parts().into_iter().chain([Err(ReadError::NotTheOriginal)]).collect();
        assert_eq!(read(other).await, (vec!["one".into()], true));
        assert_eq!(read(vec![Err(ReadError::NotWhole)]).await, (vec![], true));
        assert_eq!(read(vec![]).await, (vec![], false));
    }
}
