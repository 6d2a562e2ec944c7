//! Legal locks of the electronic identity card and of the account (Luật Căn cước 26/2023/QH15, article 34; Decree 69/2024, articles 15, 29, 30).
//!
//! A lock is not a switch: what a ground locks is locked while the ground stands, and is unlocked when none is left. The security lock after
//! wrong passwords is another thing and belongs to `signin`.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /account/locks` | what is locked and why, what stops working, the forms to lock and to unlock (TK03) |
//! | `POST /account/locks` | locks at once: `reason`, `confirm` |
//! | `POST /account/locks/unlock` | takes the holder's own request back: `reason`, `passcode` |
//! | `GET /locks/done` | what a locked holder can do now, for who is not signed in any more |
//! | `GET`, `POST /counter/locks`, `POST /counter/locks/{act}` | the same at a counter, and undoing a lock of the wrong person |
//! | `GET`, `POST /officers/locks`, `/officers/locks/{id}` | requests of competent bodies: received, forwarded, decided |
//! | `GET`, `POST /account/locks/purposes`, `POST /account/locks/purposes/lift` | locks by purpose, for relying parties |
//!
//! **Invariant:** a thing is locked if and only if a ground that locks it stands, whatever came in which order or at once.
//! **Invariant:** with the lock, in the same unit of work, the sessions end, what relying parties hold is taken back, and they are told.
//! **Invariant:** what was issued to wallets is suspended with the lock and valid again with its end, in the same unit of work.
//! **Invariant:** every change is committed to in the ledger with who made it, and its holder is told at once, except of a death.

use ::http::StatusCode;
use axum::Router;
use axum::routing::{get, post};
use db::{Conn, Tx};
use jiff::Timestamp;
use serde::Serialize;

use crate::accounts;
use crate::app::{App, Capability};
use crate::eid;
use crate::issuance;
use crate::ledger::{self, Commitment};
use crate::notices::{self, Note, Priority, inform};
use crate::officers::Officer;
use crate::shell::clock::civil_date;
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::session;
use crate::shell::texts;
use crate::signals::{self, Event};
use crate::sso;

mod counter;
mod http;
mod purposes;
mod requests;
mod review;
mod rules;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use purposes::{Asking, Refusal, refusal};
pub(crate) use review::{begin, review_now, review_person};
use rules::Word;
pub use rules::{Ground, Thing};

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: review::learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/account/locks", get(http::show).post(http::lock))
        .route("/account/locks/unlock", post(http::unlock))
        .route("/locks/done", get(http::done))
        .merge(counter::routes())
        .merge(purposes::routes())
        .merge(requests::routes())
}

id! {
    /// Something done about a lock.
    ActId
}

id! {
    /// Whose ground it is, where there can be several of one kind: the request of a competent body.
    Source
}

/// The source of grounds of which a person has one at most.
pub const ONLY: [u8; 16] = [0; 16];

/// A ground that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stands {
    /// Which.
    pub ground: Ground,
    /// Whose request it is.
    pub source: Source,
    /// What it locks.
    pub thing: Thing,
    /// Since when.
    pub raised_at: Timestamp,
    /// By which act.
    pub raised_by: ActId,
}

/// What is locked, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing(Vec<Stands>);

impl Standing {
    /// The grounds that stand, oldest first.
    pub fn grounds(&self) -> &[Stands] {
        &self.0
    }

    /// Whether the electronic identity card is locked.
    pub fn eid_locked(&self) -> bool {
        self.0.iter().any(|stands| stands.thing == Thing::Eid)
    }

