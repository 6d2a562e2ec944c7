//! The tables of reports, of what happened to them, of their files, and of what their senders keep.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::attachments::Ready;
use super::rules::{Kind, State, Word};
use super::{EntryId, LinkId, ReportId};
use crate::evidence::PieceId;
use crate::officers::Rank;
use crate::shell::ids::PersonId;
use crate::statistics::Spot;

/// A report as it is kept.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) report: ReportId,
    pub(super) number: String,
    pub(super) kind: Kind,
    pub(super) unit: String,
    pub(super) state: State,
    pub(super) sent_at: Timestamp,
    pub(super) urgent_at: Option<Timestamp>,
    pub(super) due_at: Option<Timestamp>,
    pub(super) settled_at: Option<Timestamp>,
    pub(super) content_sealed: Vec<u8>,
    pub(super) sender_sealed: Option<Vec<u8>>,
}

/// Something that happened to a report, as it is kept.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) entry: EntryId,
    pub(super) at: Timestamp,
    pub(super) word: Word,
    pub(super) unit: String,
    pub(super) by_sealed: Vec<u8>,
    pub(super) text_sealed: Vec<u8>,
}

/// A file, as it is kept.
#[derive(Clone)]
pub(super) struct Attached {
    pub(super) place: i64,
    pub(super) piece: PieceId,
    pub(super) media_type: String,
    pub(super) size: i64,
}

fn row(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        report: row.get("report")?,
        number: row.get("number")?,
        kind: row.get("kind")?,
        unit: row.get("unit")?,
        state: row.get("state")?,
        sent_at: row.get("sent_at")?,
        urgent_at: row.get("urgent_at")?,
        due_at: row.get("due_at")?,
        settled_at: row.get("settled_at")?,
        content_sealed: row.get("content_sealed")?,
        sender_sealed: row.get("sender_sealed")?,
    })
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    row: &Row,
    province: &str,
    code_digest: Option<&[u8; 32]>,
    files: &[Ready],
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO report (report, number, kind, unit, province, state, sent_at, urgent_at, due_at, content_sealed, sender_sealed, code_digest)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            (&row.report).into(),
            (&row.number).into(),
            row.kind.word().into(),
            (&row.unit).into(),
            province.into(),
            row.state.word().into(),
            row.sent_at.into(),
            row.urgent_at.into(),
            row.due_at.into(),
            (&row.content_sealed).into(),
            (&row.sender_sealed).into(),
            code_digest.into(),
        ],
    )?;
    for (place, file) in (0_i64..).zip(files) {
        tx.execute(
            "INSERT INTO report_attachment (report, place, piece, media_type, size) VALUES ($1, $2, $3, $4, $5)",
            &[
                (&row.report).into(),
                place.into(),
                (&file.placed.piece()).into(),
                file.media_type.into(),
                file.size.into(),
            ],
        )?;
    }
    Ok(())
}

/// Under what reports are counted: kind and state, province and unit.
macro_rules! counted {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT kind || ' ' || state AS kind, CASE WHEN unit = province THEN unit ELSE province || '/' || unit END AS place",
            $what,
            " FROM report ",
            $rest
        )
    };
}

fn spot(row: &db::Row<'_>) -> Result<Spot, Error> {
    Ok(Spot::new(row.get::<String>("kind")?, row.get::<String>("place")?))
}

pub(super) fn counted(conn: &mut Conn<'_>, report: &ReportId) -> Result<Option<Spot>, Error> {
    conn.query_opt(counted!("", "WHERE report = $1"), &[report.into()], spot)
}

/// How many reports are counted under what: counts every one.
pub(super) fn count_all(conn: &mut Conn<'_>) -> Result<Vec<(Spot, i64)>, Error> {
    conn.query(counted!(", COUNT(*) AS amount", "GROUP BY 1, 2"), &[], |row| {
        Ok((spot(row)?, row.get("amount")?))
    })
}

pub(super) fn find(conn: &mut Conn<'_>, report: &ReportId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT report, number, kind, unit, state, sent_at, urgent_at, due_at, settled_at, content_sealed, sender_sealed
           FROM report WHERE report = $1",
        &[report.into()],
        row,
    )
}

/// The report of a code.
pub(super) fn of_code(conn: &mut Conn<'_>, code_digest: &[u8; 32]) -> Result<Option<ReportId>, Error> {
    conn.query_opt(
        "SELECT report FROM report WHERE code_digest = $1",
        &[code_digest.into()],
        |row| row.get("report"),
    )
}

/// Where a report stands in the list of a unit.
pub(super) type Place = (i64, Vec<u8>);

/// Which part of what a unit receives is asked for.
#[derive(Clone)]
pub(super) struct Part {
    /// The unit: it receives its own, those of its province's communes, or all.
    pub(super) unit: String,
    /// In one state, or empty for all.
    pub(super) state: String,
    /// Of one kind, or empty for all.
    pub(super) kind: String,
    /// With one number, or empty for all.
    pub(super) number: String,
    /// What comes after this place.
    pub(super) after: Place,
    /// How many.
    pub(super) most: i64,
}

