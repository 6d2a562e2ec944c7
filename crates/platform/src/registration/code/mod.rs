//! The code that confirms a phone: six digits, sent by SMS, good for five minutes and five tries.
//!
//! **Invariant:** only a keyed digest of the code is kept. A code works once.

use super::rules::{CODE_LIVES, CODE_RESTS, Draft, MOST_CODES};
use super::{DraftId, Refusal, store};
use crate::app::App;
use crate::notices;
use crate::shell::jobs;
use crate::shell::problem::Problem;
use crate::shell::texts::Lang;
use crate::shell::toll::Paid;

pub(super) mod http;
#[cfg(test)]
mod tests;

/// Sends a code to the phone that was given, unless one has just been sent.
pub(super) async fn send(app: &App, draft: &Draft, paid: Paid) -> Result<(), Problem> {
    let (now, today, id) = (app.clock.now(), app.clock.today(), draft.id);
    let code = app.chance.code();
    let phone = draft.asker.phone.e164();
    let text = app
        .texts
        .say(Lang::Vi, "registration-sms-code", &[("code", code.as_str().into())]);
    let order = notices::code(app, &phone, text, now + CODE_LIVES);
    let times = (now - CODE_RESTS, now, now + CODE_LIVES);
    let (digest, to) = (
        digest(app, &id, &code),
        app.vault.digest("registration-code-to", phone.as_bytes()),
    );

    app.db
        .write(move |tx| {
            if !store::set_code(tx, &id, &digest, times)? {
                return Ok(());
            }
            paid.spend(tx, now)?;
            if !store::count(tx, ("code", &to), today, MOST_CODES)? {
                return Err(Refusal::TooManyCodes.problem(now));
            }
            Ok(jobs::enqueue(tx, &order)?)
        })
        .await?;
    app.bell.ring();
    Ok(())
}

/// The digest of a code, which is of use for this registration alone.
fn digest(app: &App, draft: &DraftId, code: &str) -> [u8; 32] {
    app.vault
        .digest("registration-code", &[draft.bytes(), code.as_bytes()].concat())
}
