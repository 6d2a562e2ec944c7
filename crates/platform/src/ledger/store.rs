//! The tables of the log.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::Standing;
use super::rules::Commitment;
use super::tree::{Edge, Hash, Node, Tile, hashes, perfect};

/// How many signed heads are kept, beside those that witnesses signed.
const CHECKPOINTS: i64 = 100;

/// A record that was committed to is a whole number of leaves away from 2^63: sizes fit the database's numbers.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Keeps a commitment, without a place yet. The same one twice is one.
pub(super) fn insert(tx: &mut Tx<'_>, commitment: &Commitment) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO ledger_entry (committed_at, commitment, kind) VALUES ($1, $2, $3)
         ON CONFLICT (committed_at, commitment) DO NOTHING",
        &[
            commitment.at.into(),
            (&commitment.hash).into(),
            commitment.kind.word().into(),
        ],
    )?;
    Ok(())
}

/// What the log has of a commitment.
pub(super) fn standing(conn: &mut Conn<'_>, at: Timestamp, commitment: &Hash) -> Result<Standing, Error> {
    let found = conn.query_opt(
        "SELECT leaf FROM ledger_entry WHERE committed_at = $1 AND commitment = $2",
        &[at.into(), commitment.into()],
        |row| row.get::<Option<i64>>("leaf").map(Place),
    )?;
    Ok(match found {
        Some(Place(Some(leaf))) => Standing::Placed(count(leaf)),
        Some(Place(None)) => Standing::Waiting,
        None => Standing::Absent,
    })
}

/// The place of a row, if it has one.
struct Place(Option<i64>);

/// Whether any commitment waits for its place.
pub(super) fn any_waiting(conn: &mut Conn<'_>) -> Result<bool, Error> {
    let found = conn.query_opt("SELECT kind FROM ledger_entry WHERE leaf IS NULL LIMIT 1", &[], |row| {
        row.get::<String>("kind")
    })?;
    Ok(found.is_some())
}

/// Gives the oldest commitments without a place the places from `size` on; answers them in order.
pub(super) fn place(tx: &mut Tx<'_>, size: u64, most: i64) -> Result<Vec<Hash>, Error> {
    let mut placed = tx.query(
        "UPDATE ledger_entry
            SET leaf = $1 + turn.turn
           FROM (SELECT committed_at, commitment, row_number() OVER (ORDER BY committed_at, commitment) - 1 AS turn
                   FROM ledger_entry
                  WHERE leaf IS NULL
                  ORDER BY committed_at, commitment
                  LIMIT $2) AS turn
          WHERE ledger_entry.committed_at = turn.committed_at AND ledger_entry.commitment = turn.commitment
      RETURNING leaf, ledger_entry.commitment AS hash",
        &[number(size).into(), most.into()],
        |row| Ok((row.get::<i64>("leaf")?, row.get::<[u8; 32]>("hash")?)),
    )?;
    placed.sort_unstable_by_key(|(leaf, _)| *leaf);
    Ok(placed.into_iter().map(|(_, hash)| hash).collect())
}

/// The commitments from one place up to another, in order, with their places.
pub(super) fn entries(conn: &mut Conn<'_>, from: u64, to: u64) -> Result<Vec<(u64, Hash)>, Error> {
    conn.query(
        "SELECT leaf, commitment FROM ledger_entry WHERE leaf >= $1 AND leaf < $2 ORDER BY leaf",
        &[number(from).into(), number(to).into()],
        |row| Ok((count(row.get("leaf")?), row.get("commitment")?)),
    )
}

/// The places of all commitments of a kind from one place up to another.
#[cfg(test)]
pub(super) fn commitments_of(conn: &mut Conn<'_>, kind: &str, from: u64, to: u64) -> Result<Vec<(u64, Hash)>, Error> {
    let all = placed(conn, from, to)?;
    let of_kind = all.into_iter().filter(|placed| placed.kind == kind);
    Ok(of_kind.map(|placed| (placed.leaf, placed.commitment)).collect())
}

