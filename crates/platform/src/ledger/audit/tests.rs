use std::path::Path;

use super::*;
use crate::history::{self, Look, Purpose, Who};
use crate::ledger::command::{export, records};
use crate::ledger::tests::fill;
use crate::ledger::{store, turn};
use crate::shell::ids::PersonId;
use crate::testing::TestApp;

async fn found(app: &TestApp, saved: &[&str]) -> Vec<Finding> {
    let saved = saved.iter().map(|note| Saved {
        name: "saved".to_owned(),
        note: (*note).to_owned(),
    });
    let source = Source::Database(app.db.clone());
    audit(&source, saved.collect(), &[]).await.unwrap().findings
}

async fn found_in_records(app: &TestApp) -> Vec<Finding> {
    let mut report = Report::default();
    let size = app.db.read(store::size).await.unwrap();
    records(app, size, &mut report).await.unwrap();
    report.findings
}

async fn tamper(app: &TestApp, sql: &'static str) {
    let changed = app.db.write(move |tx| tx.execute(sql, &[])).await.unwrap();
    assert!(changed > 0);
}

async fn checkpoint(app: &TestApp) -> String {
    app.client().get("/ledger/checkpoint").await.text()
}

fn changed(leaf: u64) -> Finding {
    Finding::EntryChanged { leaf }
}

#[tokio::test]
async fn a_whole_log_is_found_whole_against_every_earlier_head() {
    let app = TestApp::start().await;
    fill(&app, 3).await;
    let old = checkpoint(&app).await;
    app.advance(jiff::SignedDuration::from_secs(1));
    fill(&app, 700).await;

    let found = found(&app, &[&old]).await;

    assert_eq!(found, []);
}

#[tokio::test]
async fn a_changed_removed_or_reordered_entry_is_found_at_its_place() {
    let app = TestApp::start().await;
    fill(&app, 600).await;

    tamper(&app, store::tampered::REMOVED).await;
    assert_eq!(found(&app, &[]).await, [Finding::EntryMissing { leaf: 5 }]);
    tamper(&app, store::tampered::PUT_BACK).await;
    assert_eq!(found(&app, &[]).await, []);

    tamper(&app, store::tampered::TAKEN_OUT).await;
    tamper(&app, store::tampered::EXCHANGED).await;
    let moved = [7, 9].map(|leaf| Finding::EntryMoved { leaf });
    assert_eq!(found(&app, &[]).await, moved);
    tamper(&app, store::tampered::TAKEN_OUT).await;
    tamper(&app, store::tampered::EXCHANGED).await;

    tamper(&app, store::tampered::CHANGED).await;
    assert_eq!(found(&app, &[]).await, [changed(599)]);
}

#[tokio::test]
async fn a_changed_tile_is_found_and_a_rewritten_log_does_not_fit_its_head() {
    let app = TestApp::start().await;
    fill(&app, 600).await;
    let signed = checkpoint(&app).await;

    tamper(&app, store::tampered::TILE_CHANGED).await;

    let found = found(&app, &[&signed]).await;
    assert_eq!(found[0], changed(0));
    assert!(found.len() > 99, "{found:?}");
}

#[tokio::test]
async fn a_log_written_anew_is_found_by_a_saved_head() {
    let app = TestApp::start().await;
    fill(&app, 600).await;
    let (saved, own) = (checkpoint(&app).await, "the log's own".to_owned());
    let other = TestApp::start().await;
    other.advance(jiff::SignedDuration::from_hours(1));
    fill(&other, 600).await;

    let found = found(&other, &[&saved]).await;

    let rewritten = |checkpoint: &str| Finding::Rewritten {
        checkpoint: checkpoint.to_owned(),
        size: 600,
    };
    assert_eq!(found, [rewritten("saved")]);
    assert_ne!(found, [rewritten(&own)]);
}

#[tokio::test]
async fn a_database_from_yesterday_is_found_by_a_saved_head() {
    let today = TestApp::start().await;
    fill(&today, 300).await;
    let saved = checkpoint(&today).await;
    let yesterday = TestApp::start().await;
    fill(&yesterday, 299).await;

    let found = found(&yesterday, &[&saved]).await;

    let truncated = Finding::Truncated {
        checkpoint: "saved".to_owned(),
        signed: 300,
        size: 299,
    };
    assert_eq!(found, [truncated]);
}

