use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ::http::{HeaderMap, Method, Uri, header};
use axum::body::Bytes;
use axum::extract::State;
use jiff::SignedDuration;
use tokio::net::TcpListener;

use super::*;
use crate::testing::TestApp;

const PORTRAIT: &[u8] = b"a portrait that nobody may read off the disk";

/// Places a piece and takes it in a unit of work of its own.
async fn kept(app: &TestApp, person: PersonId, kind: &'static str) -> PieceId {
    let placed = place(app, person, kind, "image/jpeg", PORTRAIT).await.unwrap();
    let (piece, now) = (placed.piece(), app.now());
    app.db.write(move |tx| keep(tx, &placed, now)).await.unwrap();
    piece
}

/// The files of a folder and those below it.
fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let below = entries.flat_map(|entry| {
        let path = entry.path();
        if path.is_dir() { files(&path) } else { vec![path] }
    });
    below.collect()
}

async fn rows(app: &TestApp, person: PersonId) -> usize {
    let late = app.now() + SignedDuration::from_hours(24 * 3650);
    let over = app.db.read(move |conn| store::list_over(conn, &person, late)).await;
    over.unwrap().len()
}

#[tokio::test]
async fn what_is_kept_is_read_again_and_nothing_of_it_can_be_read_off_the_disk() {
    let app = TestApp::start().await;
    let person = PersonId::draw(&app.chance);

    let piece = kept(&app, person, "portrait").await;
    let content = read(&app, &person, &piece).await.unwrap();
    let of_other = read(&app, &PersonId::draw(&app.chance), &piece).await.unwrap();

    assert_eq!(content.as_deref(), Some(PORTRAIT));
    assert_eq!(of_other, None);
    let on_disk = files(&app.config.evidence.folder);
    assert_eq!(on_disk.len(), 1);
    let bytes = std::fs::read(&on_disk[0]).unwrap();
    assert!(!bytes.windows(8).any(|part| part == &PORTRAIT[..8]));
}

#[tokio::test]
async fn an_upload_that_no_unit_of_work_took_is_nothing_and_is_swept_with_what_a_crash_left() {
    let app = TestApp::start().await;
    let person = PersonId::draw(&app.chance);
    let folder = app.config.evidence.folder.clone();

    // As a process leaves it that dies between the object and the row, and one that dies in the middle of the object.
    let orphan = place(&app, person, "portrait", "image/jpeg", PORTRAIT).await.unwrap();
    let path = files(&folder).pop().unwrap();
    std::fs::write(format!("{}#1", path.display()), b"half an object").unwrap();
    let read_early = read(&app, &person, &orphan.piece()).await.unwrap();
    let taken = kept(&app, person, "portrait").await;
    app.advance(SignedDuration::from_hours(25));
    app.run_jobs().await;
    let now = app.now();
    let late = app.db.write(move |tx| keep(tx, &orphan, now)).await;

    assert_eq!(read_early, None);
    assert_eq!(late.unwrap_err().slug(), "evidence-unavailable");
    assert_eq!(files(&folder).len(), 1);
    assert_eq!(read(&app, &person, &taken).await.unwrap().as_deref(), Some(PORTRAIT));
}

#[tokio::test]
async fn what_is_dropped_cannot_be_read_and_its_object_is_removed() {
    let app = TestApp::start().await;
    let person = PersonId::draw(&app.chance);
    let (gone, stays) = (kept(&app, person, "chip").await, kept(&app, person, "chip").await);

    let removal = Removal::now(&app, person);
    app.db
        .write(move |tx| drop_pieces(tx, &removal, &[gone]))
        .await
        .unwrap();
    let at_once = read(&app, &person, &gone).await.unwrap();
    app.run_jobs().await;

    assert_eq!(at_once, None);
    assert_eq!(files(&app.config.evidence.folder).len(), 1);
    assert!(read(&app, &person, &stays).await.unwrap().is_some());
}

#[tokio::test]
async fn each_kind_is_kept_as_long_as_its_rule_says() {
    let app = TestApp::start().await;
    let person = PersonId::draw(&app.chance);
    let (portrait, print) = (
        kept(&app, person, "portrait").await,
        kept(&app, person, "left-print").await,
    );

    let settlements = [(portrait, "portrait"), (print, "left-print")]
        .map(|(piece, kind)| Settlement::draw(&app, (person, piece), kind, Outcome::Granted));
    app.db
        .write(move |tx| settlements.iter().try_for_each(|settlement| settle(tx, settlement)))
        .await
        .unwrap();
    app.advance(SignedDuration::from_hours(24 * 7 - 1));
    app.run_jobs().await;
    let in_time = read(&app, &person, &print).await.unwrap();
    app.advance(SignedDuration::from_hours(1));
    let over = read(&app, &person, &print).await.unwrap();
    app.run_jobs().await;

    assert!(in_time.is_some());
    assert_eq!(over, None);
    assert_eq!(files(&app.config.evidence.folder).len(), 1);
    assert!(read(&app, &person, &portrait).await.unwrap().is_some());
}

