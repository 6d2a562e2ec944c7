//! The table of what persons may do after a recovery.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::rules::Way;
use crate::shell::ids::PersonId;

pub(super) struct Standing {
    pub(super) phone_fresh_until: Option<Timestamp>,
    pub(super) recovered: Option<(Way, Timestamp)>,
}

pub(super) fn standing(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<Standing>, Error> {
    conn.query_opt(
        "SELECT phone_fresh_until, recovered_at, way FROM recovery_standing WHERE person = $1",
        &[person.into()],
        |row| {
            let way: Option<String> = row.get("way")?;
            let recovered_at: Option<Timestamp> = row.get("recovered_at")?;
            Ok(Standing {
                phone_fresh_until: row.get("phone_fresh_until")?,
                recovered: way.as_deref().and_then(Way::from_word).zip(recovered_at),
            })
        },
    )
}

/// The phone proves little until then.
pub(super) fn phone_is_fresh(tx: &mut Tx<'_>, person: &PersonId, until: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO recovery_standing (person, phone_fresh_until) VALUES ($1, $2)
         ON CONFLICT (person) DO UPDATE SET phone_fresh_until = excluded.phone_fresh_until",
        &[person.into(), until.into()],
    )?;
    Ok(())
}

/// Access was recovered.
pub(super) fn recovered(tx: &mut Tx<'_>, person: &PersonId, way: Way, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO recovery_standing (person, recovered_at, way) VALUES ($1, $2, $3)
         ON CONFLICT (person) DO UPDATE SET recovered_at = excluded.recovered_at, way = excluded.way",
        &[person.into(), now.into(), way.word().into()],
    )?;
    Ok(())
}
