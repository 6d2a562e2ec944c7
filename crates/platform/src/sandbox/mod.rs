//! The sandbox: the whole platform in one process with a synthetic nation around it, for trying it out and for testing against it.
//!
//! None of this exists in production: the requests are not mounted, and the ground is not there.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /sandbox` | the tour: pick a person, see the next step for each role; `?person=NUMBER` |
//! | `GET /sandbox/people` | people with their cards and accounts; `?from=0&count=20`, `&only=suggested` for those who can register |
//! | `GET /sandbox/people/{number}/card.png` | the side of the card with the QR code; `?side=front` or `back` |
//! | `GET /sandbox/people/{number}/qr.png`, `/qr.txt` | the QR code and what it says |
//! | `GET /sandbox/people/{number}/chip.json` | the files of the chip: base64 of `com dg1 dg2 dg13 dg14 dg15 sod`; with `?challenge=HEX` also the chip's answer |
//! | `GET /sandbox/people/{number}/portrait.jpg` | the face, as a camera would see it |
//! | `POST /sandbox/people/{number}/account` | an activated account at once, with its credentials; `{"level":2}` |
//! | `GET`, `POST /sandbox/people/{number}/fate` | what befell somebody; `{"fate":"card-held"}` |
//! | `GET /sandbox/messages` | SMS and e-mail, newest first; `?to=ADDRESS&count=20` |
//! | `GET`, `POST /sandbox/clock` | the clock; `{"advance":"PT26H"}` moves it forward, `{"advance":"T10:00"}` to the next ten o'clock of Viet Nam |
//! | `GET`, `POST /sandbox/faults` | what is wrong with the source databases; `{"source":"population","fault":"down"}` |
//! | `/sandbox/over-18` | a verifier to try out: proof of age from a wallet |
//! | `/sandbox/bank-counter` | a clerk's screen to try out: the customer approves on the phone |
//! | `GET /sandbox/officers`, `/sandbox/partners` | whom one can sign in as, with credentials |
//!
//! **Invariant:** everybody here is synthetic, and every credential is public.
//! **Invariant:** only the sandbox's command can set up the ground; no configuration file can.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use jiff::SignedDuration;
use nation::Nation;
use nation::chip::{ChipError, Issuer};
use nation::sources::{self, Faults};

use crate::app::{App, Capability};
use crate::shell::clock::Clock;
use crate::shell::problem::Problem;
use crate::shell::texts;
use crate::sso;

mod clerk;
pub mod command;
mod doors;
mod fates;
mod folder;
pub mod holders;
mod http;
mod makers;
mod over18;
pub mod people;
mod rules;
mod secured;
mod tour;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: true,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/sandbox/messages", get(http::messages))
        .route("/sandbox/clock", get(http::clock).post(http::advance))
        .route("/sandbox/faults", get(http::faults).post(http::set_fault))
        .route("/sandbox/officers", get(http::officers))
        .route("/sandbox/partners", get(http::partners))
        .merge(clerk::routes())
        .merge(over18::routes())
        .merge(tour::routes())
        .merge(people::routes())
        .merge(fates::routes())
        .merge(holders::routes())
        .merge(makers::routes())
        .merge(sso::registration::routes())
        .merge(crate::payments::trial::routes())
}

/// The synthetic world around the platform. Part of [`App`], in the sandbox.
pub struct Ground {
    /// The people.
    pub nation: Nation,
    /// Signs the chips of their cards.
    pub issuer: Arc<Issuer>,
    /// The switches of the source databases' faults.
    pub faults: Faults,
    /// The relying party to try signing in to.
    pub portal: Option<Portal>,
    /// Where the sandbox remembers how far its clock was moved.
    clock_file: Option<PathBuf>,
    /// Held while an account is made at once, so that two at a time do not meet.
    making: tokio::sync::Mutex<()>,
}

/// The demo portal, as a relying party.
#[derive(Clone, Debug)]
pub struct Portal {
    /// Its address, without a slash at the end.
    pub url: String,
}

impl Portal {
    /// What it calls itself.
    pub const NAME: &'static str = "Cổng dịch vụ công mẫu";
    /// Its `client_id`.
    pub const CLIENT_ID: &'static str = "cong-dich-vu-cong-mau";
    /// Its `client_secret`: public, like every credential here.
    pub const CLIENT_SECRET: &'static str = "sandbox-portal-secret-known-to-everybody";

    /// Where people come back to after signing in.
    pub fn redirect_uri(&self) -> String {
        format!("{}/callback", self.url)
    }
}

impl Ground {
    /// A world that follows from a seed, with about so many people.
    ///
    /// # Errors
    /// [`ChipError`] if the authority of the chips cannot be made.
    pub fn new(seed: u64, people: u64) -> Result<Self, ChipError> {
        Ok(Self {
            nation: Nation::new(seed, people),
            issuer: Arc::new(Issuer::new(seed)?),
            faults: Faults::default(),
            portal: None,
            clock_file: None,
            making: tokio::sync::Mutex::default(),
        })
    }

    /// Makes the sandbox remember in a folder how far its clock was moved, and moves the clock as far as it was.
    fn remember_clock(&mut self, folder: &Path, clock: &Clock) {
        let file = folder.join("clock");
        let seconds = std::fs::read_to_string(&file)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        clock.advance(SignedDuration::from_secs(seconds.unwrap_or_default()));
        self.clock_file = Some(file);
    }

    /// Makes the source databases remember in a folder what befell people, so that their feeds go on where they were.
    fn remember_fates(&self, folder: &Path) -> std::io::Result<()> {
        self.faults.fates().keep_in(&folder.join("fates.json"))
    }

    fn keep_clock(&self, clock: &Clock) -> std::io::Result<()> {
        match &self.clock_file {
            Some(file) => std::fs::write(file, clock.ahead().as_secs().to_string()),
            None => Ok(()),
        }
    }
}

/// The source databases of a world, which live by a clock.
pub fn sources(ground: &Ground, clock: &Clock) -> Router {
    let clock = clock.clone();
    sources::router(
        ground.nation.clone(),
        ground.faults.clone(),
        Arc::new(move || clock.now()),
    )
}

/// The ground of this sandbox.
fn ground(app: &App) -> Result<&Ground, Problem> {
    app.sandbox.as_ref().ok_or_else(Problem::not_found)
}