#[tokio::test]
async fn all_content_is_sealed_anew_piece_by_piece() {
    let app = TestApp::start().await;
    let mut pieces = Vec::new();
    for _ in 0..5 {
        let person = PersonId::draw(&app.chance);
        pieces.push((person, kept(&app, person, "portrait").await));
    }
    let path = |piece: &PieceId| app.config.evidence.folder.join(key(piece).as_ref());
    let before: Vec<Vec<u8>> = pieces
        .iter()
        .map(|(_, piece)| std::fs::read(path(piece)).unwrap())
        .collect();

    let (mut after, mut steps) = (None, 0);
    while let Some(last) = reseal(&app, after, 2).await.unwrap() {
        (after, steps) = (Some(last), steps + 1);
    }

    assert_eq!(steps, 3);
    for ((person, piece), before) in pieces.iter().zip(before) {
        assert_ne!(std::fs::read(path(piece)).unwrap(), before);
        assert_eq!(read(&app, person, piece).await.unwrap().as_deref(), Some(PORTRAIT));
    }
}

/// What an S3-compatible store holds, for a test: signed requests only.
#[derive(Clone, Default)]
struct Bucket(Arc<Mutex<(BTreeMap<String, Bytes>, bool)>>);

async fn bucket(
    State(bucket): State<Bucket>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (::http::StatusCode, HeaderMap, Bytes) {
    let signed = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let answer = |status| (status, HeaderMap::new(), Bytes::new());
    if !signed.is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential=evidence/")) {
        return answer(::http::StatusCode::FORBIDDEN);
    }
    let mut inside = bucket.0.lock().unwrap();
    let (objects, full) = &mut *inside;
    let mut found = HeaderMap::new();
    found.insert(header::ETAG, "\"1\"".parse().unwrap());
    found.insert(header::LAST_MODIFIED, "Mon, 23 Nov 2026 02:00:00 GMT".parse().unwrap());
    match method {
        Method::PUT if *full => answer(::http::StatusCode::INSUFFICIENT_STORAGE),
        Method::PUT => {
            objects.insert(uri.path().to_owned(), body);
            (::http::StatusCode::OK, found, Bytes::new())
        }
        Method::GET => match objects.get(uri.path()) {
            Some(object) => (::http::StatusCode::OK, found, object.clone()),
            None => answer(::http::StatusCode::NOT_FOUND),
        },
        Method::DELETE => {
            objects.remove(uri.path());
            answer(::http::StatusCode::NO_CONTENT)
        }
        _ => answer(::http::StatusCode::METHOD_NOT_ALLOWED),
    }
}

#[tokio::test]
async fn evidence_lies_in_an_s3_compatible_store_and_a_full_one_is_told() {
    let objects = Bucket::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let service = Router::new().fallback(bucket).with_state(objects.clone());
    tokio::spawn(async move { axum::serve(listener, service).await });
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "evidence\nsecret\n").unwrap();
    let app = TestApp::start_with(|config| {
        config.evidence.bucket = Some("vneid".to_owned());
        config.evidence.endpoint = Some(endpoint);
        config.evidence.access_key = Some(key);
    })
    .await;
    let person = PersonId::draw(&app.chance);

    let piece = kept(&app, person, "portrait").await;
    let content = read(&app, &person, &piece).await.unwrap();
    let held: Vec<String> = objects.0.lock().unwrap().0.keys().cloned().collect();
    objects.0.lock().unwrap().1 = true;
    let full = place(&app, person, "portrait", "image/jpeg", PORTRAIT).await;
    let removal = Removal::now(&app, person);
    app.db
        .write(move |tx| drop_pieces(tx, &removal, &[piece]))
        .await
        .unwrap();
    app.advance(SignedDuration::from_hours(25));
    app.run_jobs().await;

    assert_eq!(content.as_deref(), Some(PORTRAIT));
    assert!(held.len() == 1 && held[0].starts_with("/vneid/"), "{held:?}");
    assert_eq!(full.unwrap_err().slug(), "evidence-unavailable");
    assert_eq!(objects.0.lock().unwrap().0.len(), 0);
    assert_eq!(rows(&app, person).await, 0);
}
