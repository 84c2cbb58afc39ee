//! The wish to be told where a saved form is goes into the log: once, sealed, and about no report.

use backbone::event_log::{self, After, NewEvent, Refused};
use backbone::sealing::Unreadable;
use backbone::writer::WriteError;
use bytes::Bytes;
use jiff::Timestamp;
use prost::Message as _;
use proto::intake::v1::LinkAsked;
use proto::log::v1::Meta;
use uuid::Uuid;

use crate::codec;
use crate::domain::link::Link;
use crate::projections::Beside;
use crate::submit::{SubmitError, Submitter, meta};

impl Submitter {
    /// Puts the wish called `id` into the log, unless it is there already.
    pub async fn ask_link(
        &self,
        id: Uuid,
        link: &Link,
        kept_until: Timestamp,
    ) -> Result<(), SubmitError> {
        let key = self.new_keys.take().await?;
        let asked = codec::link_asked(link, self.clock.now(), kept_until, &key.of_report(id));
        let event = NewEvent {
            stream: id,
            after: After::Nothing,
            kind: "link.asked",
            meta: Meta { report_id: Bytes::new(), ..meta(id) },
            body: asked.encode_to_vec().into(),
        };
        match self.writer.append(event, Beside::Nothing).await {
            Ok(_) => Ok(()),
            // A twin was faster.
            Err(WriteError::Refused(Refused::Conflict { .. })) => {
                let mut conn = self.pool.acquire().await?;
                let stands = event_log::first_of(&mut conn, id).await?;
                let stands = stands.ok_or(SubmitError::Unavailable)?;
                let stands = LinkAsked::decode(stands.body).map_err(|_| Unreadable::NotOpened)?;
                key.give_back_unless(stands.contact.as_ref());
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}