    /// Whether the account is locked: it follows the card (Decree 69/2024, article 15).
    pub fn account_locked(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether a ground stands.
    pub fn has(&self, ground: Ground) -> bool {
        self.0.iter().any(|stands| stands.ground == ground)
    }

    fn locks(&self, thing: Thing) -> bool {
        match thing {
            Thing::Eid => self.eid_locked(),
            Thing::Account => self.account_locked(),
        }
    }
}

/// What is locked of a person, and why.
///
/// # Errors
/// Those of the database.
pub fn standing(conn: &mut Conn<'_>, person: &PersonId) -> Result<Standing, db::Error> {
    store::standing(conn, person)
}

/// Refuses what a lock forbids.
///
/// # Errors
/// `locks-eid-locked`, `locks-account-locked`; those of the database.
pub fn must_be_open(conn: &mut Conn<'_>, person: &PersonId, thing: Thing) -> Result<(), Problem> {
    if standing(conn, person)?.locks(thing) {
        return Err(locked(thing));
    }
    Ok(())
}

fn locked(thing: Thing) -> Problem {
    match thing {
        Thing::Eid => Problem::new("locks-eid-locked", StatusCode::FORBIDDEN),
        Thing::Account => Problem::new("locks-account-locked", StatusCode::FORBIDDEN),
    }
}

/// Where the holder of a locked account may go: to see why, to unlock, to secure the account, to leave.
const OPEN_TO_LOCKED: [&str; 7] = [
    "/account/locks",
    "/account/history",
    "/account/security",
    "/notices",
    "/recovery",
    "/signout",
    "/signin",
];

/// Keeps the holder of a locked account from everything but the pages where something can be done about it; somebody who uses the account
/// of a dead person from all of them.
pub(crate) async fn let_through(app: &App, person: &PersonId, path: &str) -> Result<(), Problem> {
    let person = *person;
    let standing = app.db.read(move |conn| standing(conn, &person)).await?;
    let under = |place: &&str| {
        let rest = path.strip_prefix(*place);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_open = path == "/account" || OPEN_TO_LOCKED.iter().any(under);
    if standing.has(Ground::Death) && path != "/signout" {
        return Err(Problem::new("locks-holder-dead", StatusCode::FORBIDDEN));
    }
    if standing.account_locked() && !is_open {
        return Err(locked(Thing::Account));
    }
    Ok(())
}

/// Who does something about a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The holder.
    Holder,
    /// An officer: name and unit.
    Officer(String),
    /// The platform, which follows a source database.
    Platform,
}

impl By {
    /// An officer.
    pub fn officer(officer: &Officer) -> Self {
        Self::Officer(officer.known_as())
    }

    fn parts(&self) -> (&'static str, &str) {
        match self {
            By::Holder => ("holder", ""),
            By::Officer(name) => ("officer", name),
            By::Platform => ("platform", ""),
        }
    }
}

/// Something about to be done about a ground, in one unit of work.
#[derive(Clone)]
pub struct Act {
    kept: store::Kept,
    thing: Thing,
    commitment: Commitment,
    app: App,
}

/// What came of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Whether anything changed: a ground that stands is not raised again.
    pub changed: bool,
    /// Whether the account is locked now.
    pub account_locked: bool,
    /// Whether the electronic identity card is locked now.
    pub eid_locked: bool,
}

/// What is committed to of an act. The name and the reason are under the commitment's hash alone.
#[derive(Serialize)]
struct Statement<'a> {
    act: &'a ActId,
    person: &'a PersonId,
    word: Word,
    ground: Ground,
    source: &'a Source,
    by: &'static str,
    name: &'a str,
    reason: &'a str,
}

impl Act {
    /// Prepares to raise a ground.
    ///
    /// # Errors
    /// `not-found` without an account; those of the database and the vault.
    pub async fn raise(app: &App, person: PersonId, ground: Ground, by: By, reason: &str) -> Result<Self, Problem> {
        Self::draw(app, person, (Word::Raise, ground, ONLY.into()), by, reason).await
    }

    /// Prepares to clear a ground.
    ///
    /// # Errors
    /// As [`Act::raise`].
    pub async fn clear(app: &App, person: PersonId, ground: Ground, by: By, reason: &str) -> Result<Self, Problem> {
        Self::draw(app, person, (Word::Clear, ground, ONLY.into()), by, reason).await
    }

