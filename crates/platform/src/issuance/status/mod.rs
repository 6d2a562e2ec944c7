//! Status lists: whether a credential is valid, suspended or revoked (Token Status List).
//!
//! Each credential has a place in one of many lists, drawn by a secret permutation over all places of a generation; only the places that say
//! anything but valid are rows. A list is signed when it is asked for and has changed since, or when its time to live is over.
//!
//! **Invariant:** what was revoked is never lifted.
//! **Invariant:** a list that is served says what the last committed unit of work said.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use credentials::status::{Place, Shards, Status, StatusList, StatusRef, StatusToken};
use crypto::digest::DigestKey;
use db::{Conn, Tx};
use jiff::{SignedDuration, Timestamp};

use self::store::InForce;
use super::signers;
use crate::app::App;
use crate::shell::ids::{PersonId, id};
use crate::shell::keys;
use crate::shell::problem::Problem;

pub(super) mod http;
pub(super) mod store;

#[cfg(test)]
pub(super) mod tests;

/// How long a verifier may keep a list before it asks for a fresh one.
pub(super) const TIME_TO_LIVE: SignedDuration = SignedDuration::from_mins(5);
/// How long a list may be relied upon where there is no network.
const LIFE: SignedDuration = SignedDuration::from_hours(48);
/// How many running numbers are taken from the database at once.
const BLOCK: i64 = 256;

id! {
    /// A credential that was issued.
    CredentialId
}

/// How the credentials of a person stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is against them.
    Valid,
    /// The electronic identity card is locked (*khóa căn cước điện tử*).
    Suspended,
    /// Withdrawn for ever (*thu hồi*).
    Revoked,
}

