//! Checks one record of a log on the web by its proofs, without reading the log.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use super::{Saved, Site, Unreachable, read};
use crate::ledger::note::Verifier;
use crate::ledger::tree::{Hash, leaf_hash, verify_consistency, verify_inclusion};

/// The proof that a site gives.
#[derive(Deserialize)]
struct Proof {
    hashes: Vec<String>,
    #[serde(default)]
    checkpoint: String,
}

impl Proof {
    async fn fetch(site: &Site, path: &str) -> Result<Option<Self>, Unreachable> {
        let bytes = site.fetch(path).await?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    fn hashes(&self) -> Option<Vec<Hash>> {
        let decode = |hash: &String| BASE64.decode(hash).ok()?.try_into().ok();
        self.hashes.iter().map(decode).collect()
    }
}

/// Checks that an entry is in the log at its place, and that the log continues the heads that were saved; answers what is wrong.
///
/// # Errors
/// [`Unreachable`] if the site does not answer.
pub(crate) async fn check(
    site: &Site,
    leaf: u64,
    entry: Hash,
    saved: &[Saved],
    keys: &[Verifier],
) -> Result<Option<&'static str>, Unreachable> {
    let Some(proof) = Proof::fetch(site, &format!("proof/{leaf}")).await? else {
        return Ok(Some("the log has no such entry"));
    };
    let (Ok(head), Some(hashes)) = (read(&proof.checkpoint, keys), proof.hashes()) else {
        return Ok(Some("the head of the log is not signed, or the proof is malformed"));
    };
    if !verify_inclusion(leaf_hash(&entry), leaf, head.size, &hashes, &head.root) {
        return Ok(Some("the record is not what the log has there"));
    }
    for saved in saved {
        let Ok(old) = read(&saved.note, keys) else {
            return Ok(Some("the saved head is not signed"));
        };
        let proof = Proof::fetch(site, &format!("consistency/{}/{}", old.size, head.size)).await?;
        let hashes = proof.and_then(|proof| proof.hashes()).unwrap_or_default();
        let (old_tree, new_tree) = ((old.size, &old.root), (head.size, &head.root));
        if old.origin != head.origin || !verify_consistency(old_tree, new_tree, &hashes) {
            return Ok(Some("the log does not continue the saved head"));
        }
    }
    Ok(None)
}
