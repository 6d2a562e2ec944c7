use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{StatusCode, header};
use serde::Serialize;

use super::note::{Head, Note, NoteError, Use, Verifier};
use super::store::{self, Checkpoint};
use super::tree::{self, Hash, Resource};
use super::{jobs, rules};
use crate::app::App;
use crate::shell::filters;
use crate::shell::input::Path;
use crate::shell::keys::LEDGER;
use crate::shell::page::Page;
use crate::shell::problem::Problem;

/// What the log is, and how to check it.
#[derive(Template, Serialize)]
#[template(path = "ledger/pages/ledger.html")]
pub(super) struct Ledger {
    origin: String,
    address: String,
    size: u64,
    root: String,
    /// The keys that sign, have signed or will sign heads.
    keys: Vec<String>,
    witnesses: Vec<String>,
    checkpoint: Option<String>,
}

/// Shows what the log is.
pub(super) async fn show(State(app): State<App>) -> Result<Page<Ledger>, Problem> {
    let newest = app.db.read(store::newest).await?;

    let head = newest.as_ref().map(|newest| head_of(&newest.note)).transpose()?;
    let origin = jobs::origin(&app);
    let published = app.keys.jwks(LEDGER, app.clock.now());
    let keys = published.keys().iter();
    Ok(Page(Ledger {
        address: format!("{}/ledger", app.config.public_url),
        size: head.as_ref().map_or(0, |head| head.size),
        root: BASE64.encode(head.map_or_else(|| tree::perfect(&[]), |head| head.root)),
        keys: keys
            .map(|key| Verifier::new(&origin, Use::Note, key.key()).to_string())
            .collect(),
        witnesses: app.config.ledger.witnesses.clone(),
        checkpoint: newest.map(|newest| newest.note),
        origin,
    }))
}

/// Serves the newest signed head, with what witnesses signed of it.
pub(super) async fn checkpoint(State(app): State<App>) -> Result<Response, Problem> {
    let newest = app.db.read(|conn| with_witnesses(conn, store::newest)).await?;
    Ok(text(newest.ok_or_else(Problem::not_found)?))
}

/// Serves the newest head that a witness has signed, too.
pub(super) async fn witnessed(State(app): State<App>) -> Result<Response, Problem> {
    let newest = app
        .db
        .read(|conn| with_witnesses(conn, store::newest_witnessed))
        .await?;
    Ok(text(newest.ok_or_else(Problem::not_found)?))
}

fn with_witnesses(
    conn: &mut db::Conn<'_>,
    find: fn(&mut db::Conn<'_>) -> Result<Option<Checkpoint>, db::Error>,
) -> Result<Option<String>, db::Error> {
    let Some(found) = find(conn)? else { return Ok(None) };
    let lines = store::cosignatures(conn, found.size)?;
    Ok(Some(
        lines.iter().fold(found.note, |note, line| format!("{note}{line}\n")),
    ))
}

fn text(note: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=1"),
    ];
    (headers, note).into_response()
}

/// Serves a tile, or the entries under it, of the tree that has been signed.
pub(super) async fn tile(State(app): State<App>, Path(path): Path<String>) -> Result<Response, Problem> {
    let resource: Resource = path
        .parse()
        .map_err(|cause: tree::NotATile| Problem::not_found().caused_by(cause))?;

    let bytes = app
        .db
        .read(move |conn| {
            let size = store::newest(conn)?.map_or(0, |newest| newest.size);
            if !resource.is_of(size) {
                return Ok(None);
            }
            content(conn, resource).map(Some)
        })
        .await?;

    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes.ok_or_else(Problem::not_found)?).into_response())
}

/// The bytes of a tile or bundle that the tree has.
pub(super) fn content(conn: &mut db::Conn<'_>, resource: Resource) -> Result<Vec<u8>, db::Error> {
    let width = resource.width.map_or(tree::WIDTH, u64::from);
    if let Some(level) = resource.level {
        let mut hashes = store::tile(conn, level, resource.number)?;
        hashes.truncate(usize::try_from(width).unwrap_or(usize::MAX));
        return Ok(hashes.as_flattened().to_vec());
    }
    let from = resource.number * tree::WIDTH;
    let entries: Vec<Hash> = store::entries(conn, from, from + width)?
        .into_iter()
        .map(|(_, entry)| entry)
        .collect();
    Ok(rules::bundle(&entries))
}

