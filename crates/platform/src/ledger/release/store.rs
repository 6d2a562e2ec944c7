//! The programs that were released.

use db::{Conn, Error, Tx};

use super::Release;

/// Keeps a release; answers whether it is new.
pub(super) fn insert(tx: &mut Tx<'_>, release: &Release) -> Result<bool, Error> {
    let inserted = tx.execute(
        "INSERT INTO ledger_release (sha256, version, bytes, released_at) VALUES ($1, $2, $3, $4) ON CONFLICT (sha256) DO NOTHING",
        &[
            (&release.sha256).into(),
            (&release.version).into(),
            release.bytes.into(),
            release.released_at.into(),
        ],
    )?;
    Ok(inserted > 0)
}

/// All releases, newest first.
pub(super) fn list(conn: &mut Conn<'_>) -> Result<Vec<Release>, Error> {
    conn.query(
        "SELECT sha256, version, bytes, released_at FROM ledger_release ORDER BY released_at DESC, sha256 LIMIT 200",
        &[],
        |row| {
            Ok(Release {
                version: row.get("version")?,
                sha256: row.get("sha256")?,
                bytes: row.get("bytes")?,
                released_at: row.get("released_at")?,
            })
        },
    )
}
