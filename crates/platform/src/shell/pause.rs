//! The one place where the platform waits for time to pass.
//!
//! Waiting is allowed to the worker of the outbox between two looks, to the client of a source database between two tries, to
//! those who wait for their turn, and to the close of the house. Nothing else waits: what has to happen later is a job.

use std::time::Duration;

/// Waits, in real time: the sandbox's travels in time do not shorten it.
pub(crate) async fn pause(how_long: Duration) {
    #[expect(clippy::disallowed_methods, reason = "this is the one home of waiting")]
    tokio::time::sleep(how_long).await;
}
