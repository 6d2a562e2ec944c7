//! Turns: who is served when more ask than can be served.
//!
//! A bounded number is served at once, a bounded number waits, and nobody waits longer than is worth it. Those who wait are served in turn by
//! asker, so that whoever asks a thousand times waits behind nobody but himself; where the line is full, the asker who fills most of it loses
//! the newest place. What is turned away costs next to nothing, so that the rest is served at full speed however many ask.
//!
//! **Invariant:** a turn that is given back goes to one who waits, whoever left in the meantime: none is lost, none is there twice.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::Request;
use http::StatusCode;
use tokio::sync::oneshot;

use super::limits::address;
use super::pause::pause;
use super::problem::Problem;
use super::session::Visitor;
use crate::app::App;

/// Who asks, as far as turns are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// Somebody who is signed in: the digest of the session.
    Session([u8; 32]),
    /// Anybody else, by network: an IPv4 address, or the 64 bits of an IPv6 address that name its network.
    Network(IpAddr),
    /// The platform itself.
    Platform,
}

impl Asker {
    /// Whoever is behind an address; somebody with an IPv6 network has as many addresses as stars.
    pub fn at(address: IpAddr) -> Self {
        Self::Network(network(address))
    }

    /// Who asks by a request.
    pub(crate) fn of(app: &App, request: &Request) -> Self {
        let visitor = request.extensions().get::<Visitor>();
        let session = visitor.and_then(|visitor| visitor.citizen.as_ref().or(visitor.officer.as_ref()));
        session.map_or_else(
            || Self::at(address(app, request)),
            |session| Self::Session(session.digest),
        )
    }
}

/// The network of an address: itself, or the first 64 bits of an IPv6 address.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() >> 64 << 64).into()),
        four @ IpAddr::V4(_) => four,
    }
}

tokio::task_local! {
    static ASKER: Asker;
}

/// Who asked for what this task does.
pub fn asker() -> Asker {
    ASKER.try_with(|asker| *asker).unwrap_or(Asker::Platform)
}

/// Does something in the name of an asker.
pub(crate) async fn in_the_name_of<T>(asker: Asker, work: impl Future<Output = T>) -> T {
    ASKER.scope(asker, work).await
}

/// More ask than can be served: this one is to come back later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more ask than can be served")]
pub struct Overloaded;

impl From<Overloaded> for Problem {
    fn from(Overloaded: Overloaded) -> Self {
        Problem::new("overloaded", StatusCode::SERVICE_UNAVAILABLE).retry_after(5)
    }
}

/// A line of askers before something that serves only so many at once.
#[derive(Clone)]
pub struct Turns {
    line: Arc<Mutex<Line>>,
    patience: Duration,
}

struct Line {
    free: usize,
    room: usize,
    waiting: usize,
    /// Everybody who waits, in the order in which they are served next.
    order: VecDeque<Asker>,
    parts: HashMap<Asker, VecDeque<oneshot::Sender<Turn>>>,
}

/// The right to be served now. Dropped, it goes to the next.
pub struct Turn {
    line: Option<Arc<Mutex<Line>>>,
}

enum Joined {
    Served(Turn),
    Waiting(oneshot::Receiver<Turn>),
}

