//! Where slow computing is done: off the threads that answer requests, and only so much of it at once.

use std::time::Duration;

use super::turns::{self, Overloaded, Turns};

/// How many wait for each bench, and how long: more than that would be answered too late to be of use.
const ROOM_AT_A_BENCH: usize = 64;
const PATIENCE: Duration = Duration::from_secs(4);

/// Runs password hashing, picture decoding and the like on blocking threads, a bounded number at once, in turn by asker.
#[derive(Clone)]
pub struct Workshop {
    benches: Turns,
}

/// The work was not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfinished {
    /// It panicked, or the platform is stopping.
    #[error("slow work was not finished")]
    Stopped,
    /// It was not begun: too much waits to be done.
    #[error("too much slow work waits")]
    Overloaded,
}

impl From<Overloaded> for Unfinished {
    fn from(Overloaded: Overloaded) -> Self {
        Self::Overloaded
    }
}

impl Workshop {
    /// A workshop where `benches` pieces of work run at once; more wait in turn.
    pub fn new(benches: usize) -> Self {
        let room = benches.max(1).saturating_mul(ROOM_AT_A_BENCH);
        Self {
            benches: Turns::new(benches, room, PATIENCE),
        }
    }

    /// Takes the last free bench and lets nobody wait: whoever comes is told that there is too much to do, until what is answered is dropped.
    #[cfg(test)]
    pub(crate) async fn crowd_out(&self) -> Vec<turns::Turn> {
        self.benches.crowd_out().await
    }

    /// Runs a piece of work and waits for its result.
    ///
    /// # Errors
    /// [`Unfinished`] if it panicked, the platform is stopping, or too much waits.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Unfinished> {
        let bench = self.benches.take(turns::asker()).await?;
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one home of blocking work outside the data layer"
        )]
        let running = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(bench);
            result
        });
        match running.await {
            Ok(result) => Ok(result),
            Err(stopped) => {
                tracing::error!(panicked = stopped.is_panic(), "slow work was not finished");
                Err(Unfinished::Stopped)
            }
        }
    }
}