/// A commitment with its place, its kind and when it was made.
pub(super) struct Placed {
    pub(super) leaf: u64,
    pub(super) kind: String,
    pub(super) at: Timestamp,
    pub(super) commitment: Hash,
}

/// The commitments from one place up to another, in order.
pub(super) fn placed(conn: &mut Conn<'_>, from: u64, to: u64) -> Result<Vec<Placed>, Error> {
    conn.query(
        "SELECT leaf, kind, committed_at, commitment FROM ledger_entry WHERE leaf >= $1 AND leaf < $2 ORDER BY leaf",
        &[number(from).into(), number(to).into()],
        |row| {
            Ok(Placed {
                leaf: count(row.get("leaf")?),
                kind: row.get("kind")?,
                at: row.get("committed_at")?,
                commitment: row.get("commitment")?,
            })
        },
    )
}

/// How many leaves the tree has.
pub(super) fn size(conn: &mut Conn<'_>) -> Result<u64, Error> {
    conn.query_one("SELECT size FROM ledger_head WHERE head = 1", &[], |row| {
        row.get("size").map(count)
    })
}

/// The tree has grown; fails if it no longer has the size from which it grew.
pub(super) fn grow(tx: &mut Tx<'_>, from: u64, to: u64) -> Result<(), Error> {
    let grown = tx.execute(
        "UPDATE ledger_head SET size = $2 WHERE head = 1 AND size = $1",
        &[number(from).into(), number(to).into()],
    )?;
    if grown == 1 { Ok(()) } else { Err(Error::NoRow) }
}

/// The hashes of a tile; none if there is no such tile.
pub(super) fn tile(conn: &mut Conn<'_>, level: u8, tile: u64) -> Result<Vec<Hash>, Error> {
    let found = conn.query_opt(
        "SELECT hashes FROM ledger_tile WHERE level = $1 AND number = $2",
        &[i64::from(level).into(), number(tile).into()],
        |row| row.get::<Vec<u8>>("hashes"),
    )?;
    Ok(found.map(|found| hashes(&found)).unwrap_or_default())
}

/// Keeps a tile, in place of what was kept of it.
pub(super) fn keep_tile(tx: &mut Tx<'_>, tile: &Tile) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO ledger_tile (level, number, hashes) VALUES ($1, $2, $3)
         ON CONFLICT (level, number) DO UPDATE SET hashes = $3",
        &[
            i64::from(tile.level).into(),
            number(tile.number).into(),
            tile.hashes.as_flattened().into(),
        ],
    )?;
    Ok(())
}

/// The right edge of the tree; fails if its tiles are not there.
pub(super) fn edge(conn: &mut Conn<'_>, size: u64) -> Result<Edge, Error> {
    Edge::read(size, |level, number| tile(conn, level, number))?.ok_or(Error::NoRow)
}

/// Reads nodes of the tree, each tile once.
pub(super) fn nodes<'a, 'b>(conn: &'a mut Conn<'b>) -> impl FnMut(Node) -> Result<Hash, Error> + use<'a, 'b> {
    let mut known = BTreeMap::new();
    move |node| {
        let level = u8::try_from(node.height / 8).unwrap_or(u8::MAX);
        let (span, first) = (1_u64 << (node.height % 8), node.index << (node.height % 8));
        let place = (level, first / 256);
        let hashes = match known.entry(place) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(tile(conn, place.0, place.1)?),
        };
        let within = usize::try_from(first % 256).unwrap_or(usize::MAX);
        let span = usize::try_from(span).unwrap_or(usize::MAX);
        within
            .checked_add(span)
            .and_then(|end| hashes.get(within..end))
            .map(perfect)
            .ok_or(Error::NoRow)
    }
}

/// A signed head.
pub(super) struct Checkpoint {
    pub(super) size: u64,
    pub(super) note: String,
}

