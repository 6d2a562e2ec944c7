//! The Merkle tree of RFC 6962 section 2.1 over SHA-256, grown at its right edge and kept in tiles of height 8 (C2SP tlog-tiles).
//!
//! **Invariant:** what is appended never changes a full tile, so that a copy of the log stays good for ever.

use std::fmt;
use std::str::FromStr;

use crypto::digest::sha256;

mod rules;

#[cfg(test)]
mod tests;

pub(crate) use rules::{Node, consistency, inclusion, root_of, verify_consistency, verify_inclusion};

/// A SHA-256 hash.
pub(crate) type Hash = [u8; 32];

/// How many hashes a full tile holds.
pub(crate) const WIDTH: u64 = 256;

/// The hash of a leaf: `SHA-256(0x00 || entry)`.
pub(crate) fn leaf_hash(entry: &[u8]) -> Hash {
    let mut message = Vec::with_capacity(entry.len() + 1);
    message.push(0);
    message.extend_from_slice(entry);
    sha256(&message)
}

/// The hash of a node: `SHA-256(0x01 || left || right)`.
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut message = [1; 65];
    for (place, byte) in message.iter_mut().skip(1).zip(left.iter().chain(right)) {
        *place = *byte;
    }
    sha256(&message)
}

/// The root of a perfect tree over a power of two of hashes; of none, the root of the empty tree.
pub(crate) fn perfect(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => sha256(&[]),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            node_hash(&perfect(left), &perfect(right))
        }
    }
}

/// The hashes of a row of the tree, side by side.
pub(crate) fn hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes.as_chunks::<32>().0.to_vec()
}

/// A tile with what it holds: from 1 to 256 hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) level: u8,
    pub(crate) number: u64,
    pub(crate) hashes: Vec<Hash>,
}

/// The right edge of a tree: the tiles that are not full, from which it grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// The edge of a tree of `size` leaves, its partial tiles read with `tile`: the first `width` hashes of tile `number` of `level`.
    ///
    /// `None` if the tiles that were read are not those of such a tree.
    pub(crate) fn read<E>(size: u64, mut tile: impl FnMut(u8, u64) -> Result<Vec<Hash>, E>) -> Result<Option<Self>, E> {
        let mut edge = Self {
            size,
            levels: Vec::new(),
        };
        for (level, number, width) in partials(size) {
            let mut read = if width == 0 { Vec::new() } else { tile(level, number)? };
            read.truncate(usize::from(width));
            if read.len() != usize::from(width) {
                return Ok(None);
            }
            edge.levels.push(read);
        }
        Ok(Some(edge))
    }

    /// How many leaves the tree has.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of a leaf; tiles that it makes full go to `full`.
    pub(crate) fn append(&mut self, leaf: Hash, full: &mut Vec<Tile>) {
        self.size += 1;
        let (mut hash, mut span) = (leaf, self.size);
        for level in 0_u8..8 {
            let place = usize::from(level);
            if self.levels.len() <= place {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(place) else { return };
            row.push(hash);
            if row.len() < 256 {
                return;
            }
            span /= WIDTH;
            hash = perfect(row);
            full.push(Tile {
                level,
                number: span - 1,
                hashes: std::mem::take(row),
            });
        }
    }

    /// The tiles that are not full, but not empty either.
    pub(crate) fn partial(&self) -> Vec<Tile> {
        let tiles = partials(self.size).into_iter().zip(&self.levels);
        tiles
            .filter(|(_, hashes)| !hashes.is_empty())
            .map(|((level, number, _), hashes)| Tile {
                level,
                number,
                hashes: hashes.clone(),
            })
            .collect()
    }

    /// The root of the tree (RFC 6962 section 2.1).
    pub(crate) fn root(&self) -> Hash {
        let mut peaks = Vec::new();
        for row in self.levels.iter().rev() {
            let mut rest = row.as_slice();
            while !rest.is_empty() {
                let (left, right) = rest.split_at(1 << rest.len().ilog2());
                peaks.push(perfect(left));
                rest = right;
            }
        }
        let last = peaks.pop().unwrap_or_else(|| perfect(&[]));
        peaks.iter().rev().fold(last, |right, left| node_hash(left, &right))
    }
}

