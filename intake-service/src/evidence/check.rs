use std::sync::{Arc, PoisonError};

use aws_lc_rs::digest;
use backbone::evidence::{Original, ReadError};
use futures_util::StreamExt as _;
use tokio::sync::oneshot;

use super::clamd::{Scan, Verdict};
use super::{CHECK_PATIENCE, Evidence, EvidenceError, Refused, State, Upload};

impl From<ReadError> for EvidenceError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Away(error) => error.into(),
            ReadError::NotWhole | ReadError::NotOpened | ReadError::NotTheOriginal => {
                tracing::error!("alarm: an upload was not kept as it came: {error}");
                Self::Refused(Refused::Lost)
            }
        }
    }
}

/// A file that is being read back; not twice at once.
struct Checking(Evidence, uuid::Uuid);

impl Drop for Checking {
    fn drop(&mut self) {
        self.0.checking.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Evidence {
    /// The upload with all that is known when it is whole. Waits a while for that; what takes longer goes on by
    /// itself, whoever goes away.
    pub async fn checked(&self, upload: Upload) -> Result<Upload, EvidenceError> {
        match upload.state {
            State::Ready | State::Taken => return Ok(upload),
            State::Refused => {
                return Err(EvidenceError::Refused(upload.problem.unwrap_or(Refused::Lost)));
            }
            State::Receiving | State::Checking if !upload.is_whole() => return Ok(upload),
            State::Receiving | State::Checking => {}
        }
        let id = upload.file_id;
        if !self.checking.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
            return Err(EvidenceError::Checking);
        }
        let checking = Checking(self.clone(), id);
        let (tell, told) = oneshot::channel();
        self.tasks.spawn(async move {
            let done = checking.0.check(upload).await;
            drop(checking);
            tell.send(done).ok();
        });
        match tokio::time::timeout(CHECK_PATIENCE, told).await {
            Ok(done) => done.unwrap_or(Err(EvidenceError::Unavailable)),
            Err(_) => Err(EvidenceError::Checking),
        }
    }

    /// Reads all of it back: so its digest is that of what is kept, and what is kept can be read.
    async fn check(&self, mut upload: Upload) -> Result<Upload, EvidenceError> {
        let place = Arc::clone(&self.checks).acquire_owned().await;
        let read = self.read_back(&mut upload).await;
        drop(place);
        match read {
            Err(EvidenceError::Refused(why)) => {
                let is_ours = self.refuse(&upload, None, why).await?;
                // Else another replica read it back as well: what it found is told when it is asked for again.
                Err(if is_ours { EvidenceError::Refused(why) } else { EvidenceError::Checking })
            }
            Err(error) => Err(error),
            Ok(()) => {
                self.ready(&mut upload).await?;
                Ok(upload)
            }
        }
    }

    async fn read_back(&self, upload: &mut Upload) -> Result<(), EvidenceError> {
        let file_type = upload.file_type().ok_or(EvidenceError::Refused(Refused::Type))?;
        let (id, key) = (upload.file_id, upload.key.clone());
        let original = Original::find(&self.store, id, key, upload.received).await?;
        let mut scan = Scan::begin(&self.settings.clamd).await;
        let mut digest = digest::Context::new(&digest::SHA256);
        let mut chunks = std::pin::pin!(original.read_range(0..original.size()));
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            digest.update(&chunk);
            if !file_type.goes_on_with(&chunk) {
                return Err(EvidenceError::Refused(Refused::Type));
            }
            scan.feed(&chunk).await;
        }
        let sha256 = digest.finish();
        upload.about.sha256 = sha256.as_ref().try_into().ok();
        upload.about.scan = match scan.end().await {
            Verdict::Clean => "clean".to_owned(),
            Verdict::Infected => {
                tracing::warn!("the scanner refused a file");
                return Err(EvidenceError::Refused(Refused::Infected));
            }
            Verdict::NotScanned(why) => {
                why.clone_into(&mut upload.about.why_not_scanned);
                "not_scanned".to_owned()
            }
        };
        Ok(())
    }
}
