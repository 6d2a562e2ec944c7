//! Checks a whole log: that entries, tiles and signed heads belong together, and that it continues what was seen before.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

use super::note::{Head, Note, NoteError, Verifier};
use super::rules::unbundle;
use super::tree::{Edge, Hash, Resource, Tile, WIDTH, hashes, leaf_hash};

pub(super) mod entry;
mod http;

#[cfg(test)]
mod tests;

pub(super) use http::{Site, Source, Unreachable};

/// How many findings are told one by one.
const TOLD: usize = 100;

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "kebab-case")]
pub(super) enum Finding {
    /// The entry is not there.
    EntryMissing { leaf: u64 },
    /// The entry is not the one that the tree has.
    EntryChanged { leaf: u64 },
    /// The entry stands elsewhere in the tree.
    EntryMoved { leaf: u64 },
    /// There are entries behind the end of the tree.
    EntriesBeyond { size: u64 },
    /// The tile is not there, or has another size.
    TileMissing { tile: String },
    /// The tile is not what follows from the tiles below.
    TileChanged { tile: String },
    /// The head is not that of these leaves: what it covers was changed, removed or reordered.
    Rewritten { checkpoint: String, size: u64 },
    /// The head covers more leaves than there are: the end was cut off, or the database was restored from a backup.
    Truncated { checkpoint: String, signed: u64, size: u64 },
    /// The head does not have the form of one, is of another log, or is not signed by a given key.
    NotSigned { checkpoint: String, why: String },
    /// A record is not what was committed to, or never was committed to.
    RecordChanged { record: String },
    /// A record that was committed to is gone.
    RecordRemoved { leaf: u64 },
}

/// What was found.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Report {
    /// Whether nothing is wrong.
    pub(super) whole: bool,
    /// How many leaves were checked.
    pub(super) size: u64,
    /// The root over them, in base64.
    pub(super) root: String,
    /// How many signed heads were compared.
    pub(super) checkpoints: usize,
    /// Whether signatures were verified; that needs a key.
    pub(super) signatures_verified: bool,
    /// How many records were compared with their commitments; that needs the keys of the platform.
    pub(super) records: u64,
    /// How many things are wrong.
    pub(super) wrong: u64,
    /// The first of them.
    pub(super) findings: Vec<Finding>,
}

impl Report {
    pub(super) fn tell(&mut self, finding: Finding) {
        self.wrong += 1;
        if self.findings.len() < TOLD {
            self.findings.push(finding);
        }
    }
}

/// A signed head that the log is compared with, and what to call it.
pub(super) struct Saved {
    pub(super) name: String,
    pub(super) note: String,
}

/// Checks all leaves of a log, its tiles, its own head and the saved ones.
///
/// # Errors
/// [`Unreachable`] if the log cannot be read; what is missing in it is a finding, not an error.
pub(super) async fn audit(source: &Source, mut saved: Vec<Saved>, keys: &[Verifier]) -> Result<Report, Unreachable> {
    let mut report = Report {
        signatures_verified: !keys.is_empty(),
        ..Report::default()
    };
    if let Some(note) = source.checkpoint().await? {
        let name = "the log's own".to_owned();
        saved.push(Saved { name, note });
    }
    let heads = heads(&saved, keys, &mut report);
    let own = heads.last().map_or(0, |(_, head)| head.size);
    let size = source.size().await?.unwrap_or(own);
    let mut walk = Walk {
        wanted: heads.iter().map(|(_, head)| (head.size, None)).collect(),
        ..Walk::default()
    };
    walk.reached();
    for number in 0..size.div_ceil(WIDTH) {
        walk.bundle(source, number, size, &mut report).await?;
    }
    for tile in walk.edge.partial() {
        walk.compare(source, &tile, &mut report).await?;
    }
    if source.is_longer_than(size).await? {
        report.tell(Finding::EntriesBeyond { size });
    }
    for (name, head) in heads {
        let checkpoint = name.to_owned();
        match walk.wanted.get(&head.size) {
            Some(Some(root)) if *root == head.root => {}
            Some(Some(_)) => report.tell(Finding::Rewritten {
                checkpoint,
                size: head.size,
            }),
            _ => report.tell(Finding::Truncated {
                checkpoint,
                signed: head.size,
                size,
            }),
        }
    }
    report.size = walk.edge.size();
    report.root = BASE64.encode(walk.edge.root());
    report.whole = report.wrong == 0;
    Ok(report)
}

