//! Messages on their way: which centre took them, what became of them.
//!
//! **Invariant:** a message is handed to no second centre once it is written down that one has taken it. SMPP knows no names for
//! repeated messages: a kill between the answer of a centre and that line sends the message twice.
//! **Invariant:** what became of a message is known, whichever is sooner: the line that it was taken or the receipt.
//! **Invariant:** what was handed over without an answer is sent again only while it is a code that somebody waits for.

use std::sync::Arc;

use db::{Db, Tx};
use jiff::Timestamp;

use super::jobs::Send;
use super::mail::Server;
use super::smpp::{Centre, Ids, Keep, Receipt};
use super::{Channel, Refused};
use crate::app::App;
use crate::shell::clock::Clock;
use crate::shell::jobs::{Failure, JobId};

mod store;

#[cfg(test)]
mod tests;

/// The lines out, in order of preference.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// SMS centres: the next is asked when one cannot take a message.
    pub centres: Vec<Centre>,
    /// The mail server.
    pub mail: Option<Server>,
}

impl Lines {
    /// Hands a message over; done twice it is handed over once. Answers whether it left now: not when it had left before, nor when nobody knows.
    pub(super) async fn deliver(&self, app: &App, id: JobId, message: &Send) -> Result<bool, Failure> {
        if is_taken(app, id).await? {
            return Ok(false);
        }
        let done = match message.channel {
            Channel::Sms => self.text(app, id, message).await,
            Channel::Email => self.letter(app, id, message).await,
        };
        match done {
            Ok(()) => Ok(true),
            // The same words twice do no harm to who waits for them; a greeting is not sent twice.
            Err(Refused::Unanswered(_)) if message.until.is_none() => Ok(false),
            Err(refused @ (Refused::NotYet(_) | Refused::Unanswered(_))) => Err(Failure::Again(refused.to_string())),
            Err(refused @ Refused::Never(_)) => Err(Failure::Never(refused.to_string())),
        }
    }

    async fn text(&self, app: &App, id: JobId, message: &Send) -> Result<(), Refused> {
        let mut refused = Refused::NotYet("no SMS centre is configured".to_owned());
        let [reference, ..] = *id.bytes();
        for centre in &self.centres {
            match centre.submit(&message.to, &message.text, reference).await {
                Ok(handed) => {
                    let kept = handed.ids.iter().map(|remote| centre.ids.of_answer(remote));
                    took(app, id, ("sms", &centre.address), kept.collect()).await?;
                    return whole(handed.rest, centre);
                }
                Err(why @ Refused::NotYet(_)) => refused = why,
                Err(why) => return Err(why),
            }
            metrics::counter!("vneid_sms_failover_total", "centre" => centre.address.clone()).increment(1);
        }
        Err(refused)
    }

    async fn letter(&self, app: &App, id: JobId, message: &Send) -> Result<(), Refused> {
        let Some(server) = &self.mail else {
            return Err(Refused::NotYet("no mail server is configured".to_owned()));
        };
        let subject = app.texts.say(message.lang, "notices-subject", &[]);
        server
            .submit(&message.to, &subject, &message.text, &id.to_string())
            .await?;
        took(app, id, ("email", &server.address), vec![String::new()]).await
    }
}

/// What was cut short is neither sent again nor counted as sent: its reader may have seen what was taken.
fn whole(rest: Option<Refused>, centre: &Centre) -> Result<(), Refused> {
    let Some(why) = rest else { return Ok(()) };
    tracing::warn!(centre = centre.address, %why, "an SMS centre took a part of a message and not the rest");
    metrics::counter!("vneid_sms_cut_total", "centre" => centre.address.clone()).increment(1);
    Err(Refused::Unanswered(why.to_string()))
}

/// Whether a message has left.
pub(super) async fn is_taken(app: &App, id: JobId) -> Result<bool, db::Error> {
    app.db.read(move |conn| store::is_taken(conn, &id)).await
}

/// Writes down what a gateway has taken, under the names that it gave to the parts.
pub(super) async fn took(
    app: &App,
    id: JobId,
    (channel, gateway): (&'static str, &str),
    remotes: Vec<String>,
) -> Result<(), Refused> {
    metrics::counter!("vneid_notices_parts_total", "gateway" => gateway.to_owned()).increment(remotes.len() as u64);
    let (gateway, now) = (gateway.to_owned(), app.clock.now());
    let written = app
        .db
        .write(move |tx| store::insert(tx, &id, (channel, &gateway), &remotes, now))
        .await;
    match written {
        Ok(()) | Err(db::Error::Taken(_)) => Ok(()),
        Err(error) => Err(Refused::Unanswered(error.to_string())),
    }
}

/// What keeps the receipts of a centre.
pub fn keeper(db: Db, clock: Clock, (centre, ids): (String, Ids)) -> Keep {
    Arc::new(move |receipt: Receipt| {
        let receipt = Receipt {
            id: ids.of_receipt(&receipt.id),
            ..receipt
        };
        let (db, centre, now) = (db.clone(), centre.clone(), clock.now());
        Box::pin(async move { keep(&db, centre, receipt, now).await })
    })
}

/// Answers whether the receipt is on the disk. One that overtook the line that its message was taken waits for that line.
async fn keep(db: &Db, centre: String, receipt: Receipt, now: Timestamp) -> bool {
    metrics::counter!("vneid_sms_receipts_total", "fate" => receipt.fate.word()).increment(1);
    let kept = db
        .write(move |tx| store::settle(tx, (&centre, &receipt.id), receipt.fate, now))
        .await;
    if let Err(error) = &kept {
        tracing::error!(%error, "a delivery receipt was not kept: the centre sends it again");
    }
    kept.is_ok()
}

/// Drops the receipts from before an instant whose messages never came to be known.
pub(super) fn drop_receipts(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), db::Error> {
    store::drop_receipts(tx, before)
}

/// What became of the parts of a message, for whoever answers the hotline.
#[cfg(test)]
pub(super) async fn states(app: &App, id: JobId) -> Vec<store::Part> {
    app.db
        .read(move |conn| store::list(conn, &id))
        .await
        .unwrap_or_default()
}
