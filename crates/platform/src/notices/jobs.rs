//! Hands messages to the gateway.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Channel, Gateway, store};
use crate::app::App;
use crate::shell::jobs::{Failure, Job, JobId};
use crate::shell::texts::Lang;
use crate::statistics::{self, Measure};

/// Send a message.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Send {
    pub(super) channel: Channel,
    pub(super) to: String,
    pub(super) text: String,
    /// When it is worth nothing any more; a message that can wait has no such moment.
    #[serde(default)]
    pub(super) until: Option<Timestamp>,
    /// The language of what surrounds the text.
    #[serde(default)]
    pub(super) lang: Lang,
}

impl Send {
    /// A message that can wait, in Vietnamese.
    pub(super) fn new(channel: Channel, to: &str, text: String) -> Self {
        Self {
            channel,
            to: to.to_owned(),
            text,
            until: None,
            lang: Lang::Vi,
        }
    }
}

impl Job for Send {
    const KIND: &'static str = "notices-send";
    const AT_ONCE: bool = true;

    async fn run(self, app: App, id: JobId) -> Result<(), Failure> {
        hand_over(&app, id, &self).await
    }
}

/// Hands a message to the gateway; done twice under the same name it is there once, and counted once.
pub(super) async fn hand_over(app: &App, id: JobId, message: &Send) -> Result<(), Failure> {
    if message.until.is_some_and(|until| until < app.clock.now()) {
        metrics::counter!("vneid_notices_late_total").increment(1);
        return Ok(());
    }
    let has_left = match &app.gateway {
        Gateway::Mailbox => keep(app, id, message).await?,
        Gateway::Spool(folder) => spool(app, folder, id, message)?,
        Gateway::Lines(lines) => lines.deliver(app, id, message).await?,
    };
    if has_left {
        count(app, message.channel.text());
    }
    Ok(())
}

/// Counts a message that has left by a way.
pub(super) fn count(app: &App, way: &'static str) {
    metrics::counter!("vneid_notices_sent_total", "channel" => way).increment(1);
    statistics::tally(app, Measure::Messages, way);
}

/// Answers whether it left now: not when it was there already.
async fn keep(app: &App, id: JobId, message: &Send) -> Result<bool, Failure> {
    let row = store::Sealed {
        id: *id.bytes(),
        to_sealed: app.vault.seal_text("notice", "to", id.bytes(), &message.to),
        channel: message.channel.text().to_owned(),
        text_sealed: app.vault.seal_text("notice", "text", id.bytes(), &message.text),
        sent_at: app.clock.now(),
    };
    let to_digest = app.vault.digest("notice-to", message.to.as_bytes());
    match app.db.write(move |tx| store::insert(tx, &row, &to_digest)).await {
        Ok(()) => Ok(true),
        Err(db::Error::Taken(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Writes the file beside its place and then moves it there, so that the gateway never takes half a message. Answers whether it left now: not
/// when it was there already, as far as the gateway has not taken it.
pub(super) fn spool(app: &App, folder: &Path, id: JobId, message: &Send) -> Result<bool, Failure> {
    let body = serde_json::json!({ "id": id, "channel": message.channel, "to": message.to, "text": message.text, "at": app.clock.now() });
    let (draft, place) = (folder.join(format!("{id}.draft")), folder.join(format!("{id}.json")));
    let is_new = !place.exists();
    let written = std::fs::write(&draft, body.to_string()).and_then(|()| std::fs::File::open(&draft)?.sync_all());
    written
        .and_then(|()| std::fs::rename(&draft, &place))
        .map(|()| is_new)
        .map_err(|error| Failure::Again(error.to_string()))
}
