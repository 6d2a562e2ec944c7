//! Where slow computing is done: off the threads that answer requests, and only so much of it at once.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Runs password hashing, picture decoding and the like on blocking threads, a bounded number at once.
#[derive(Clone)]
pub struct Workshop {
    benches: Arc<Semaphore>,
}

/// The work was not finished: it panicked, or the platform is stopping.
#[derive(Debug, thiserror::Error)]
#[error("slow work was not finished")]
pub struct Unfinished;

impl Workshop {
    /// A workshop where `benches` pieces of work run at once; more wait in order.
    pub fn new(benches: usize) -> Self {
        Self {
            benches: Arc::new(Semaphore::new(benches.max(1))),
        }
    }

    /// Runs a piece of work and waits for its result.
    ///
    /// # Errors
    /// [`Unfinished`] if it panicked or the platform is stopping.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Unfinished> {
        let Ok(bench) = Arc::clone(&self.benches).acquire_owned().await else {
            return Err(Unfinished);
        };
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
                Err(Unfinished)
            }
        }
    }
}