#[tokio::test]
async fn entries_behind_the_end_and_a_head_of_another_log_are_found() {
    let app = TestApp::start().await;
    fill(&app, 30).await;
    let strange = checkpoint(&app).await.replace("localhost", "elsewhere");

    tamper(&app, store::tampered::SHORTENED).await;

    let found = found(&app, &[&strange]).await;
    assert!(
        matches!(&found[0], Finding::NotSigned { why, .. } if why.contains("another log")),
        "{found:?}"
    );
    assert!(found.contains(&Finding::EntriesBeyond { size: 29 }), "{found:?}");
}

#[tokio::test]
async fn a_changed_and_a_removed_look_are_found() {
    let app = TestApp::start().await;
    let person = PersonId::draw(&app.chance);
    for officer in ["Lê Văn Cường", "Trần Thị Dung"] {
        app.advance(jiff::SignedDuration::from_secs(1));
        let look = Look::now(&app, person, &Who::Officer(officer.to_owned()), Purpose::Review, "card");
        app.db.write(move |tx| history::record(tx, &look)).await.unwrap();
    }
    turn(&app).await.unwrap();
    assert_eq!(found_in_records(&app).await, []);

    tamper(&app, history::tampered::CHANGED).await;
    let of_change = found_in_records(&app).await;
    tamper(&app, history::tampered::REMOVED).await;
    let of_removal = found_in_records(&app).await;

    assert!(matches!(&of_change[0], Finding::RecordChanged { .. }), "{of_change:?}");
    assert!(
        of_removal.contains(&Finding::RecordRemoved { leaf: 1 }),
        "{of_removal:?}"
    );
}

#[tokio::test]
async fn the_exported_files_are_the_log_and_a_changed_file_is_found() {
    let app = TestApp::start().await;
    fill(&app, 600).await;
    let folder = tempfile::tempdir().unwrap();
    let files = export(&Source::Database(app.db.clone()), folder.path()).await.unwrap();
    assert_eq!(files, 1 + 3 + 1 + 3);
    assert_eq!(in_folder(folder.path()).await, []);

    let bundle = folder.path().join("tile/entries/001");
    let mut bytes = std::fs::read(&bundle).unwrap();
    bytes[34 * 4 + 2] ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    std::fs::remove_file(folder.path().join("tile/1/000.p/2")).unwrap();

    let gone = Finding::TileMissing {
        tile: "1/000.p/2".to_owned(),
    };
    assert_eq!(in_folder(folder.path()).await, [changed(260), gone]);
}

async fn in_folder(folder: &Path) -> Vec<Finding> {
    let source = Source::Folder(folder.to_owned());
    audit(&source, Vec::new(), &[]).await.unwrap().findings
}

#[tokio::test]
async fn a_site_is_checked_whole_and_one_entry_by_its_proof() {
    let app = TestApp::start().await;
    fill(&app, 300).await;
    let saved = Saved {
        name: "saved".to_owned(),
        note: checkpoint(&app).await,
    };
    app.advance(jiff::SignedDuration::from_secs(1));
    fill(&app, 300).await;
    let key: Verifier = app.client().get("/ledger").await.at("/keys/0").parse().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/ledger/", listener.local_addr().unwrap());
    let router = crate::app::router(&app);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let entries = app.db.read(|conn| store::entries(conn, 0, 600)).await.unwrap();
    let site = || Site::new(&address).unwrap();

    let report = audit(&Source::Site(site()), Vec::new(), std::slice::from_ref(&key))
        .await
        .unwrap();

    assert!(report.whole && report.signatures_verified, "{report:?}");
    assert_eq!((report.size, report.checkpoints), (600, 1));
    let saved = [saved];
    let check = async |leaf, entry| entry::check(&site(), leaf, entry, &saved, std::slice::from_ref(&key)).await;
    assert_eq!(check(450, entries[450].1).await.unwrap(), None);
    assert!(check(450, entries[451].1).await.unwrap().is_some());
    assert!(check(600, entries[0].1).await.unwrap().is_some());
}
