//! A server that is killed while it writes: whatever was acknowledged is there when it is back.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use db::{Db, Error, Options};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::{
    harness::BOOK,
    killed::{damage, write_pair},
    server::Server,
};

const ROUNDS: i64 = 3;
const WRITERS: i64 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_crash_of_the_server() {
    let Some(mut server) = Server::start() else { return };
    let db = Db::open(&server.url(), Options::default()).await.unwrap();
    db.migrate(BOOK).await.unwrap();

    for round in 0..ROUNDS {
        let stop = Arc::new(AtomicBool::new(false));
        let (tell, mut told) = unbounded_channel();
        for writer in 1..=WRITERS {
            tokio::spawn(write_until_lost(
                db.clone(),
                round * 1_000_000 + writer,
                tell.clone(),
                stop.clone(),
            ));
        }
        drop(tell);

        let mut acknowledged = Vec::new();
        for _ in 0..100 {
            acknowledged.push(told.recv().await.unwrap());
        }
        server.crash();
        stop.store(true, Ordering::Relaxed);
        while let Some(id) = told.recv().await {
            acknowledged.push(id);
        }

        // The same handle goes on with the server that is back.
        let (torn, missing) = damage(&db, acknowledged).await.unwrap();
        assert_eq!((torn, missing), (0, vec![]), "round {round}");
    }
    db.close().await;
}

async fn write_until_lost(db: Db, first: i64, tell: UnboundedSender<i64>, stop: Arc<AtomicBool>) {
    let mut id = first;
    while !stop.load(Ordering::Relaxed) {
        match write_pair(&db, id).await {
            Ok(_) => tell.send(id).unwrap(),
            Err(error) => {
                assert!(matches!(error, Error::Unavailable(_) | Error::Unknown), "{error:?}");
                return;
            }
        }
        id += WRITERS;
    }
}
