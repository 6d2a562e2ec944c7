//! The table of certificates.

use db::{Conn, Error, Row as DbRow, Tx};
use jiff::Timestamp;

use super::CertificateId;
use super::rules::Kind;
use crate::evidence::PieceId;
use crate::officers::OfficerId;
use crate::shell::ids::PersonId;

/// A certificate as it is kept.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) person: PersonId,
    pub(super) certificate: CertificateId,
    pub(super) dossier: String,
    pub(super) number: String,
    pub(super) code_digest: [u8; 32],
    pub(super) kind: Kind,
    pub(super) content_sealed: Vec<u8>,
    pub(super) file: PieceId,
    pub(super) file_digest: [u8; 32],
    pub(super) issued_at: Timestamp,
    pub(super) valid_until: Option<Timestamp>,
    pub(super) revoked_at: Option<Timestamp>,
    pub(super) reason_sealed: Option<Vec<u8>>,
}

/// Keeps a certificate; false if there is one for its dossier already.
pub(super) fn insert(tx: &mut Tx<'_>, row: &Row) -> Result<bool, Error> {
    let inserted = tx.execute(
        "INSERT INTO certificate (person, certificate, dossier, number, code_digest, kind, content_sealed, file, file_digest, issued_at, valid_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (person, dossier) DO NOTHING",
        &[
            (&row.person).into(),
            (&row.certificate).into(),
            (&row.dossier).into(),
            (&row.number).into(),
            (&row.code_digest).into(),
            row.kind.word().into(),
            (&row.content_sealed).into(),
            (&row.file).into(),
            (&row.file_digest).into(),
            row.issued_at.into(),
            row.valid_until.into(),
        ],
    )?;
    Ok(inserted == 1)
}

/// Whether there is one for a dossier.
pub(super) fn is_issued(conn: &mut Conn<'_>, person: &PersonId, dossier: &str) -> Result<bool, Error> {
    let found = conn.query_opt(
        "SELECT certificate FROM certificate WHERE person = $1 AND dossier = $2",
        &[person.into(), dossier.into()],
        |row| row.get::<CertificateId>("certificate"),
    )?;
    Ok(found.is_some())
}

/// Those of a person, newest first.
pub(super) fn list(conn: &mut Conn<'_>, person: &PersonId) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT person, certificate, dossier, number, code_digest, kind, content_sealed, file, file_digest, issued_at, valid_until, revoked_at, reason_sealed
           FROM certificate WHERE person = $1 ORDER BY issued_at DESC, certificate",
        &[person.into()],
        read,
    )
}

/// One of a person's.
pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId, id: &CertificateId) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT person, certificate, dossier, number, code_digest, kind, content_sealed, file, file_digest, issued_at, valid_until, revoked_at, reason_sealed
           FROM certificate WHERE person = $1 AND certificate = $2",
        &[person.into(), id.into()],
        read,
    )
}

/// The one with a number.
pub(super) fn of_number(conn: &mut Conn<'_>, number: &str) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT person, certificate, dossier, number, code_digest, kind, content_sealed, file, file_digest, issued_at, valid_until, revoked_at, reason_sealed
           FROM certificate WHERE number = $1",
        &[number.into()],
        read,
    )
}

/// The one whose file has a digest.
pub(super) fn of_file(conn: &mut Conn<'_>, digest: &[u8; 32]) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT person, certificate, dossier, number, code_digest, kind, content_sealed, file, file_digest, issued_at, valid_until, revoked_at, reason_sealed
           FROM certificate WHERE file_digest = $1",
        &[digest.into()],
        read,
    )
}

/// Takes a certificate back; false if it was taken back already.
pub(super) fn revoke(
    tx: &mut Tx<'_>,
    (person, id): (&PersonId, &CertificateId),
    (officer, reason_sealed): (&OfficerId, &[u8]),
    now: Timestamp,
) -> Result<bool, Error> {
    let revoked = tx.execute(
        "UPDATE certificate SET revoked_at = $3, revoked_by = $4, reason_sealed = $5
          WHERE person = $1 AND certificate = $2 AND revoked_at IS NULL",
        &[
            person.into(),
            id.into(),
            now.into(),
            officer.into(),
            reason_sealed.into(),
        ],
    )?;
    Ok(revoked == 1)
}

fn read(row: &DbRow<'_>) -> Result<Row, Error> {
    let kind: String = row.get("kind")?;
    Ok(Row {
        person: row.get("person")?,
        certificate: row.get("certificate")?,
        dossier: row.get("dossier")?,
        number: row.get("number")?,
        code_digest: row.get("code_digest")?,
        kind: Kind::of_word(&kind).ok_or_else(|| Error::Column {
            column: "kind".to_owned(),
            why: "no such kind".to_owned(),
        })?,
        content_sealed: row.get("content_sealed")?,
        file: row.get("file")?,
        file_digest: row.get("file_digest")?,
        issued_at: row.get("issued_at")?,
        valid_until: row.get("valid_until")?,
        revoked_at: row.get("revoked_at")?,
        reason_sealed: row.get("reason_sealed")?,
    })
}
