//! Certificates that an operator brings: the authority of the nation, and what it issued to the platform's keys.
//!
//! The folder of `issuance.certificates` holds PEM files: `authority.pem` with the one root, any other with the certificate of one key, followed by
//! those between it and the root. Which key it belongs to is said by the key in it, so a file of the next key can lie there before it takes over.
//!
//! **Invariant:** nothing of the folder is used that does not lead to its root.

use std::path::{Path, PathBuf};

use credentials::eid;
use credentials::trust::{Authority, Trust, TrustList, TrustRefusal, pem};
use crypto::jwk::PublicKey;
use jiff::{SignedDuration, Timestamp};

const AUTHORITY: &str = "authority.pem";

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A file or the folder cannot be read.
    #[error("cannot read {0}")]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// A file holds no certificates in PEM.
    #[error("{0} holds no certificates")]
    Malformed(PathBuf),
    /// A file's certificates do not lead to the root.
    #[error("{0} does not lead to the root in {AUTHORITY}")]
    Chain(PathBuf, #[source] TrustRefusal),
    /// There is no certificate for a key that signs.
    #[error(
        "no file of {0} is the certificate of the {1} key: `vneid issuers requests` writes what to send to the authority"
    )]
    Missing(PathBuf, &'static str),
}

/// What an operator brought.
pub(super) struct Brought {
    folder: PathBuf,
    pub(super) authority: Vec<u8>,
    /// The root's name, as holders and verifiers are told.
    pub(super) name: String,
    chains: Vec<Vec<Vec<u8>>>,
}

impl Brought {
    /// Reads the folder.
    ///
    /// # Errors
    /// [`Unusable`].
    pub(super) fn read(folder: &Path, now: Timestamp) -> Result<Self, Unusable> {
        let root = folder.join(AUTHORITY);
        let authority = certificates(&root)?.into_iter().next();
        let authority = authority.ok_or_else(|| Unusable::Malformed(root.clone()))?;
        let name = pem::subject(&authority).ok_or_else(|| Unusable::Malformed(root.clone()))?;
        let trust = trust(&authority, now).map_err(|refusal| Unusable::Chain(root.clone(), refusal))?;
        let mut chains = Vec::new();
        let unreadable = |error| Unusable::Unreadable(folder.to_owned(), error);
        for entry in folder.read_dir().map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file == root || file.extension().is_none_or(|extension| extension != "pem") {
                continue;
            }
            let chain = certificates(&file)?;
            match trust.chain(&chain, eid::VCT, now) {
                // A file of an earlier key may lie there for good.
                Ok(_) | Err(TrustRefusal::Expired | TrustRefusal::NotYetValid) => chains.push(chain),
                Err(refusal) => return Err(Unusable::Chain(file, refusal)),
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            authority,
            name,
            chains,
        })
    }

    /// The chain of a key, its own certificate first.
    ///
    /// # Errors
    /// [`Unusable::Missing`].
    pub(super) fn chain(&self, purpose: &'static str, key: &PublicKey) -> Result<&[Vec<u8>], Unusable> {
        let found = self
            .chains
            .iter()
            .find(|chain| chain.first().is_some_and(|own| pem::is_of(own, key)));
        found
            .map(Vec::as_slice)
            .ok_or_else(|| Unusable::Missing(self.folder.clone(), purpose))
    }
}

/// A list of this root alone, for checking what is brought with it.
fn trust(authority: &[u8], now: Timestamp) -> Result<Trust, TrustRefusal> {
    let authority = Authority {
        name: String::new(),
        certificate: authority.to_vec(),
        documents: vec![eid::VCT.to_owned()],
    };
    Trust::new(TrustList::new(
        1,
        now,
        now + SignedDuration::from_hours(1),
        vec![authority],
    ))
}

/// The certificates of a PEM file, DER.
fn certificates(file: &Path) -> Result<Vec<Vec<u8>>, Unusable> {
    let text = std::fs::read(file).map_err(|error| Unusable::Unreadable(file.to_owned(), error))?;
    pem::read(&text).ok_or_else(|| Unusable::Malformed(file.to_owned()))
}