impl Turns {
    /// A line before something that serves `at_once`, where `room` may wait as long as `patience`.
    pub fn new(at_once: usize, room: usize, patience: Duration) -> Self {
        let line = Line {
            free: at_once.max(1),
            room,
            waiting: 0,
            order: VecDeque::new(),
            parts: HashMap::new(),
        };
        Self {
            line: Arc::new(Mutex::new(line)),
            patience,
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Overloaded`] if the line is full, or patience is over.
    pub async fn take(&self, asker: Asker) -> Result<Turn, Overloaded> {
        let mine = match self.join(asker)? {
            Joined::Served(turn) => return Ok(turn),
            Joined::Waiting(mine) => mine,
        };
        tokio::select! {
            biased;
            turn = mine => turn.map_err(|_gone| Overloaded),
            () = pause(self.patience) => Err(Overloaded),
        }
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        lock(&self.line).waiting
    }

    /// Takes every turn that is free, and closes the line for good.
    #[cfg(test)]
    pub(crate) async fn crowd_out(&self) -> Vec<Turn> {
        let mut taken = Vec::new();
        while lock(&self.line).free > 0 {
            taken.extend(self.take(Asker::Platform).await);
        }
        lock(&self.line).room = 0;
        taken
    }

    fn join(&self, asker: Asker) -> Result<Joined, Overloaded> {
        let mut line = lock(&self.line);
        if line.free > 0 {
            line.free -= 1;
            let line = Some(Arc::clone(&self.line));
            return Ok(Joined::Served(Turn { line }));
        }
        if line.waiting >= line.room {
            line.forget_those_who_left();
        }
        if line.waiting >= line.room {
            line.make_room(asker)?;
        }
        Ok(Joined::Waiting(line.add(asker)))
    }
}

impl Line {
    fn add(&mut self, asker: Asker) -> oneshot::Receiver<Turn> {
        let (give, mine) = oneshot::channel();
        let part = self.parts.entry(asker).or_default();
        if part.is_empty() {
            self.order.push_back(asker);
        }
        part.push_back(give);
        self.waiting += 1;
        mine
    }

    /// Takes the newest place from the asker who has most, unless that is the one who wants to come in.
    fn make_room(&mut self, asker: Asker) -> Result<(), Overloaded> {
        let own = self.parts.get(&asker).map_or(0, VecDeque::len);
        let most = self.parts.values_mut().max_by_key(|part| part.len());
        let most = most.filter(|part| part.len() > own + 1).ok_or(Overloaded)?;
        most.pop_back();
        self.waiting -= 1;
        Ok(())
    }

    fn forget_those_who_left(&mut self) {
        for part in self.parts.values_mut() {
            part.retain(|give| !give.is_closed());
        }
        self.parts.retain(|_, part| !part.is_empty());
        self.order.retain(|asker| self.parts.contains_key(asker));
        self.waiting = self.parts.values().map(VecDeque::len).sum();
    }

    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let asker = self.order.pop_front()?;
        let part = self.parts.get_mut(&asker)?;
        let next = part.pop_front()?;
        if part.is_empty() {
            self.parts.remove(&asker);
        } else {
            self.order.push_back(asker);
        }
        self.waiting -= 1;
        Some(next)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            pass_on(&line);
        }
    }
}

fn pass_on(line: &Arc<Mutex<Line>>) {
    let mut locked = lock(line);
    while let Some(next) = locked.next() {
        let turn = Turn {
            line: Some(Arc::clone(line)),
        };
        match next.send(turn) {
            Ok(()) => return,
            // Whoever it was has left; the turn is still ours to pass on.
            Err(mut returned) => returned.line = None,
        }
    }
    locked.free += 1;
}

/// No half-made change can be seen: nothing between two statements of this file panics.
fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What must be answered however many ask: whether the platform lives, and the files of its pages.
const AT_ONCE: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Whether what lies at a path is answered at once.
pub(crate) fn is_answered_at_once(path: &str) -> bool {
    AT_ONCE.contains(&path) || path.starts_with("/assets/")
}

/// Waits for the turn of an asker.
///
/// # Errors
/// `overloaded`.
pub(crate) async fn take(app: &App, asker: Asker) -> Result<Turn, Problem> {
    let turn = app.turns.take(asker).await.inspect_err(|_| {
        metrics::counter!("vneid_turned_away").increment(1);
    });
    Ok(turn?)
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    const PATIENT: Duration = Duration::from_hours(1);

    fn asker(number: u8) -> Asker {
        Asker::at(IpAddr::from([10, 0, 0, number]))
    }

    /// Looks once whether a turn has come.
    fn look<T>(waiting: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
        match std::pin::Pin::new(waiting).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(come) => Some(come),
            Poll::Pending => None,
        }
    }

    fn wait(turns: &Turns, asker: Asker) -> oneshot::Receiver<Turn> {
        match turns.join(asker).unwrap() {
            Joined::Waiting(mine) => mine,
            Joined::Served(_) => panic!("served at once"),
        }
    }

    #[tokio::test]
    async fn whoever_asks_a_hundred_times_waits_behind_himself_alone() {
        let turns = Turns::new(1, 1000, PATIENT);
        let held = turns.take(asker(1)).await.unwrap();
        let mut crowd: Vec<_> = (0..100).map(|_| wait(&turns, asker(1))).collect();
        let mut other = wait(&turns, asker(2));

        drop(held);
        let first = look(&mut crowd[0]).unwrap().unwrap();
        drop(first);

        let second = look(&mut other).unwrap();
        assert!(second.is_ok(), "the second turn goes to the other asker");
        assert!(look(&mut crowd[1]).is_none());
    }

    #[tokio::test]
    async fn when_the_line_is_full_whoever_fills_most_of_it_gives_way() {
        let turns = Turns::new(1, 4, PATIENT);
        let _held = turns.take(asker(1)).await.unwrap();
        let mut crowd: Vec<_> = (0..4).map(|_| wait(&turns, asker(1))).collect();

        let more = turns.take(asker(1)).await.map(|_| ());
        let mut other = wait(&turns, asker(2));

        assert_eq!(more, Err(Overloaded));
        assert!(look(&mut crowd[3]).unwrap().is_err(), "the newest place is taken back");
        assert!(look(&mut crowd[2]).is_none() && look(&mut other).is_none());
        assert_eq!(turns.waiting(), 4);
    }

    #[tokio::test]
    async fn a_turn_passes_over_those_who_left_and_none_is_lost() {
        let turns = Turns::new(1, 10, PATIENT);
        let held = turns.take(asker(1)).await.unwrap();
        let gone = wait(&turns, asker(2));
        let mut there = wait(&turns, asker(3));

        drop(gone);
        drop(held);
        let turn = look(&mut there).unwrap().unwrap();
        drop(turn);

        assert!(matches!(turns.join(asker(4)).unwrap(), Joined::Served(_)));
    }

    #[tokio::test]
    async fn a_turn_that_was_given_to_somebody_who_leaves_before_taking_it_goes_on() {
        let turns = Turns::new(1, 10, PATIENT);
        let held = turns.take(asker(1)).await.unwrap();
        let given = wait(&turns, asker(2));

        drop(held);
        drop(given);

        assert!(matches!(turns.join(asker(3)).unwrap(), Joined::Served(_)));
    }

    #[tokio::test]
    async fn patience_ends() {
        let turns = Turns::new(1, 10, Duration::ZERO);
        let _held = turns.take(asker(1)).await.unwrap();

        assert_eq!(turns.take(asker(2)).await.map(|_| ()), Err(Overloaded));
    }

    #[test]
    fn all_addresses_of_one_network_are_one_asker() {
        let one = Asker::at("2001:db8:1:2::1".parse().unwrap());
        let other = Asker::at("2001:db8:1:2:ffff::9".parse().unwrap());
        let elsewhere = Asker::at("2001:db8:1:3::1".parse().unwrap());

        assert_eq!(one, other);
        assert_ne!(one, elsewhere);
        assert_eq!(Asker::at("::ffff:10.0.0.7".parse().unwrap()), asker(7));
    }
}