impl Standing {
    fn text(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    fn from_text(text: &str) -> Self {
        match text {
            "valid" => Self::Valid,
            "suspended" => Self::Suspended,
            _ => Self::Revoked,
        }
    }

    pub(super) fn status(self) -> Status {
        match self {
            Self::Valid => Status::Valid,
            Self::Suspended => Status::Suspended,
            Self::Revoked => Status::Invalid,
        }
    }
}

/// A credential about to be issued, as its status is kept.
#[derive(Clone, Debug)]
pub(super) struct Slip {
    pub(super) id: CredentialId,
    pub(super) configuration: &'static str,
    pub(super) place: Place,
    pub(super) expires_at: Timestamp,
}

/// Sets how all credentials of a person stand, those issued and those to come. What was revoked stays revoked; after [`Standing::Revoked`] only
/// [`Standing::Valid`] lets new ones be issued.
///
/// # Errors
/// Those of the database.
pub fn set_status(tx: &mut Tx<'_>, person: &PersonId, standing: Standing, now: Timestamp) -> Result<(), db::Error> {
    store::set_holder(tx, person, standing.text(), now)?;
    for credential in store::in_force(tx, person, now)? {
        store::set_place(tx, credential.place, credential.status(standing))?;
        if standing == Standing::Revoked {
            store::revoke(tx, person, &credential.id, now)?;
        }
    }
    Ok(())
}

impl InForce {
    /// What its place says where its holder stands so: the worse of the two.
    fn status(&self, holder: Standing) -> Status {
        match self.suspended_at {
            Some(_) if holder == Standing::Valid => Status::Suspended,
            _ => holder.status(),
        }
    }
}

/// Suspends what was issued to a person so far: the device that holds it is another's, or nobody's; new credentials can be issued at once.
///
/// # Errors
/// Those of the database.
pub fn suspend_issued(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), db::Error> {
    let holder = standing(tx, person)?;
    for mut credential in store::in_force(tx, person, now)? {
        if credential.suspended_at.is_none() {
            credential.suspended_at = Some(now);
            store::suspend(tx, person, &credential.id, Some(now))?;
            store::set_place(tx, credential.place, credential.status(holder))?;
        }
    }
    Ok(())
}

/// Lifts suspensions since an instant; a lock of the holder goes on.
///
/// # Errors
/// Those of the database.
pub fn resume_suspended(tx: &mut Tx<'_>, person: &PersonId, since: Timestamp, now: Timestamp) -> Result<(), db::Error> {
    let holder = standing(tx, person)?;
    for mut credential in store::in_force(tx, person, now)? {
        if credential.suspended_at.take().is_some_and(|at| at >= since) {
            store::suspend(tx, person, &credential.id, None)?;
            store::set_place(tx, credential.place, credential.status(holder))?;
        }
    }
    Ok(())
}

/// Revokes what was suspended at an instant and still is.
///
/// # Errors
/// Those of the database.
pub fn revoke_suspended(tx: &mut Tx<'_>, person: &PersonId, at: Timestamp, now: Timestamp) -> Result<(), db::Error> {
    revoke_where(tx, person, |credential| credential.suspended_at == Some(at), now)
}

/// Revokes what was issued to a person so far, since it says what is no longer true; new credentials can be issued at once.
///
/// # Errors
/// Those of the database.
pub fn revoke_issued(tx: &mut Tx<'_>, person: &PersonId, now: Timestamp) -> Result<(), db::Error> {
    revoke_where(tx, person, |_| true, now)
}

/// Revokes what was issued to a person since an instant.
///
/// # Errors
/// Those of the database.
pub fn revoke_issued_since(
    tx: &mut Tx<'_>,
    person: &PersonId,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), db::Error> {
    revoke_where(tx, person, |credential| credential.issued_at >= since, now)
}

fn revoke_where(
    tx: &mut Tx<'_>,
    person: &PersonId,
    which: impl Fn(&InForce) -> bool,
    now: Timestamp,
) -> Result<(), db::Error> {
    for credential in store::in_force(tx, person, now)? {
        if which(&credential) {
            store::set_place(tx, credential.place, Status::Invalid)?;
            store::revoke(tx, person, &credential.id, now)?;
        }
    }
    Ok(())
}

/// Revokes a person's credentials whose configuration begins so.
///
/// # Errors
/// Those of the database.
pub(super) fn revoke_of(tx: &mut Tx<'_>, person: &PersonId, beginning: &str, now: Timestamp) -> Result<(), db::Error> {
    for (id, place) in store::in_force_of(tx, person, beginning, now)? {
        store::set_place(tx, place, Status::Invalid)?;
        store::revoke(tx, person, &id, now)?;
    }
    Ok(())
}

/// Revokes the credentials that were issued together.
///
/// # Errors
/// Those of the database.
pub(super) fn revoke_batch(
    tx: &mut Tx<'_>,
    person: &PersonId,
    batch: &CredentialId,
    now: Timestamp,
) -> Result<(), db::Error> {
    for (id, place) in store::in_batch(tx, person, batch)? {
        store::set_place(tx, place, Status::Invalid)?;
        store::revoke(tx, person, &id, now)?;
    }
    Ok(())
}

/// Revokes what a client holds of a configuration; what is suspended with a device that had to go waits for its own end.
///
/// # Errors
/// Those of the database.
pub(super) fn revoke_earlier(
    tx: &mut Tx<'_>,
    person: &PersonId,
    (client_id, configuration): (&str, &str),
    now: Timestamp,
) -> Result<(), db::Error> {
    for (id, place) in store::held_by(tx, person, (client_id, configuration))? {
        store::set_place(tx, place, Status::Invalid)?;
        store::revoke(tx, person, &id, now)?;
    }
    Ok(())
}

/// How the credentials of a person stand.
///
/// # Errors
/// Those of the database.
pub(super) fn standing(conn: &mut Conn<'_>, person: &PersonId) -> Result<Standing, db::Error> {
    let kept = store::find_holder(conn, person)?;
    Ok(kept.map_or(Standing::Valid, |standing| Standing::from_text(&standing)))
}

/// The lists as they were last signed, and the running numbers that this node has taken.
#[derive(Default)]
pub(super) struct Lists {
    signed: Mutex<HashMap<u32, Arc<SignedList>>>,
    numbers: Mutex<Range<i64>>,
}

/// A list as it was signed.
pub(super) struct SignedList {
    turn: i64,
    issued_at: Timestamp,
    pub(super) jwt: String,
    pub(super) cwt: Vec<u8>,
}

/// Draws places for new credentials.
///
/// # Errors
/// Those of the database.
pub(super) async fn draw(app: &App, count: usize) -> Result<Vec<Place>, Problem> {
    let mut places = Vec::with_capacity(count);
    while places.len() < count {
        if let Some(number) = take(app) {
            places.push(place(app, u64::try_from(number).unwrap_or_default())?);
            continue;
        }
        let end = app.db.write(|tx| store::take_numbers(tx, BLOCK)).await?;
        let mut numbers = app
            .issuance
            .lists
            .numbers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *numbers = end - BLOCK..end;
    }
    Ok(places)
}

fn take(app: &App) -> Option<i64> {
    let mut numbers = app
        .issuance
        .lists
        .numbers
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    numbers.next()
}

/// The place of a running number: when a generation of lists is full, the next one begins with its own key.
fn place(app: &App, number: u64) -> Result<Place, Problem> {
    let (lists, size) = (app.config.issuance.status_lists, app.config.issuance.status_list_size);
    let capacity = (u64::from(lists) * u64::from(size)).max(1);
    let generation = number / capacity;
    let key = DigestKey::new(app.vault.digest("issuance-status-places", &generation.to_be_bytes()));
    let within = Shards::new(key, lists, size).place(number % capacity);
    let within = within.ok_or_else(|| Problem::internal("no place in the status lists"))?;
    let before = u32::try_from(generation * u64::from(lists)).map_err(Problem::internal)?;
    Ok(Place {
        list: before.saturating_add(within.list),
        ..within
    })
}

/// Where the status of a place stands.
pub(super) fn reference(app: &App, place: Place) -> StatusRef {
    StatusRef {
        uri: address(app, place.list),
        index: place.index.into(),
    }
}

/// The place that a reference names, if it is one of ours.
pub fn place_of(app: &App, reference: &StatusRef) -> Option<Place> {
    let ours = format!("{}/issuance/status/", app.config.public_url);
    Some(Place {
        list: reference.uri.strip_prefix(&ours)?.parse().ok()?,
        index: reference.index.try_into().ok()?,
    })
}

/// Whose credential has a place.
///
/// # Errors
/// Those of the database.
pub fn holder(conn: &mut Conn<'_>, place: Place) -> Result<Option<PersonId>, db::Error> {
    store::at(conn, place)
}

/// The address of a list.
pub(super) fn address(app: &App, list: u32) -> String {
    format!("{}/issuance/status/{list}", app.config.public_url)
}

/// How many lists there are: those of all generations that have begun.
pub(super) async fn count(app: &App) -> Result<u32, Problem> {
    let next = app.db.read(store::next_number).await?;
    let lists = app.config.issuance.status_lists;
    let capacity = (i64::from(lists) * i64::from(app.config.issuance.status_list_size)).max(1);
    let generations = u32::try_from((next - 1).max(0) / capacity).map_err(Problem::internal)? + 1;
    Ok(generations.saturating_mul(lists))
}

/// A list as it stands, signed.
///
/// # Errors
/// Those of the database and of the keys.
pub(super) async fn signed(app: &App, list: u32) -> Result<Arc<SignedList>, Problem> {
    let now = app.clock.now();
    let turn = app.db.read(move |conn| store::turn(conn, list)).await?;
    {
        let signed = app.issuance.lists.signed.lock().unwrap_or_else(PoisonError::into_inner);
        let current = |signed: &&Arc<SignedList>| signed.turn == turn && now < signed.issued_at + TIME_TO_LIVE;
        if let Some(current) = signed.get(&list).filter(current) {
            return Ok(current.clone());
        }
    }
    let (turn, marked) = app
        .db
        .read(move |conn| Ok::<_, db::Error>((store::turn(conn, list)?, store::marked(conn, list)?)))
        .await?;
    let signing = signers::signing(app, keys::STATUS)?;
    let (uri, size) = (address(app, list), app.config.issuance.status_list_size);
    let built = app
        .workshop
        .run(move || {
            let mut statuses = StatusList::new(size);
            for (place, status) in marked {
                statuses.set(place, status).map_err(Problem::internal)?;
            }
            let token = StatusToken {
                uri,
                issued_at: now,
                expires_at: Some(now + LIFE),
                time_to_live: Some(TIME_TO_LIVE),
                list: statuses,
            };
            Ok::<_, Problem>(SignedList {
                turn,
                issued_at: now,
                jwt: token
                    .sign_jwt(signing.key.as_ref(), &signing.chain)
                    .map_err(Problem::internal)?,
                cwt: token
                    .sign_cwt(signing.key.as_ref(), &signing.chain)
                    .map_err(Problem::internal)?,
            })
        })
        .await??;
    let built = Arc::new(built);
    let mut signed = app.issuance.lists.signed.lock().unwrap_or_else(PoisonError::into_inner);
    signed.insert(list, built.clone());
    Ok(built)
}
