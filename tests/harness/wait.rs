//! Waiting on a level, never on a time.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::Result;

/// Asks `probe` until it gives something, at most for `limit`. What it last said went wrong is told.
pub async fn until<T, F, P>(what: &str, limit: Duration, mut probe: P) -> Result<T>
where
    P: FnMut() -> F,
    F: Future<Output = Result<Option<T>>>,
{
    let since = Instant::now();
    let mut last = String::from("not yet");
    loop {
        match probe().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(error) => last = format!("{error:#}"),
        }
        if since.elapsed() > limit {
            bail!("waited {limit:?} for {what}: {last}");
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