/// What a unit receives, each with its place: urgent ones first, then what waits longest, which is what is due first; what is settled comes
/// last, the newest before the others.
pub(super) fn of_unit(conn: &mut Conn<'_>, part: &Part) -> Result<Vec<(Place, Row)>, Error> {
    let (unit, province) = match Rank::of(&part.unit) {
        Rank::Commune => (part.unit.as_str(), ""),
        Rank::Province => ("", part.unit.as_str()),
        Rank::Ministry => ("", ""),
    };
    conn.query(
        // No instant is as large as the number that sets the three parts of the list apart.
        "SELECT report, number, kind, unit, state, sent_at, urgent_at, due_at, settled_at, content_sealed, sender_sealed, place
           FROM (SELECT report, number, kind, unit, state, sent_at, urgent_at, due_at, settled_at, content_sealed, sender_sealed,
                        CASE WHEN settled_at IS NOT NULL THEN 4000000000000000000 - sent_at
                             WHEN urgent_at IS NOT NULL THEN sent_at - 4000000000000000000
                             ELSE sent_at END AS place
                   FROM report
                  WHERE ($1 = '' OR unit = $1) AND ($2 = '' OR province = $2) AND ($3 = '' OR state = $3)
                        AND ($4 = '' OR kind = $4) AND ($5 = '' OR number = $5)) AS received
          WHERE (place, report) > ($6, $7)
          ORDER BY place, report LIMIT $8",
        &[
            unit.into(),
            province.into(),
            (&part.state).into(),
            (&part.kind).into(),
            (&part.number).into(),
            (&part.after.0).into(),
            (&part.after.1).into(),
            part.most.into(),
        ],
        |found| {
            let found_row = row(found)?;
            let place = (found.get("place")?, found_row.report.bytes().to_vec());
            Ok((place, found_row))
        },
    )
}

/// Moves a report on that a unit has; false if it does not stand there any more.
pub(super) fn step(
    tx: &mut Tx<'_>,
    (report, unit): (&ReportId, &str),
    (from, to): (State, State),
    settled_at: Option<Timestamp>,
) -> Result<bool, Error> {
    let moved = tx.execute(
        "UPDATE report SET state = $4, settled_at = $5 WHERE report = $1 AND unit = $2 AND state = $3",
        &[
            report.into(),
            unit.into(),
            from.word().into(),
            to.word().into(),
            settled_at.into(),
        ],
    )?;
    Ok(moved == 1)
}

/// Passes a report on to another unit.
pub(super) fn forward(tx: &mut Tx<'_>, report: &ReportId, unit: &str, province: &str) -> Result<(), Error> {
    tx.execute(
        "UPDATE report SET unit = $2, province = $3 WHERE report = $1",
        &[report.into(), unit.into(), province.into()],
    )?;
    Ok(())
}

pub(super) fn add_entry(tx: &mut Tx<'_>, report: &ReportId, entry: &Entry) -> Result<(), Error> {
    let turn = tx.query_opt(
        "SELECT COALESCE(MAX(turn), 0) + 1 AS turn FROM report_entry WHERE report = $1",
        &[report.into()],
        |row| row.get::<i64>("turn"),
    )?;
    tx.execute(
        "INSERT INTO report_entry (report, turn, entry, at, word, unit, by_sealed, text_sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            report.into(),
            turn.unwrap_or(1).into(),
            (&entry.entry).into(),
            entry.at.into(),
            entry.word.word().into(),
            (&entry.unit).into(),
            (&entry.by_sealed).into(),
            (&entry.text_sealed).into(),
        ],
    )?;
    Ok(())
}

/// What happened to a report, in order.
pub(super) fn entries(conn: &mut Conn<'_>, report: &ReportId) -> Result<Vec<Entry>, Error> {
    conn.query(
        "SELECT entry, at, word, unit, by_sealed, text_sealed FROM report_entry WHERE report = $1 ORDER BY turn",
        &[report.into()],
        |row| {
            Ok(Entry {
                entry: row.get("entry")?,
                at: row.get("at")?,
                word: row.get("word")?,
                unit: row.get("unit")?,
                by_sealed: row.get("by_sealed")?,
                text_sealed: row.get("text_sealed")?,
            })
        },
    )
}

/// The files of a report, in order.
pub(super) fn attachments(conn: &mut Conn<'_>, report: &ReportId) -> Result<Vec<Attached>, Error> {
    conn.query(
        "SELECT place, piece, media_type, size FROM report_attachment WHERE report = $1 ORDER BY place",
        &[report.into()],
        |row| {
            Ok(Attached {
                place: row.get("place")?,
                piece: row.get("piece")?,
                media_type: row.get("media_type")?,
                size: row.get("size")?,
            })
        },
    )
}

pub(super) fn insert_link(tx: &mut Tx<'_>, person: &PersonId, link: &LinkId, sealed: &Vec<u8>) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO report_link (person, link, link_sealed) VALUES ($1, $2, $3)",
        &[person.into(), link.into(), sealed.into()],
    )?;
    Ok(())
}

/// What a person keeps, in no order.
pub(super) fn links(conn: &mut Conn<'_>, person: &PersonId, most: i64) -> Result<Vec<(LinkId, Vec<u8>)>, Error> {
    conn.query(
        "SELECT link, link_sealed FROM report_link WHERE person = $1 ORDER BY link LIMIT $2",
        &[person.into(), most.into()],
        |row| Ok((row.get("link")?, row.get("link_sealed")?)),
    )
}

pub(super) fn link(conn: &mut Conn<'_>, person: &PersonId, link: &LinkId) -> Result<Option<Vec<u8>>, Error> {
    conn.query_opt(
        "SELECT link_sealed FROM report_link WHERE person = $1 AND link = $2",
        &[person.into(), link.into()],
        |row| row.get("link_sealed"),
    )
}