/// Keeps a signed head, and forgets old ones that no witness has signed.
pub(super) fn keep_checkpoint(tx: &mut Tx<'_>, checkpoint: &Checkpoint, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO ledger_checkpoint (size, signed_at, note) VALUES ($1, $2, $3)
         ON CONFLICT (size) DO UPDATE SET signed_at = $2, note = $3",
        &[number(checkpoint.size).into(), now.into(), (&checkpoint.note).into()],
    )?;
    tx.execute(
        "DELETE FROM ledger_checkpoint
          WHERE size < (SELECT MIN(size) FROM (SELECT size FROM ledger_checkpoint ORDER BY size DESC LIMIT $1) AS newest)
            AND size NOT IN (SELECT size FROM ledger_cosignature)",
        &[CHECKPOINTS.into()],
    )?;
    Ok(())
}

/// The newest signed head.
pub(super) fn newest(conn: &mut Conn<'_>) -> Result<Option<Checkpoint>, Error> {
    conn.query_opt(
        "SELECT size, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1",
        &[],
        read,
    )
}

/// The newest signed head that a witness has signed, too.
pub(super) fn newest_witnessed(conn: &mut Conn<'_>) -> Result<Option<Checkpoint>, Error> {
    conn.query_opt(
        "SELECT size, note FROM ledger_checkpoint
          WHERE size IN (SELECT size FROM ledger_cosignature)
          ORDER BY size DESC LIMIT 1",
        &[],
        read,
    )
}

/// The signed head of a size.
pub(super) fn checkpoint(conn: &mut Conn<'_>, size: u64) -> Result<Option<Checkpoint>, Error> {
    conn.query_opt(
        "SELECT size, note FROM ledger_checkpoint WHERE size = $1",
        &[number(size).into()],
        read,
    )
}

fn read(row: &db::Row<'_>) -> Result<Checkpoint, Error> {
    Ok(Checkpoint {
        size: count(row.get("size")?),
        note: row.get("note")?,
    })
}

/// Keeps what a witness signed.
pub(super) fn cosign(tx: &mut Tx<'_>, size: u64, witness: &str, line: &str) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO ledger_cosignature (size, witness, line) VALUES ($1, $2, $3)
         ON CONFLICT (size, witness) DO UPDATE SET line = $3",
        &[number(size).into(), witness.into(), line.into()],
    )?;
    Ok(())
}

/// The lines of the witnesses of a size.
pub(super) fn cosignatures(conn: &mut Conn<'_>, size: u64) -> Result<Vec<String>, Error> {
    conn.query(
        "SELECT line FROM ledger_cosignature WHERE size = $1 ORDER BY witness",
        &[number(size).into()],
        |row| row.get("line"),
    )
}

/// What somebody who can write to the database might do.
#[cfg(test)]
pub(super) mod tampered {
    /// Entry 5 is gone.
    pub(in super::super) const REMOVED: &str = "UPDATE ledger_entry SET leaf = NULL WHERE leaf = 5";
    /// It is back.
    pub(in super::super) const PUT_BACK: &str = "UPDATE ledger_entry SET leaf = 5 WHERE leaf IS NULL";
    /// Entries 7 and 9 are taken out,
    pub(in super::super) const TAKEN_OUT: &str = "UPDATE ledger_entry SET leaf = leaf + 10000 WHERE leaf IN (7, 9)";
    /// and put in at each other's place.
    pub(in super::super) const EXCHANGED: &str =
        "UPDATE ledger_entry SET leaf = 16 - (leaf - 10000) WHERE leaf > 10000";
    /// Entry 599 is another.
    pub(in super::super) const CHANGED: &str = "UPDATE ledger_entry SET commitment = (SELECT other.commitment FROM ledger_entry AS other WHERE other.leaf = 3), committed_at = 1 WHERE leaf = 599";
    /// The first tile is the second.
    pub(in super::super) const TILE_CHANGED: &str = "UPDATE ledger_tile SET hashes = (SELECT other.hashes FROM ledger_tile AS other WHERE other.level = 0 AND other.number = 1) WHERE level = 0 AND number = 0";
    /// The tree is said to have 29 leaves.
    pub(in super::super) const SHORTENED: &str = "UPDATE ledger_head SET size = 29 WHERE head = 1";
}
