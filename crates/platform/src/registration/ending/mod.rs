//! The end of a registration: the account is opened, or, where there is one already, its holder is told.
//!
//! **Invariant:** both have the same answer after the same work, with a cookie alike. Only in one of them the cookie opens anything.

use civil::Phone;
use db::Tx;

use super::http::look;
use super::rules::Draft;
use super::{DraftId, Refusal, store};
use crate::accounts::{self, Identity, NewAccount};
use crate::app::App;
use crate::history::{self, Look};
use crate::notices;
use crate::shell::ids::PersonId;
use crate::shell::jobs;
use crate::shell::problem::Problem;
use crate::shell::session::{self, Kind, Opening, Session};
use crate::shell::texts::Lang;
use crate::signin::{self, PasswordHash};

pub(super) mod http;

/// All that is written when a registration ends.
#[derive(Clone)]
struct Ending {
    app: App,
    draft: DraftId,
    identity: Identity,
    account: NewAccount,
    hash: PasswordHash,
    session: Opening,
    before: Option<Session>,
    look: Look,
}

/// The end was not written.
enum Failed {
    /// The number got an account in this very moment.
    Overtaken,
    /// Anything else.
    Otherwise(Problem),
}

impl From<db::Error> for Failed {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Taken(_) => Failed::Overtaken,
            error => Failed::Otherwise(error.into()),
        }
    }
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Failed::Otherwise(problem)
    }
}

impl Ending {
    fn draw(app: &App, draft: &Draft, identity: Identity, hash: PasswordHash) -> Result<Self, Problem> {
        let person = PersonId::draw(&app.chance);
        Ok(Self {
            app: app.clone(),
            draft: draft.id,
            account: NewAccount::draw(app, person, &identity, &draft.asker.phone)?,
            identity,
            hash,
            // Two different factors: the password that is set, and the phone that received the code.
            session: Opening::draw(app, Kind::Citizen, *person.bytes(), 2, "pwd otp"),
            before: None,
            look: look(app, person),
        })
    }

    /// Writes the end; false if it was there already. Of two that open an account for one number at once, the second finds it there when it
    /// looks again.
    async fn write(self) -> Result<bool, Problem> {
        let (db, again) = (self.app.db.clone(), self.clone());
        match db.write(move |tx| self.write_in(tx)).await {
            Err(Failed::Overtaken) => match db.write(move |tx| again.write_in(tx)).await {
                Err(Failed::Overtaken) => Err(db::Error::Busy.into()),
                Err(Failed::Otherwise(problem)) => Err(problem),
                Ok(first) => Ok(first),
            },
            Err(Failed::Otherwise(problem)) => Err(problem),
            Ok(first) => Ok(first),
        }
    }

    fn write_in(&self, tx: &mut Tx<'_>) -> Result<bool, Failed> {
        let now = self.app.clock.now();
        if !store::finish(tx, &self.draft, now)? {
            return Ok(false);
        }
        if let Some(before) = &self.before {
            session::end(tx, before, now)?;
        }
        if let Some(person) = accounts::person_of(tx, &self.app.vault, &self.identity.number)? {
            self.tell_holder(tx, &person)?;
            return Ok(true);
        }
        let person = self.account.person();
        accounts::open(tx, &self.account)?;
        signin::set_password(tx, &self.app.vault, &person, &self.hash, now)?;
        history::record(tx, &self.look)?;
        self.session.insert(tx)?;
        Ok(true)
    }

    fn tell_holder(&self, tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Problem> {
        let Some(account) = accounts::find(tx, &self.app.vault, person)? else {
            return Err(Refusal::Gone.problem(self.app.clock.now()));
        };
        Ok(jobs::enqueue(tx, &told(&self.app, &account.phone))?)
    }
}

fn told(app: &App, phone: &Phone) -> jobs::Order {
    let text = app.texts.say(Lang::Vi, "registration-sms-known", &[]);
    notices::sms(app, &phone.e164(), text)
}