/// That a leaf is under the signed head.
#[derive(Serialize)]
pub(crate) struct Inclusion {
    leaf: u64,
    size: u64,
    root: String,
    /// From the leaf up, in base64.
    hashes: Vec<String>,
    checkpoint: String,
}

/// Proves that a leaf is under the newest signed head.
pub(super) async fn proof(State(app): State<App>, Path(leaf): Path<u64>) -> Result<Json<Inclusion>, Problem> {
    Ok(Json(inclusion(&app, leaf).await?))
}

/// The proof that a leaf is under the newest signed head.
pub(super) async fn inclusion(app: &App, leaf: u64) -> Result<Inclusion, Problem> {
    let found = app
        .db
        .read(move |conn| {
            let newest = store::newest(conn)?.filter(|newest| leaf < newest.size);
            let Some(newest) = newest else { return Ok(None) };
            let hashes = tree::inclusion(leaf, newest.size, &mut store::nodes(conn))?;
            Ok::<_, db::Error>(Some((newest, hashes)))
        })
        .await?;

    let (newest, hashes) = found.ok_or_else(Problem::not_found)?;
    Ok(Inclusion {
        leaf,
        size: newest.size,
        root: BASE64.encode(head_of(&newest.note)?.root),
        hashes: hashes.iter().map(|hash| BASE64.encode(hash)).collect(),
        checkpoint: newest.note,
    })
}

/// That a tree is the beginning of a later one.
#[derive(Serialize)]
pub(super) struct Consistency {
    old: u64,
    new: u64,
    /// In the order of RFC 6962, in base64.
    hashes: Vec<String>,
}

/// Proves that the tree of one size is the beginning of the tree of another, up to the newest signed head.
pub(super) async fn consistency(
    State(app): State<App>,
    Path((old, new)): Path<(u64, u64)>,
) -> Result<Json<Consistency>, Problem> {
    let hashes = app
        .db
        .read(move |conn| {
            let newest = store::newest(conn)?.map_or(0, |newest| newest.size);
            if old > new || new > newest {
                return Ok(None);
            }
            tree::consistency(old, new, &mut store::nodes(conn)).map(Some)
        })
        .await?;

    let hashes = hashes.ok_or_else(Problem::not_found)?;
    Ok(Json(Consistency {
        old,
        new,
        hashes: hashes.iter().map(|hash| BASE64.encode(hash)).collect(),
    }))
}

/// Takes the signature of a witness on one of our heads.
///
/// The body is the head as the witness signed it; other signatures than those of configured witnesses are left aside.
pub(super) async fn cosign(State(app): State<App>, body: String) -> Result<Response, Problem> {
    let note: Note = body.parse().map_err(not_a_checkpoint)?;
    let size = note.text.parse::<Head>().map_err(not_a_checkpoint)?.size;
    let lines = witnesses_of(&app, &note);
    if lines.is_empty() {
        return Err(Problem::new("ledger-no-witness", StatusCode::FORBIDDEN));
    }

    let ours = app
        .db
        .write(move |tx| {
            let ours = store::checkpoint(tx, size)?.filter(|ours| ours.note.starts_with(&format!("{}\n", note.text)));
            if ours.is_some() {
                lines
                    .iter()
                    .try_for_each(|(witness, line)| store::cosign(tx, size, witness, line))?;
            }
            Ok::<_, db::Error>(ours.is_some())
        })
        .await?;

    if ours {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Problem::new("ledger-other-checkpoint", StatusCode::CONFLICT))
    }
}

/// The lines of configured witnesses that are good, with who they are.
pub(super) fn witnesses_of(app: &App, note: &Note) -> Vec<(String, String)> {
    let keys = app.config.ledger.witnesses.iter();
    keys.filter_map(|key| key.parse::<Verifier>().ok())
        .filter(|key| matches!(key.verify(note), Ok(Some(_))))
        .filter_map(|key| Some((key.to_string(), note.line_of(&key)?.to_owned())))
        .collect()
}

fn not_a_checkpoint(cause: NoteError) -> Problem {
    Problem::new("ledger-not-a-checkpoint", StatusCode::BAD_REQUEST).caused_by(cause)
}

/// The head of a note of ours.
pub(super) fn head_of(note: &str) -> Result<Head, Problem> {
    let note: Note = note.parse().map_err(|error: NoteError| Problem::internal(error))?;
    note.text.parse().map_err(|error: NoteError| Problem::internal(error))
}