/// The heads of the notes that are signed, all of one log.
fn heads<'a>(saved: &'a [Saved], keys: &[Verifier], report: &mut Report) -> Vec<(&'a str, Head)> {
    let mut heads: Vec<(&str, Head)> = Vec::new();
    for saved in saved {
        report.checkpoints += 1;
        let why = match read(&saved.note, keys) {
            Ok(head) if heads.first().is_none_or(|(_, first)| first.origin == head.origin) => {
                heads.push((&saved.name, head));
                continue;
            }
            Ok(head) => format!("it is of another log, {}", head.origin),
            Err(error) => error.to_string(),
        };
        report.tell(Finding::NotSigned {
            checkpoint: saved.name.clone(),
            why,
        });
    }
    heads
}

/// The head of a note that is signed by one of the keys, where there are keys.
fn read(note: &str, keys: &[Verifier]) -> Result<Head, NoteError> {
    let note: Note = note.parse()?;
    let head = note.text.parse()?;
    let mut verified = keys.iter().map(|key| key.verify(&note));
    if keys.is_empty() || verified.any(|verified| verified.is_ok()) {
        return Ok(head);
    }
    Err(NoteError::Unsigned(
        keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
    ))
}

/// The way through the leaves from the first to the last.
#[derive(Default)]
struct Walk {
    edge: Edge,
    /// The roots at the sizes of the heads, once they are reached.
    wanted: BTreeMap<u64, Option<Hash>>,
}

impl Walk {
    fn reached(&mut self) {
        if let Some(root) = self.wanted.get_mut(&self.edge.size()) {
            *root = Some(self.edge.root());
        }
    }

    /// Checks the entries of a bundle against the tile of level 0, and the tiles that become full by them.
    async fn bundle(
        &mut self,
        source: &Source,
        number: u64,
        size: u64,
        report: &mut Report,
    ) -> Result<(), Unreachable> {
        let width = (size - number * WIDTH).min(WIDTH);
        let of = |level| Resource {
            level,
            number,
            width: u8::try_from(width).ok(),
        };
        let entries = source.entries(of(None)).await?;
        let tile = hashes(&source.read(of(Some(0))).await?.unwrap_or_default());
        if u64::try_from(tile.len()).ok() != Some(width) {
            let tile = of(Some(0)).to_string();
            report.tell(Finding::TileMissing { tile });
        }
        let mut full = Vec::new();
        for within in 0..width {
            let (leaf, place) = (number * WIDTH + within, usize::try_from(within).unwrap_or(usize::MAX));
            let seen = entries.get(&leaf).map(|entry| leaf_hash(entry));
            let signed = tile.get(place).copied();
            match (seen, signed) {
                (None, _) => report.tell(Finding::EntryMissing { leaf }),
                (Some(seen), Some(signed)) if seen != signed && tile.contains(&seen) => {
                    report.tell(Finding::EntryMoved { leaf });
                }
                (Some(seen), Some(signed)) if seen != signed => report.tell(Finding::EntryChanged { leaf }),
                _ => {}
            }
            // What is wrong with the entry has been told; the tile says whether the tree is the one that was signed.
            let hash = signed.or(seen).unwrap_or_default();
            self.edge.append(hash, &mut full);
            self.reached();
        }
        for tile in full {
            self.compare(source, &tile, report).await?;
        }
        Ok(())
    }

    /// Compares a tile above level 0 with the one that follows from the leaves.
    async fn compare(&self, source: &Source, tile: &Tile, report: &mut Report) -> Result<(), Unreachable> {
        if tile.level == 0 {
            return Ok(());
        }
        let resource = Resource {
            level: Some(tile.level),
            number: tile.number,
            width: u8::try_from(tile.hashes.len()).ok(),
        };
        let kept = source
            .read(resource)
            .await?
            .map(|bytes| hashes(&bytes))
            .unwrap_or_default();
        let tile_name = resource.to_string();
        if kept.len() != tile.hashes.len() {
            report.tell(Finding::TileMissing { tile: tile_name });
        } else if kept != tile.hashes {
            report.tell(Finding::TileChanged { tile: tile_name });
        }
        Ok(())
    }
}

/// The entries of a bundle that begins at a leaf, by leaf.
fn by_leaf(bundle: &[u8], first: u64) -> BTreeMap<u64, Hash> {
    unbundle(bundle)
        .map(|entries| (first..).zip(entries).collect())
        .unwrap_or_default()
}
