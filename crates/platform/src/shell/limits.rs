//! How much one address may ask of the platform in a time.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::ops::Add;

use axum::extract::{ConnectInfo, Request, State};
use governor::clock::{Clock as _, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use http::{HeaderMap, Method, StatusCode};

use super::clock::Clock;
use super::problem::Problem;
use crate::app::App;

type PerAddress = RateLimiter<IpAddr, DashMapStateStore<IpAddr>, PlatformClock, NoOpMiddleware<Micros>>;

/// Counts what each address sends; a limit of this node only.
pub struct Limits {
    changes: PerAddress,
    clock: PlatformClock,
}

impl Limits {
    /// Lets each address make `changes_per_minute` requests that change something.
    pub fn new(clock: &Clock, changes_per_minute: u32) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(changes_per_minute).unwrap_or(NonZeroU32::MIN));
        let clock = PlatformClock(clock.clone());
        Self {
            changes: RateLimiter::new(quota, DashMapStateStore::default(), clock.clone()),
            clock,
        }
    }

    /// Forgets the addresses that have been quiet.
    pub fn tidy(&self) {
        self.changes.retain_recent();
    }

    fn seconds_to_wait(&self, address: IpAddr) -> Option<u64> {
        let refused = self.changes.check_key(&address).err()?;
        Some(refused.wait_time_from(self.clock.now()).as_secs().max(1))
    }
}

/// Where the servers of relying parties ask for whole crowds from one address; each request proves itself by a secret.
const OF_SERVERS: [&str; 5] = [
    "/sso/token",
    "/sso/userinfo",
    "/sso/par",
    "/sso/introspect",
    "/sso/revoke",
];

/// Where receivers of security events ask, by an access token each.
const STREAMS: &str = "/ssf/";

/// Refuses changes from an address that makes too many of them.
pub(crate) async fn restrain(State(app): State<App>, request: Request) -> Result<Request, Problem> {
    let looks = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let path = request.uri().path();
    if looks || OF_SERVERS.contains(&path) || path.starts_with(STREAMS) {
        return Ok(request);
    }
    let address = address(&app, &request);
    match app.limits.seconds_to_wait(address) {
        Some(seconds) => Err(Problem::new("too-many-requests", StatusCode::TOO_MANY_REQUESTS).retry_after(seconds)),
        None => Ok(request),
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
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn an_address_that_asks_too_often_waits_and_the_others_do_not() {
        let clock = Clock::fixed("2026-11-23T02:00:00Z".parse().unwrap());
        let limits = Limits::new(&clock, 2);
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));

        let answers = [one, one, one, other].map(|address| limits.seconds_to_wait(address));
        clock.advance(SignedDuration::from_secs(60));

        assert_eq!(answers, [None, None, Some(30), None]);
        assert_eq!(limits.seconds_to_wait(one), None);
    }
}
