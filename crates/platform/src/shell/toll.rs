//! A toll on everything that sends a message to a phone: a little work of the asker's machine, or a little of the asker's time.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /toll` | draws a puzzle: `puzzle`, `bits`, `wait_seconds` |
//!
//! A puzzle is solved by a text `answer` with which the SHA-256 digest of `puzzle.answer` begins with `bits` zero bits; a form carries both as `toll`
//! and `toll_answer`. Pages solve it by script while the form is filled in. Whoever has no script pays by time: the puzzle alone is taken once
//! `wait_seconds` have passed, from each network so often in an hour. The more is asked for from a network, and the more wait for their turn, the dearer
//! a puzzle is.
//!
//! **Invariant:** a puzzle is ours, pays once, in time, on whichever node; what it paid for and its being used up are one unit of work.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::http::StatusCode;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use crypto::digest::sha256;
use db::Tx;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::turns::network;
use super::whence::Whence;
use crate::app::App;

mod store;

#[cfg(test)]
mod tests;

/// How dear a message to a phone is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// With how many zero bits the digest begins at least; 0 asks no toll, which production refuses.
    pub bits: u32,
    /// How many bits are asked for at most, however much is asked for.
    pub most_bits: u32,
    /// How long whoever does no work waits instead, in seconds; twice as long with each bit more.
    pub wait_seconds: i64,
    /// How many in an hour may pay by waiting, from one network.
    pub waits_per_hour: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bits: 16,
            most_bits: 21,
            wait_seconds: 5,
            waits_per_hour: 60,
        }
    }
}

impl Settings {
    /// What is not safe for production.
    pub(super) fn unsafe_settings(&self) -> Option<String> {
        let good = (12..=24).contains(&self.bits)
            && (self.bits..=28).contains(&self.most_bits)
            && (3..=300).contains(&self.wait_seconds);
        (!good).then(|| {
            "toll: bits between 12 and 24, most_bits not below and at most 28, wait_seconds between 3 and 300"
                .to_owned()
        })
    }
}

/// How long a puzzle is good for: as long as somebody may sit before a form.
const LASTS: SignedDuration = SignedDuration::from_mins(30);
/// What a network did is forgotten after so long.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);
/// How much a network may pay for in an hour before its puzzles become dearer: a family, or a small office.
const CHEAP: u32 = 16;
/// How many bits cheaper than now a puzzle may have been drawn: nobody draws a stock while they are cheap.
const STOCKED: u32 = 2;
/// The longest answer that is looked at, in bytes.
const LONGEST_ANSWER: usize = 32;
/// How many bits dearer a puzzle is while others wait for their turn.
const AT_OVERLOAD: u32 = 2;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/toll", get(show))
}

/// What each network has paid for in the last hour, on this node.
#[derive(Default)]
pub struct Crowds(Mutex<HashMap<IpAddr, Crowd>>);

#[derive(Clone, Copy)]
struct Crowd {
    since: Timestamp,
    paid: u32,
    waited: u32,
}

impl Crowds {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Crowd>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, network: IpAddr, now: Timestamp) -> Crowd {
        let known = self.lock().get(&network).copied();
        known
            .filter(|crowd| now.duration_since(crowd.since) < REMEMBERED)
            .unwrap_or(Crowd {
                since: now,
                paid: 0,
                waited: 0,
            })
    }

    fn count(&self, network: IpAddr, worked: bool, now: Timestamp) {
        let mut crowd = self.of(network, now);
        crowd.paid = crowd.paid.saturating_add(1);
        crowd.waited = crowd.waited.saturating_add(u32::from(!worked));
        self.lock().insert(network, crowd);
    }

    /// Forgets networks that have been quiet.
    pub(super) fn tidy(&self, now: Timestamp) {
        self.lock()
            .retain(|_, crowd| now.duration_since(crowd.since) < REMEMBERED);
    }
}

/// How many bits dearer than usual a puzzle is for a network that has paid so often.
fn dearer(paid: u32, overloaded: bool) -> u32 {
    let crowded = (paid / CHEAP).checked_ilog2().map_or(0, |log| log + 1);
    crowded + if overloaded { AT_OVERLOAD } else { 0 }
}

#[derive(Serialize, Deserialize)]
struct Puzzle {
    id: [u8; 16],
    bits: u32,
    /// From when on it is taken without an answer.
    ripe_at: Timestamp,
    expires_at: Timestamp,
}

/// A puzzle as whoever pays is shown it.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// The text that the answer is joined to; empty where no toll is asked.
    pub puzzle: String,
    /// With how many zero bits the digest begins.
    pub bits: u32,
    /// After how many seconds it is taken without an answer.
    pub wait_seconds: i64,
}

