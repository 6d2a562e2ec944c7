//! How much one address, one session or one person may ask of the platform in a time.
//!
//! These limits are kept by each node, in memory. What must hold across nodes (codes sent to a phone, wrong passwords and passcodes) is
//! counted in the database by the capability it concerns. How many are served at once is the matter of [`super::turns`].

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::ops::Add;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use governor::clock::{Clock as _, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use http::{HeaderMap, Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::problem::Problem;
use super::session::{Session, Visitor};
use super::toll::Crowds;
use super::turns::network;
use crate::app::App;

/// How much may be asked. Changes are requests that change something; each limit holds for one node.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Changes in a minute from one address (of IPv6: one network of 64 bits).
    pub of_address: u32,
    /// Changes in a minute in one session, that is from one device.
    pub of_session: u32,
    /// Changes in a minute by one person, from all devices.
    pub of_person: u32,
    /// How many requests are served at once.
    pub at_once: usize,
    /// How many more may wait for their turn.
    pub waiting: usize,
    /// How long they wait at most, in milliseconds.
    pub patience_ms: u64,
    /// How long answers take at least that would tell by their time whether a number has an account, in milliseconds.
    pub evenly_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            of_address: 120,
            of_session: 120,
            of_person: 240,
            at_once: 1024,
            waiting: 4096,
            patience_ms: 4000,
            evenly_ms: 250,
        }
    }
}

impl Settings {
    /// As much as there is to ask for: for tests of other things, and for benchmarks.
    pub fn boundless() -> Self {
        Self {
            of_address: u32::MAX,
            of_session: u32::MAX,
            of_person: u32::MAX,
            evenly_ms: 0,
            ..Self::default()
        }
    }

    /// How long answers take at least that would tell by their time whether a number has an account.
    pub fn evenly(&self) -> Duration {
        Duration::from_millis(self.evenly_ms)
    }
}

type Per<K> = RateLimiter<K, DashMapStateStore<K>, PlatformClock, NoOpMiddleware<Micros>>;

/// Counts the changes that each address, session and person asks for.
pub struct Limits {
    addresses: Per<IpAddr>,
    sessions: Per<[u8; 32]>,
    persons: Per<[u8; 16]>,
    /// What networks have paid for.
    pub(super) crowds: Crowds,
    clock: PlatformClock,
}

impl Limits {
    /// Limits as an operator set them.
    pub fn new(clock: &Clock, settings: &Settings) -> Self {
        let clock = PlatformClock(clock.clone());
        Self {
            addresses: per_minute(settings.of_address, &clock),
            sessions: per_minute(settings.of_session, &clock),
            persons: per_minute(settings.of_person, &clock),
            crowds: Crowds::default(),
            clock,
        }
    }

    /// Forgets those that have been quiet.
    pub fn tidy(&self) {
        self.addresses.retain_recent();
        self.sessions.retain_recent();
        self.persons.retain_recent();
        self.crowds.tidy(self.clock.0.now());
    }

    /// Counts a change; how many seconds it comes too early, where it does.
    fn seconds_to_wait(&self, address: IpAddr, session: Option<&Session>) -> Option<u64> {
        let mut refused = self.addresses.check_key(&network(address)).err();
        if let Some(session) = session {
            refused = refused
                .or_else(|| self.sessions.check_key(&session.digest).err())
                .or_else(|| self.persons.check_key(&session.subject).err());
        }
        Some(refused?.wait_time_from(self.clock.now()).as_secs().max(1))
    }
}

fn per_minute<K: std::hash::Hash + Eq + Clone>(most: u32, clock: &PlatformClock) -> Per<K> {
    let quota = Quota::per_minute(NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN));
    RateLimiter::new(quota, DashMapStateStore::default(), clock.clone())
}

/// Where the servers of relying parties ask for whole crowds from one address; each request proves itself by a secret.
const OF_SERVERS: [&str; 9] = [
    "/sso/token",
    "/sso/userinfo",
    "/sso/par",
    "/sso/introspect",
    "/sso/revoke",
    "/issuance/nonce",
    "/issuance/credential",
    "/issuance/deferred",
    "/issuance/notification",
];