    async fn draw(
        app: &App,
        person: PersonId,
        (word, ground, source): (Word, Ground, Source),
        by: By,
        reason: &str,
    ) -> Result<Self, Problem> {
        let vault = app.vault.clone();
        let has_eid = app
            .db
            .read(move |conn| {
                accounts::find(conn, &vault, &person)?.ok_or_else(Problem::not_found)?;
                Ok::<_, Problem>(eid::is_issued(conn, &person)?)
            })
            .await?;
        let (act, at) = (ActId::draw(&app.chance), app.clock.now());
        let (by_kind, name) = by.parts();
        let statement = Statement {
            act: &act,
            person: &person,
            word,
            ground,
            source: &source,
            by: by_kind,
            name,
            reason,
        };
        Ok(Self {
            thing: ground.thing(has_eid),
            commitment: Commitment::to(&app.vault, ledger::Kind::Lock, at, &statement),
            app: app.clone(),
            kept: store::Kept {
                by_sealed: app.vault.seal_text("lock_act", "by", act.bytes(), name),
                reason_sealed: app.vault.seal_text("lock_act", "reason", act.bytes(), reason),
                law: ground.law(civil_date(at)),
                act,
                person,
                at,
                word,
                ground,
                source,
                by_kind,
            },
        })
    }
}

/// Does what was prepared, with all that follows from it, in the unit of work given.
///
/// # Errors
/// Those of the database.
pub fn apply(tx: &mut Tx<'_>, act: &Act) -> Result<Outcome, Problem> {
    let person = &act.kept.person;
    let turn = store::take_turn(tx, person)?;
    let before = standing(tx, person)?;
    let changed = match act.kept.word {
        Word::Raise => store::raise(tx, &act.kept, act.thing)?,
        Word::Clear => store::clear(tx, &act.kept)?,
    };
    let after = standing(tx, person)?;
    if changed {
        store::insert_act(tx, &act.kept, turn)?;
        ledger::commit(tx, &act.commitment)?;
        follow(tx, act, &before, &after)?;
        if act.kept.ground.is_told_to_the_holder() {
            inform(&act.app, tx, person, &told(&act.kept, &after), act.kept.at)?;
        }
    }
    Ok(Outcome {
        changed,
        account_locked: after.account_locked(),
        eid_locked: after.eid_locked(),
    })
}

/// What the holder is told: of a lock, of an unlock, of a ground that is gone while another stands.
fn told(kept: &store::Kept, after: &Standing) -> Note {
    let text = match kept.word {
        Word::Raise => "locks-told-locked",
        Word::Clear if after.account_locked() => "locks-told-still",
        Word::Clear => "locks-told-unlocked",
    };
    Note::new(notices::Kind::Legal, text, format!("lock act {}", kept.act))
        .saying("why", format!("locks-told-ground-{}", kept.ground.word()))
        .link("/account/locks")
        .priority(Priority::Urgent)
}

/// What follows where something is locked now that was not, or the other way round.
fn follow(tx: &mut Tx<'_>, act: &Act, before: &Standing, after: &Standing) -> Result<(), Problem> {
    let (person, at) = (&act.kept.person, act.kept.at);
    if act.kept.word == Word::Raise && act.kept.ground == Ground::Death {
        signals::emit(tx, person, Event::Deceased, at)?;
        notices::expect_nothing(tx, person)?;
    }
    match (before.eid_locked(), after.eid_locked()) {
        (false, true) => {
            issuance::set_status(tx, person, issuance::Standing::Suspended, at)?;
            signals::emit(tx, person, Event::EidLocked, at)?;
        }
        (true, false) => {
            issuance::set_status(tx, person, issuance::Standing::Valid, at)?;
            signals::emit(tx, person, Event::EidUnlocked, at)?;
        }
        _ => {}
    }
    match (before.account_locked(), after.account_locked()) {
        (false, true) => {
            signals::emit(tx, person, Event::AccountLocked, at)?;
            signals::emit(tx, person, Event::SessionsRevoked, at)?;
            session::end_all(tx, person.bytes(), at)?;
            notices::forget_browsers(tx, person)?;
            sso::revoke_all(tx, person, at)?;
        }
        (true, false) => signals::emit(tx, person, Event::AccountUnlocked, at)?,
        _ => {}
    }
    Ok(())
}
