//! Where a log is read from: its database, a site that serves it, or a folder of its static files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use db::Db;

use super::by_leaf;
use crate::ledger::http::content;
use crate::ledger::store;
use crate::ledger::tree::{Hash, Resource, WIDTH};

/// The log cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreachable {
    /// The database failed.
    #[error("the database of the log cannot be read")]
    Database(#[from] db::Error),
    /// The site failed, or answered with an error.
    #[error("the log cannot be fetched")]
    Site(#[from] reqwest::Error),
    /// A file cannot be read or written.
    #[error("cannot use {0}")]
    File(PathBuf, #[source] std::io::Error),
}

/// Where a log is read from.
pub(crate) enum Source {
    /// The tables of the platform.
    Database(Db),
    /// A site that serves it.
    Site(Site),
    /// A folder of static files.
    Folder(PathBuf),
}

/// A site that serves a log.
pub(crate) struct Site {
    client: reqwest::Client,
    /// What stands before `/checkpoint`.
    base: String,
}

impl Site {
    /// The site at an address, as `https://id.example.vn/ledger`.
    pub(crate) fn new(address: &str) -> Result<Self, Unreachable> {
        Ok(Self {
            client: reqwest::Client::builder().build()?,
            base: address.trim_end_matches('/').to_owned(),
        })
    }

    /// What the site has at a path; `None` if it has nothing there.
    pub(crate) async fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, Unreachable> {
        let answer = self.client.get(format!("{}/{path}", self.base)).send().await?;
        if answer.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        Ok(Some(answer.error_for_status()?.bytes().await?.to_vec()))
    }
}

impl Source {
    /// The signed head.
    pub(crate) async fn checkpoint(&self) -> Result<Option<String>, Unreachable> {
        if let Source::Database(db) = self {
            return Ok(db.read(store::newest).await?.map(|newest| newest.note));
        }
        let bytes = self.fetch("checkpoint").await?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// How many leaves there are, where that is known otherwise than by the signed head.
    pub(super) async fn size(&self) -> Result<Option<u64>, Unreachable> {
        match self {
            Source::Database(db) => Ok(Some(db.read(store::size).await?)),
            _ => Ok(None),
        }
    }

    /// Whether there are entries behind the end of the tree.
    pub(super) async fn is_longer_than(&self, size: u64) -> Result<bool, Unreachable> {
        match self {
            Source::Database(db) => Ok(!db
                .read(move |conn| store::entries(conn, size, u64::MAX))
                .await?
                .is_empty()),
            _ => Ok(false),
        }
    }

    /// A tile or a bundle; `None` if it is not there.
    pub(crate) async fn read(&self, resource: Resource) -> Result<Option<Vec<u8>>, Unreachable> {
        match self {
            Source::Database(db) => Ok(Some(db.read(move |conn| content(conn, resource)).await?)),
            _ => self.fetch(&format!("tile/{resource}")).await,
        }
    }

    /// The entries of a bundle that are there, by leaf.
    pub(super) async fn entries(&self, bundle: Resource) -> Result<BTreeMap<u64, Hash>, Unreachable> {
        let first = bundle.number * WIDTH;
        let to = first + bundle.width.map_or(WIDTH, u64::from);
        match self {
            Source::Database(db) => {
                let found = db.read(move |conn| store::entries(conn, first, to)).await?;
                Ok(found.into_iter().collect())
            }
            _ => Ok(by_leaf(&self.read(bundle).await?.unwrap_or_default(), first)),
        }
    }

    async fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, Unreachable> {
        match self {
            Source::Site(site) => site.fetch(path).await,
            Source::Folder(folder) => match std::fs::read(folder.join(path)) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Unreachable::File(folder.join(path), error)),
            },
            Source::Database(_) => Ok(None),
        }
    }
}
