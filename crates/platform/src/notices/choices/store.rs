//! The table of wishes.

use db::{Conn, Error, Tx};
use jiff::Timestamp;

use super::rules::{Quiet, Wishes, pairs, word};
use crate::shell::ids::PersonId;
use crate::shell::texts::Lang;

pub(super) fn find(conn: &mut Conn<'_>, person: &PersonId) -> Result<Option<Wishes>, Error> {
    conn.query_opt(
        "SELECT lang, ways, quiet_from, quiet_to FROM notice_wish WHERE person = $1",
        &[person.into()],
        |row| {
            let (lang, ways): (String, String) = (row.get("lang")?, row.get("ways")?);
            let hour = |hour: i64| i8::try_from(hour).unwrap_or_default();
            Ok(Wishes {
                lang: Lang::from_tag(&lang).unwrap_or_default(),
                chosen: pairs(ways.split(' ')),
                quiet: Quiet {
                    from: hour(row.get("quiet_from")?),
                    to: hour(row.get("quiet_to")?),
                },
            })
        },
    )
}

pub(super) fn put(tx: &mut Tx<'_>, person: &PersonId, wishes: &Wishes, now: Timestamp) -> Result<(), Error> {
    let ways: Vec<String> = wishes.chosen.iter().copied().map(word).collect();
    tx.execute(
        "INSERT INTO notice_wish (person, lang, ways, quiet_from, quiet_to, wished_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (person) DO UPDATE SET lang = excluded.lang, ways = excluded.ways, quiet_from = excluded.quiet_from,
                quiet_to = excluded.quiet_to, wished_at = excluded.wished_at",
        &[
            person.into(),
            wishes.lang.tag().into(),
            (&ways.join(" ")).into(),
            i64::from(wishes.quiet.from).into(),
            i64::from(wishes.quiet.to).into(),
            now.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn remove(tx: &mut Tx<'_>, person: &PersonId) -> Result<(), Error> {
    tx.execute("DELETE FROM notice_wish WHERE person = $1", &[person.into()])?;
    Ok(())
}
