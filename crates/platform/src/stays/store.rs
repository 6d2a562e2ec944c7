//! Notifications and their guests.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::rules::Kind;
use super::{FacilityId, NotificationId, StayId};
use crate::shell::ids::PersonId;
use crate::statistics::Spot;

/// A notification, ready to be kept.
#[derive(Clone)]
pub(super) struct NewNotification {
    pub(super) person: PersonId,
    pub(super) id: NotificationId,
    pub(super) number: String,
    pub(super) facility: Option<FacilityId>,
    pub(super) kind: Kind,
    pub(super) reason: &'static str,
    pub(super) commune: String,
    pub(super) province: String,
    pub(super) place_digest: [u8; 32],
    pub(super) content_sealed: Vec<u8>,
    pub(super) told_at: Timestamp,
    pub(super) late_since: Option<Timestamp>,
    pub(super) alone_at: Option<Timestamp>,
    pub(super) unchecked_at: Option<Timestamp>,
    pub(super) guests: Vec<NewGuest>,
}

/// A guest of it.
#[derive(Clone)]
pub(super) struct NewGuest {
    pub(super) stay: StayId,
    pub(super) guest: Option<PersonId>,
    pub(super) digest: [u8; 32],
    pub(super) content_sealed: Vec<u8>,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// A notification as it stands.
#[derive(Clone)]
pub(super) struct Notification {
    pub(super) person: PersonId,
    pub(super) id: NotificationId,
    pub(super) number: String,
    pub(super) facility: Option<FacilityId>,
    pub(super) kind: String,
    pub(super) reason: String,
    pub(super) commune: String,
    pub(super) content_sealed: Vec<u8>,
    pub(super) guests: i64,
    pub(super) from_at: Timestamp,
    pub(super) to_at: Timestamp,
    pub(super) told_at: Timestamp,
    pub(super) late_since: Option<Timestamp>,
    pub(super) alone_at: Option<Timestamp>,
    pub(super) unchecked_at: Option<Timestamp>,
    pub(super) withdrawn_at: Option<Timestamp>,
}

/// A guest as it stands.
pub(super) struct GuestRow {
    pub(super) stay: StayId,
    pub(super) guest: Option<PersonId>,
    pub(super) digest: [u8; 32],
    pub(super) content_sealed: Vec<u8>,
    pub(super) from_at: Timestamp,
    pub(super) to_at: Timestamp,
    pub(super) left_at: Option<Timestamp>,
}

/// Another stay of a guest at the same time.
pub(super) struct Clash {
    pub(super) person: PersonId,
    pub(super) id: NotificationId,
    pub(super) number: String,
    pub(super) commune: String,
    pub(super) place_digest: [u8; 32],
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewNotification) -> Result<(), Error> {
    let from = new.guests.iter().map(|guest| guest.from).min().unwrap_or(new.told_at);
    let to = new.guests.iter().map(|guest| guest.to).max().unwrap_or(new.told_at);
    let count = i64::try_from(new.guests.len()).unwrap_or(i64::MAX);
    tx.execute(
        "INSERT INTO stay_notification (person, notification, number, facility, kind, reason, commune, province, place_digest,
                content_sealed, guests, from_at, to_at, told_at, late_since, alone_at, unchecked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        &[
            (&new.person).into(),
            (&new.id).into(),
            (&new.number).into(),
            new.facility.as_ref().into(),
            new.kind.word().into(),
            new.reason.into(),
            (&new.commune).into(),
            (&new.province).into(),
            new.place_digest.as_slice().into(),
            (&new.content_sealed).into(),
            count.into(),
            from.into(),
            to.into(),
            new.told_at.into(),
            new.late_since.into(),
            new.alone_at.into(),
            new.unchecked_at.into(),
        ],
    )?;
    for (line, guest) in (1_i64..).zip(&new.guests) {
        insert_guest(tx, new, line, guest)?;
    }
    Ok(())
}

fn insert_guest(tx: &mut Tx<'_>, new: &NewNotification, line: i64, guest: &NewGuest) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO stay_guest (person, notification, line, stay, guest, guest_digest, content_sealed, from_at, to_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            (&new.person).into(),
            (&new.id).into(),
            line.into(),
            (&guest.stay).into(),
            guest.guest.as_ref().into(),
            guest.digest.as_slice().into(),
            (&guest.content_sealed).into(),
            guest.from.into(),
            guest.to.into(),
        ],
    )?;
    Ok(())
}

