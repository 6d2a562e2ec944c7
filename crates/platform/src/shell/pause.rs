//! The one place where the platform waits for time to pass.
//!
//! Waiting is allowed to the worker of the outbox between two looks, to the client of a source database between two tries, to
//! those who wait for their turn, to answers whose time must not tell what they found, and to the close of the house. Nothing else waits: what has to happen later is a job.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// Waits, in real time: the sandbox's travels in time do not shorten it.
pub(crate) async fn pause(how_long: Duration) {
    #[expect(clippy::disallowed_methods, reason = "this is the one home of waiting")]
    tokio::time::sleep(how_long).await;
}

/// Does something that takes at least so long, so that its time does not tell what was found.
pub(crate) async fn evened<T>(least: Duration, work: impl Future<Output = T>) -> T {
    let (done, ()) = tokio::join!(work, pause(least));
    done
}

/// The same where only a refusal must not tell: what succeeds is answered at once.
pub(crate) async fn refused_evenly<T, E>(least: Duration, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let (mut work, mut wait) = (pin!(work), pin!(pause(least)));
    tokio::select! {
        biased;
        answer = &mut work => {
            if answer.is_err() {
                wait.await;
            }
            answer
        }
        () = &mut wait => work.await,
    }
}
