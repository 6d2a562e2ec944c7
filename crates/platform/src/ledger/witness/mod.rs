//! Brings the newest head to a witness (C2SP tlog-witness) and keeps its cosignature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::StatusCode;

use super::http::{head_of, witnesses_of};
use super::note::Note;
use super::{store, tree};
use crate::app::App;
use crate::shell::server::Failure;

#[cfg(test)]
mod tests;

/// Brings the newest head to the witness at an address; answers what the operator is told.
///
/// The witness says which head it saw last (409), and gets the proof that ours continues it.
///
/// # Errors
/// If the witness does not answer, refuses, or is not among those that are configured; those of the database.
pub(super) async fn bring(app: &App, at: &str) -> Result<String, Failure> {
    let newest = app.db.read(store::newest).await?.ok_or("no head has been signed yet")?;
    let size = newest.size;
    let seen = app.db.read(store::newest_witnessed).await?.map_or(0, |seen| seen.size);
    let client = reqwest::Client::builder().build()?;
    let mut old = seen.min(size);
    for _ in 0..2 {
        let body = request(app, old, (size, &newest.note)).await?;
        let answer = client.post(at).body(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        match status {
            StatusCode::OK => return keep(app, &newest.note, &text).await,
            StatusCode::CONFLICT => old = text.trim().parse()?,
            refused => return Err(format!("the witness refuses with {refused}: {}", text.trim()).into()),
        }
        if old > size {
            return Err(format!("the witness has seen {old} entries, and this log has {size}: it is older").into());
        }
    }
    Err("the witness does not accept what it asked for".into())
}

/// The body of `add-checkpoint`.
async fn request(app: &App, old: u64, (size, note): (u64, &str)) -> Result<String, Failure> {
    let hashes = match old {
        0 => Vec::new(),
        old => {
            let proof = app
                .db
                .read(move |conn| tree::consistency(old, size, &mut store::nodes(conn)));
            proof.await?
        }
    };
    let proof = hashes
        .iter()
        .fold(String::new(), |proof, hash| format!("{proof}{}\n", BASE64.encode(hash)));
    Ok(format!("old {old}\n{proof}\n{note}"))
}

/// Keeps the cosignatures of configured witnesses.
async fn keep(app: &App, note: &str, lines: &str) -> Result<String, Failure> {
    let size = head_of(note).map_err(|problem| problem.slug())?.size;
    let cosigned: Note = format!("{note}{lines}").parse()?;
    let lines = witnesses_of(app, &cosigned);
    if lines.is_empty() {
        return Err("the cosignature is not one of a configured witness: set ledger.witnesses".into());
    }
    let count = lines.len();
    app.db
        .write(move |tx| {
            lines
                .iter()
                .try_for_each(|(witness, line)| store::cosign(tx, size, witness, line))
        })
        .await?;
    Ok(format!("{count} cosignature on the head of {size} entries"))
}
