//! The tables of passkeys and of answered ceremonies.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::{PasskeyId, Subject};
use crate::shell::session::Kind;

pub(super) struct Row {
    pub(super) passkey: PasskeyId,
    pub(super) credential_sealed: Vec<u8>,
    pub(super) label_sealed: Vec<u8>,
    pub(super) counter: i64,
    pub(super) made_at: Timestamp,
    pub(super) used_at: Option<Timestamp>,
}

#[derive(Clone)]
pub(super) struct NewRow {
    pub(super) passkey: PasskeyId,
    pub(super) credential_digest: [u8; 32],
    pub(super) credential_sealed: Vec<u8>,
    pub(super) label_sealed: Vec<u8>,
    pub(super) counter: i64,
    pub(super) made_at: Timestamp,
    pub(super) device: Option<[u8; 16]>,
}

pub(super) fn insert(tx: &mut Tx<'_>, subject: &Subject, row: &NewRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO passkey (subject, passkey, kind, credential_digest, credential_sealed, label_sealed, counter, made_at, device)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            (&subject.id).into(),
            (&row.passkey).into(),
            subject.kind.text().into(),
            (&row.credential_digest).into(),
            (&row.credential_sealed).into(),
            (&row.label_sealed).into(),
            row.counter.into(),
            row.made_at.into(),
            row.device.as_ref().into(),
        ],
    )?;
    Ok(())
}

pub(super) fn list(conn: &mut Conn<'_>, subject: &Subject) -> Result<Vec<Row>, Error> {
    conn.query(
        "SELECT passkey, credential_sealed, label_sealed, counter, made_at, used_at
           FROM passkey
          WHERE subject = $1 AND kind = $2
          ORDER BY made_at, passkey",
        &[(&subject.id).into(), subject.kind.text().into()],
        read,
    )
}

pub(super) fn holders(conn: &mut Conn<'_>, kind: Kind) -> Result<Vec<[u8; 16]>, Error> {
    conn.query(
        "SELECT DISTINCT subject FROM passkey WHERE kind = $1",
        &[kind.text().into()],
        |row| row.get("subject"),
    )
}

pub(super) fn find(conn: &mut Conn<'_>, subject: &Subject, credential_digest: &[u8; 32]) -> Result<Option<Row>, Error> {
    conn.query_opt(
        "SELECT passkey, credential_sealed, label_sealed, counter, made_at, used_at
           FROM passkey
          WHERE subject = $1 AND kind = $2 AND credential_digest = $3",
        &[
            (&subject.id).into(),
            subject.kind.text().into(),
            credential_digest.into(),
        ],
        read,
    )
}

/// Keeps what a use changed. False if it was used by somebody else meanwhile: of two uses of one counter, one counts.
pub(super) fn used(
    tx: &mut Tx<'_>,
    subject: &Subject,
    passkey: &PasskeyId,
    credential_sealed: &[u8],
    counters: (i64, i64),
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE passkey SET credential_sealed = $4, counter = $5, used_at = $6
          WHERE subject = $1 AND passkey = $2 AND counter = $3",
        &[
            (&subject.id).into(),
            passkey.into(),
            counters.0.into(),
            credential_sealed.into(),
            counters.1.into(),
            now.into(),
        ],
    )?;
    Ok(changed == 1)
}

pub(super) fn remove(tx: &mut Tx<'_>, subject: &Subject, passkey: &PasskeyId) -> Result<bool, Error> {
    let removed = tx.execute(
        "DELETE FROM passkey WHERE subject = $1 AND passkey = $2 AND kind = $3",
        &[(&subject.id).into(), passkey.into(), subject.kind.text().into()],
    )?;
    Ok(removed == 1)
}

pub(super) fn remove_of_device(tx: &mut Tx<'_>, subject: &Subject, device: &[u8; 16]) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM passkey WHERE subject = $1 AND kind = $2 AND device = $3",
        &[(&subject.id).into(), subject.kind.text().into(), device.into()],
    )?;
    Ok(())
}

pub(super) fn remove_made_since(tx: &mut Tx<'_>, subject: &Subject, since: Timestamp) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM passkey WHERE subject = $1 AND kind = $2 AND made_at >= $3",
        &[(&subject.id).into(), subject.kind.text().into(), since.into()],
    )?;
    Ok(())
}

pub(super) fn remove_all(tx: &mut Tx<'_>, subject: &Subject) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM passkey WHERE subject = $1 AND kind = $2",
        &[(&subject.id).into(), subject.kind.text().into()],
    )?;
    Ok(())
}

/// Uses up a ceremony; `Taken` if it was answered before.
pub(super) fn spend(tx: &mut Tx<'_>, ceremony: &[u8; 16], expires_at: Timestamp, now: Timestamp) -> Result<(), Error> {
    tx.execute("DELETE FROM passkey_spent WHERE expires_at < $1", &[now.into()])?;
    tx.execute(
        "INSERT INTO passkey_spent (ceremony, expires_at) VALUES ($1, $2)",
        &[ceremony.into(), expires_at.into()],
    )?;
    Ok(())
}

fn read(row: &db::Row<'_>) -> Result<Row, Error> {
    Ok(Row {
        passkey: row.get("passkey")?,
        credential_sealed: row.get("credential_sealed")?,
        label_sealed: row.get("label_sealed")?,
        counter: row.get("counter")?,
        made_at: row.get("made_at")?,
        used_at: row.get("used_at")?,
    })
}