/// What a guest does elsewhere, or here already, between two instants.
pub(super) fn clashes(
    conn: &mut Conn<'_>,
    digest: &[u8; 32],
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<Clash>, Error> {
    conn.query(
        "SELECT n.person, n.notification, n.number, n.commune, n.place_digest
           FROM stay_guest g
           JOIN stay_notification n ON n.person = g.person AND n.notification = g.notification
          WHERE g.guest_digest = $1 AND g.from_at < $3 AND COALESCE(g.left_at, g.to_at) > $2 AND n.withdrawn_at IS NULL
          ORDER BY n.told_at DESC LIMIT 20",
        &[digest.as_slice().into(), from.into(), to.into()],
        |row| {
            Ok(Clash {
                person: row.get("person")?,
                id: row.get("notification")?,
                number: row.get("number")?,
                commune: row.get("commune")?,
                place_digest: row.get("place_digest")?,
            })
        },
    )
}

/// The number under which who tells has told of a close relative in a place before.
pub(super) fn told_once(
    conn: &mut Conn<'_>,
    person: &PersonId,
    digest: &[u8; 32],
    place_digest: &[u8; 32],
) -> Result<Option<String>, Error> {
    let told = conn.query(
        "SELECT n.number
           FROM stay_guest g
           JOIN stay_notification n ON n.person = g.person AND n.notification = g.notification
          WHERE g.guest_digest = $2 AND n.person = $1 AND n.place_digest = $3 AND n.reason = 'close-relative'
                AND n.withdrawn_at IS NULL
          ORDER BY n.told_at LIMIT 1",
        &[person.into(), digest.as_slice().into(), place_digest.as_slice().into()],
        |row| row.get("number"),
    )?;
    Ok(told.into_iter().next())
}

/// The notifications that tell of a guest; none where nobody is meant.
pub(super) fn with_guest(conn: &mut Conn<'_>, digest: Option<&[u8; 32]>) -> Result<Vec<NotificationId>, Error> {
    let Some(digest) = digest else {
        return Ok(Vec::new());
    };
    conn.query(
        "SELECT notification FROM stay_guest WHERE guest_digest = $1 ORDER BY from_at DESC LIMIT 1000",
        &[digest.as_slice().into()],
        |row| row.get("notification"),
    )
}

/// A statement over all columns of notifications.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT person, notification, number, facility, kind, reason, commune, content_sealed, guests, from_at, to_at, told_at,
                    late_since, alone_at, unchecked_at, withdrawn_at
               FROM stay_notification ",
            $rest
        )
    };
}

/// A notification, whoever told it.
pub(super) fn find(conn: &mut Conn<'_>, id: &NotificationId) -> Result<Option<Notification>, Error> {
    conn.query_opt(select!("WHERE notification = $1"), &[id.into()], notification)
}

pub(super) fn guests(conn: &mut Conn<'_>, of: &Notification) -> Result<Vec<GuestRow>, Error> {
    conn.query(
        "SELECT stay, guest, guest_digest, content_sealed, from_at, to_at, left_at
           FROM stay_guest WHERE person = $1 AND notification = $2 ORDER BY line",
        &[(&of.person).into(), (&of.id).into()],
        |row| {
            Ok(GuestRow {
                stay: row.get("stay")?,
                guest: row.get("guest")?,
                digest: row.get("guest_digest")?,
                content_sealed: row.get("content_sealed")?,
                from_at: row.get("from_at")?,
                to_at: row.get("to_at")?,
                left_at: row.get("left_at")?,
            })
        },
    )
}

/// What a person has told between two instants, newest first.
pub(super) fn told_by(
    conn: &mut Conn<'_>,
    person: &PersonId,
    (since, until): (Timestamp, Timestamp),
    most: i64,
) -> Result<Vec<Notification>, Error> {
    conn.query(
        select!(
            "WHERE person = $1 AND told_at >= $2 AND told_at < $3
          ORDER BY told_at DESC, notification LIMIT $4"
        ),
        &[person.into(), since.into(), until.into(), most.into()],
        notification,
    )
}

/// What was told for a facility between two instants, newest first.
pub(super) fn told_for(
    conn: &mut Conn<'_>,
    facility: &FacilityId,
    (since, until): (Timestamp, Timestamp),
    most: i64,
) -> Result<Vec<Notification>, Error> {
    conn.query(
        select!(
            "WHERE facility = $1 AND told_at >= $2 AND told_at < $3
          ORDER BY told_at DESC, notification LIMIT $4"
        ),
        &[facility.into(), since.into(), until.into(), most.into()],
        notification,
    )
}