/// Level, number and width of the last tile of every level of a tree; the width is 0 where all tiles are full.
pub(crate) fn partials(size: u64) -> Vec<(u8, u64, u8)> {
    let mut tiles = Vec::new();
    let (mut level, mut span) = (0_u8, size);
    while span > 0 {
        let width = u8::try_from(span % WIDTH).unwrap_or_default();
        span /= WIDTH;
        tiles.push((level, span, width));
        level += 1;
    }
    tiles
}

/// What a static host serves: a tile of hashes, or the entries under a tile of level 0. Written as the path after `tile/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// The level; `None` for entries.
    pub(crate) level: Option<u8>,
    /// The number within the level.
    pub(crate) number: u64,
    /// How much of it, from 1 to 255; `None` for all 256.
    pub(crate) width: Option<u8>,
}

impl Resource {
    /// Whether a tree of `size` leaves has it.
    pub(crate) fn is_of(&self, size: u64) -> bool {
        let row = size.checked_shr(8 * u32::from(self.level.unwrap_or(0))).unwrap_or(0);
        let wanted = self.width.map_or(WIDTH, u64::from);
        self.number
            .checked_mul(WIDTH)
            .and_then(|start| start.checked_add(wanted))
            .is_some_and(|end| end <= row)
    }

    /// All that a log of `size` entries consists of, beside its checkpoint.
    pub(crate) fn all(size: u64) -> impl Iterator<Item = Self> {
        let rows = (0_u8..8).map(move |level| (level, size >> (8 * u32::from(level))));
        let tiles = rows
            .take_while(|(_, row)| *row > 0)
            .flat_map(|(level, row)| row_of(Some(level), row));
        tiles.chain(row_of(None, size))
    }
}

fn row_of(level: Option<u8>, row: u64) -> impl Iterator<Item = Resource> {
    (0..row.div_ceil(WIDTH)).map(move |number| Resource {
        level,
        number,
        width: u8::try_from(row - number * WIDTH).ok(),
    })
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Some(level) => write!(f, "{level}")?,
            None => f.write_str("entries")?,
        }
        let digits = self.number.to_string();
        let digits = format!("{digits:0>width$}", width = digits.len().next_multiple_of(3));
        let groups = digits.len() / 3;
        for (place, digit) in digits.chars().enumerate() {
            if place % 3 == 0 {
                f.write_str(if place / 3 + 1 < groups { "/x" } else { "/" })?;
            }
            write!(f, "{digit}")?;
        }
        match self.width {
            Some(width) => write!(f, ".p/{width}"),
            None => Ok(()),
        }
    }
}

/// The text is not the path of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile")]
pub(crate) struct NotATile;

impl FromStr for Resource {
    type Err = NotATile;

    /// Reads the one way in which a path can be written.
    fn from_str(text: &str) -> Result<Self, NotATile> {
        let (level, rest) = text.split_once('/').ok_or(NotATile)?;
        let level = match level {
            "entries" => None,
            level => Some(level.parse().ok().filter(|level| *level < 64).ok_or(NotATile)?),
        };
        let (path, width) = match rest.split_once(".p/") {
            Some((path, width)) => (
                path,
                Some(width.parse().ok().filter(|width| *width > 0).ok_or(NotATile)?),
            ),
            None => (rest, None),
        };
        let number = path.replace(['/', 'x'], "").parse().ok().ok_or(NotATile)?;
        let resource = Self { level, number, width };
        if resource.to_string() == text {
            Ok(resource)
        } else {
            Err(NotATile)
        }
    }
}