/// Draws a puzzle for whoever is being answered; it is kept nowhere before it pays.
///
/// # Errors
/// None that depend on the data.
pub fn draw(app: &App) -> Result<Shown, Problem> {
    let settings = app.config.toll;
    if settings.bits == 0 {
        return Ok(Shown {
            puzzle: String::new(),
            bits: 0,
            wait_seconds: 0,
        });
    }
    let now = app.clock.now();
    let more = more_bits(app, now);
    let wait_seconds = settings.wait_seconds.saturating_mul(1 << more.min(4));
    let puzzle = Puzzle {
        id: app.chance.bytes(),
        bits: settings.bits + more,
        ripe_at: now + SignedDuration::from_secs(wait_seconds),
        expires_at: now + LASTS,
    };
    let sealed = app.vault.seal_record("toll", "puzzle", b"", &puzzle)?;
    Ok(Shown {
        puzzle: crypto::base64url::encode(sealed),
        bits: puzzle.bits,
        wait_seconds,
    })
}

/// How many bits more than usual are asked for now, of whoever is being answered.
fn more_bits(app: &App, now: Timestamp) -> u32 {
    let settings = app.config.toll;
    let paid = app.limits.crowds.of(here(), now).paid;
    dearer(paid, app.turns.waiting() > 0).min(settings.most_bits.saturating_sub(settings.bits))
}

fn here() -> IpAddr {
    let address = Whence::here().address.parse();
    network(address.unwrap_or(IpAddr::from([127, 0, 0, 1])))
}

async fn show(State(app): State<App>) -> Result<Json<Shown>, Problem> {
    Ok(Json(draw(&app)?))
}

/// What a form pays with.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Payment {
    #[serde(default)]
    toll: String,
    #[serde(default)]
    toll_answer: String,
}

/// A puzzle that pays; to be used up in the unit of work that it pays for.
#[derive(Clone)]
pub struct Paid(Option<([u8; 16], Timestamp)>);

/// Takes a payment.
///
/// # Errors
/// `toll-needed` without a puzzle of ours that is in time; `toll-wait` for one without its answer that is not ripe; `toll-crowded` where too many of a
/// network pay by waiting.
pub fn take(app: &App, payment: &Payment) -> Result<Paid, Problem> {
    let settings = app.config.toll;
    if settings.bits == 0 {
        return Ok(Paid(None));
    }
    let now = app.clock.now();
    let puzzle = open(app, &payment.toll)
        .filter(|puzzle| now < puzzle.expires_at && puzzle.bits + STOCKED >= settings.bits + more_bits(app, now))
        .ok_or_else(|| Problem::new("toll-needed", StatusCode::FORBIDDEN))?;
    let worked = is_solved(payment, puzzle.bits);
    if !worked {
        if now < puzzle.ripe_at {
            let left = puzzle.ripe_at.duration_since(now).as_secs().max(1).unsigned_abs();
            return Err(Problem::new("toll-wait", StatusCode::TOO_MANY_REQUESTS).retry_after(left));
        }
        if app.limits.crowds.of(here(), now).waited >= settings.waits_per_hour {
            return Err(Problem::new("toll-crowded", StatusCode::TOO_MANY_REQUESTS).retry_after(3600));
        }
    }
    app.limits.crowds.count(here(), worked, now);
    Ok(Paid(Some((puzzle.id, puzzle.expires_at))))
}

fn open(app: &App, text: &str) -> Option<Puzzle> {
    let sealed = crypto::base64url::decode(text).ok()?;
    app.vault.open_record("toll", "puzzle", b"", &sealed).ok()
}

fn is_solved(payment: &Payment, bits: u32) -> bool {
    let answer = &payment.toll_answer;
    if answer.is_empty() || answer.len() > LONGEST_ANSWER {
        return false;
    }
    let digest = sha256(format!("{}.{answer}", payment.toll).as_bytes());
    let zeros = digest.iter().position(|byte| *byte != 0).map_or(256, |whole| {
        let first = digest.get(whole).map_or(0, |byte| byte.leading_zeros());
        u32::try_from(whole).unwrap_or(u32::MAX).saturating_mul(8) + first
    });
    zeros >= bits
}

impl Paid {
    /// Uses the puzzle up.
    ///
    /// # Errors
    /// `toll-needed` if it paid before.
    pub fn spend(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Problem> {
        let Some((id, expires_at)) = &self.0 else { return Ok(()) };
        match store::spend(tx, id, *expires_at, now) {
            Err(db::Error::Taken(_)) => Err(Problem::new("toll-needed", StatusCode::FORBIDDEN)),
            other => Ok(other?),
        }
    }
}