/// How many guests of a facility arrived between two instants.
pub(super) fn arrived(
    conn: &mut Conn<'_>,
    facility: &FacilityId,
    (since, until): (Timestamp, Timestamp),
) -> Result<i64, Error> {
    // Nobody is told of before the arrival; so the index leaves out what was told before.
    conn.query_one(
        "SELECT CAST(COALESCE(SUM(guests), 0) AS BIGINT) AS guests
           FROM stay_notification
          WHERE facility = $1 AND told_at >= $2 AND from_at >= $2 AND from_at < $3 AND withdrawn_at IS NULL",
        &[facility.into(), since.into(), until.into()],
        |row| row.get("guests"),
    )
}

/// What was told by others of a guest between two instants, newest first, each with the guest's own times.
pub(super) fn told_of(
    conn: &mut Conn<'_>,
    (guest, digest): (&PersonId, &[u8; 32]),
    (since, until): (Timestamp, Timestamp),
    most: i64,
) -> Result<Vec<(Notification, Option<Timestamp>)>, Error> {
    conn.query(
        "SELECT n.person, n.notification, n.number, n.facility, n.kind, n.reason, n.commune, n.content_sealed, n.guests,
                g.from_at, g.to_at, g.left_at, n.told_at, n.late_since, n.alone_at, n.unchecked_at, n.withdrawn_at
           FROM stay_guest g
           JOIN stay_notification n ON n.person = g.person AND n.notification = g.notification
          WHERE (g.guest = $1 OR g.guest_digest = $2) AND n.person <> $1 AND n.told_at >= $3 AND n.told_at < $4
          ORDER BY n.told_at DESC, n.notification LIMIT $5",
        &[
            guest.into(),
            digest.as_slice().into(),
            since.into(),
            until.into(),
            most.into(),
        ],
        |row| Ok((notification(row)?, row.get("left_at")?)),
    )
}

/// How many notifications stand, by kind of place and commune: counts every one.
pub(super) fn count_all(conn: &mut Conn<'_>) -> Result<Vec<(Spot, i64)>, Error> {
    conn.query(
        "SELECT kind, province || '/' || commune AS place, COUNT(*) AS amount
           FROM stay_notification WHERE withdrawn_at IS NULL GROUP BY kind, province, commune",
        &[],
        |row| {
            let spot = Spot::new(row.get::<String>("kind")?, row.get::<String>("place")?);
            Ok((spot, row.get("amount")?))
        },
    )
}

/// Takes a notification back; false if it was taken back before.
pub(super) fn withdraw(tx: &mut Tx<'_>, of: &Notification, now: Timestamp) -> Result<bool, Error> {
    let rows = tx.execute(
        "UPDATE stay_notification SET withdrawn_at = $3 WHERE person = $1 AND notification = $2 AND withdrawn_at IS NULL",
        &[(&of.person).into(), (&of.id).into(), now.into()],
    )?;
    Ok(rows == 1)
}

/// A guest has left before the time; false if that is known, or the time is over.
pub(super) fn leave(tx: &mut Tx<'_>, of: &Notification, stay: &StayId, now: Timestamp) -> Result<bool, Error> {
    let rows = tx.execute(
        "UPDATE stay_guest SET left_at = $4
          WHERE person = $1 AND notification = $2 AND stay = $3 AND left_at IS NULL AND to_at > $4 AND from_at < $4",
        &[(&of.person).into(), (&of.id).into(), stay.into(), now.into()],
    )?;
    Ok(rows == 1)
}

pub(super) fn notification(row: &Row<'_>) -> Result<Notification, Error> {
    Ok(Notification {
        person: row.get("person")?,
        id: row.get("notification")?,
        number: row.get("number")?,
        facility: row.get("facility")?,
        kind: row.get("kind")?,
        reason: row.get("reason")?,
        commune: row.get("commune")?,
        content_sealed: row.get("content_sealed")?,
        guests: row.get("guests")?,
        from_at: row.get("from_at")?,
        to_at: row.get("to_at")?,
        told_at: row.get("told_at")?,
        late_since: row.get("late_since")?,
        alone_at: row.get("alone_at")?,
        unchecked_at: row.get("unchecked_at")?,
        withdrawn_at: row.get("withdrawn_at")?,
    })
}