/// Where receivers of security events ask, by an access token each.
const STREAMS: &str = "/ssf/";

/// Refuses changes from an address, in a session or by a person that makes too many of them.
pub(crate) fn restrain(app: &App, request: &Request) -> Result<(), Problem> {
    let looks = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let path = request.uri().path();
    if looks || OF_SERVERS.contains(&path) || path.starts_with(STREAMS) {
        return Ok(());
    }
    let address = address(app, request);
    let visitor = request.extensions().get::<Visitor>();
    let session = visitor.and_then(|visitor| visitor.citizen.as_ref().or(visitor.officer.as_ref()));
    match app.limits.seconds_to_wait(address, session) {
        Some(seconds) => Err(Problem::new("too-many-requests", StatusCode::TOO_MANY_REQUESTS).retry_after(seconds)),
        None => Ok(()),
    }
}

/// The address a request came from: the peer's, or what our own proxy says, where configuration trusts it.
pub fn address(app: &App, request: &Request) -> IpAddr {
    let peer = request
        .extensions()
        .get::<ConnectInfo<std::net::SocketAddr>>()
        .map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip());
    if app.config.behind_proxy {
        forwarded(request.headers()).unwrap_or(peer)
    } else {
        peer
    }
}

fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    headers
        .get("x-forwarded-for")?
        .to_str()
        .ok()?
        .rsplit(',')
        .next()?
        .trim()
        .parse()
        .ok()
}

/// The platform's clock in the limiter's terms, so that limits travel in time with the sandbox.
#[derive(Clone)]
struct PlatformClock(Clock);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Micros(u64);

impl Add<Nanos> for Micros {
    type Output = Self;

    fn add(self, nanos: Nanos) -> Self {
        Self(self.0.saturating_add(nanos.as_u64().div_ceil(1000)))
    }
}

impl Reference for Micros {
    fn duration_since(&self, earlier: Self) -> Nanos {
        Nanos::new(self.0.saturating_sub(earlier.0).saturating_mul(1000))
    }

    fn saturating_sub(&self, nanos: Nanos) -> Self {
        Self(self.0.saturating_sub(nanos.as_u64() / 1000))
    }
}

impl governor::clock::Clock for PlatformClock {
    type Instant = Micros;

    fn now(&self) -> Micros {
        Micros(u64::try_from(self.0.now().as_microsecond()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    const SETTINGS: Settings = Settings {
        of_address: 4,
        of_session: 2,
        of_person: 3,
        at_once: 1,
        waiting: 1,
        patience_ms: 1,
        evenly_ms: 0,
    };

    fn session(subject: u8, digest: u8) -> Session {
        Session {
            subject: [subject; 16],
            digest: [digest; 32],
            opened_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::MAX,
            assurance: 1,
            methods: String::new(),
            device: None,
        }
    }

    fn address(number: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, number])
    }

    #[test]
    fn an_address_that_asks_too_often_waits_and_the_others_do_not() {
        let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
        let limits = Limits::new(&clock, &SETTINGS);

        let answers = [1, 1, 1, 1, 1, 2].map(|number| limits.seconds_to_wait(address(number), None));
        clock.advance(SignedDuration::from_secs(60));

        assert_eq!(answers, [None, None, None, None, Some(15), None]);
        assert_eq!(limits.seconds_to_wait(address(1), None), None);
    }

    #[test]
    fn a_session_and_a_person_are_counted_wherever_they_ask_from() {
        let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
        let limits = Limits::new(&clock, &SETTINGS);
        let (phone, tablet, other) = (session(1, 1), session(1, 2), session(2, 3));

        let in_one_session = [1, 2, 3].map(|number| limits.seconds_to_wait(address(number), Some(&phone)));
        let on_another_device = [4, 5].map(|number| limits.seconds_to_wait(address(number), Some(&tablet)));

        assert_eq!(in_one_session, [None, None, Some(30)]);
        assert_eq!(on_another_device, [None, Some(20)]);
        assert_eq!(limits.seconds_to_wait(address(6), Some(&other)), None);
    }
}
