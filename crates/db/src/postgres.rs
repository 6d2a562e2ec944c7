//! PostgreSQL: every unit on a blocking thread, on a connection of a small pool, run again after a conflict.
//!
//! **Invariant:** a connection lives and dies on threads that may block; on an async one it panics.

mod connector;
mod line;
mod pool;
mod session;

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, OwnedSemaphorePermit, RwLock, Semaphore};

pub(crate) use self::session::{PgCell, Session};
use self::{
    connector::Connector,
    pool::{Attempt, Pool, Purpose},
};
use crate::{Conn, Error, Options, Tx};

/// A unit that loses this often is given up.
const ATTEMPTS: u32 = 32;
/// A unit that has lost this often runs while no other unit of this process changes anything.
const PATIENCE: u32 = 3;

pub(crate) struct Postgres {
    pool: Arc<Pool>,
    permits: Arc<Semaphore>,
    max_connections: u32,
    lanes: Arc<RwLock<()>>,
}

impl Postgres {
    pub(crate) async fn open(url: &str, options: &Options) -> Result<Self, Error> {
        let connector = Connector::new(url, options.root_certificates.as_deref())?;
        let max_connections = u32::try_from(options.max_connections.max(1)).unwrap_or(u32::MAX);
        let postgres = Self {
            pool: Arc::new(Pool::new(connector)),
            permits: Arc::new(Semaphore::new(max_connections as usize)),
            max_connections,
            lanes: Arc::default(),
        };

        postgres
            .read(|conn| conn.query_one("SELECT 1 AS one", &[], |_| Ok(())))
            .await?;
        Ok(postgres)
    }

    pub(crate) async fn read<T, E, F>(&self, look: F) -> Result<T, E>
    where
        F: Fn(&mut Conn<'_>) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.unit(Purpose::Look, move |tx| look(tx)).await
    }

    pub(crate) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.unit(Purpose::Change, work).await
    }

    pub(crate) async fn migrate<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        self.unit(Purpose::Migrate, work).await
    }

    /// Waits for the units under way, then closes the connections.
    pub(crate) async fn close(&self) {
        if let Ok(all) = self.permits.acquire_many(self.max_connections).await {
            self.permits.close();
            drop(all);
        }
        let pool = self.pool.clone();
        #[expect(clippy::disallowed_methods, reason = "this crate is a home of blocking work")]
        let _ = tokio::task::spawn_blocking(move || pool.empty()).await;
    }

    async fn unit<T, E, F>(&self, purpose: Purpose, work: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let work = Arc::new(work);
        for lost in 0..ATTEMPTS {
            let lane = if purpose == Purpose::Change {
                Some(self.lane(lost).await)
            } else {
                None
            };
            let permit = self.permit().await?;
            let (pool, work) = (self.pool.clone(), work.clone());
            // The permit and the lane go along: if the caller goes away, the unit still holds its connection.
            #[expect(clippy::disallowed_methods, reason = "this crate is a home of blocking work")]
            let attempt = tokio::task::spawn_blocking(move || {
                let attempt = pool.run(purpose, &*work);
                drop((permit, lane));
                attempt
            });
            match attempt.await {
                Ok(Attempt::Done(outcome)) => return outcome,
                Ok(Attempt::Again) => pause(lost).await,
                Err(_) => return Err(Error::Closed.into()),
            }
        }

        Err(Error::Busy.into())
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        self.permits.clone().acquire_owned().await.ok().ok_or(Error::Closed)
    }

    /// Side by side with the others at first; a unit that keeps losing gets the road for itself.
    async fn lane(&self, lost: u32) -> Lane {
        if lost < PATIENCE {
            Lane::Shared(self.lanes.clone().read_owned().await)
        } else {
            Lane::Alone(self.lanes.clone().write_owned().await)
        }
    }
}

/// Held for its drop.
enum Lane {
    Shared(#[expect(dead_code, reason = "held for its drop")] OwnedRwLockReadGuard<()>),
    Alone(#[expect(dead_code, reason = "held for its drop")] OwnedRwLockWriteGuard<()>),
}

/// Waits a little, differently in each process, so that two that collide do not collide again.
async fn pause(lost: u32) {
    use std::hash::BuildHasher;

    if lost < PATIENCE {
        return;
    }
    let dice = std::hash::RandomState::new().hash_one(lost);
    let most = 1_000 << lost.min(6);
    #[expect(
        clippy::disallowed_methods,
        reason = "the time between two attempts of a unit is the engine's affair"
    )]
    tokio::time::sleep(Duration::from_micros(dice % most)).await;
}
