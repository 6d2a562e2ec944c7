use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use civil::{PersonalNumber, Sex, names};
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::guests::{Document, Guest, KnownBy};
use super::rules::{Place, Side, instant};
use super::store::{self, GuestRow, Notification};
use super::{NotificationId, StayId, digest_of_guest, facilities, moved, spot, teller, unit};
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::officers;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path, Query};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::shell::vault::Vault;

/// How many notifications a page searches, and shows.
const SEARCHED: i64 = 1000;
const MOST: usize = 100;

/// What of a notification is sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Told {
    /// Where the guests stay.
    pub(super) place: Place,
    /// The name of who told.
    pub(super) teller: String,
    /// The phone of who told.
    pub(super) phone: String,
}

impl Told {
    /// Opens it.
    pub(super) fn open(app: &App, told: &Notification) -> Result<Self, Problem> {
        let row = told.id.bytes();
        Ok(app
            .vault
            .open_record("stay_notification", "content", row, &told.content_sealed)?)
    }

    /// Who told, as a guest is told.
    pub(super) fn known_as(&self) -> &str {
        match self.place.facility {
            Some(_) => &self.place.name,
            None => &self.teller,
        }
    }
}

/// A guest, as pages show one.
#[derive(Clone, Serialize)]
pub(super) struct GuestShown {
    pub(super) stay: StayId,
    pub(super) full_name: String,
    pub(super) document_kind: &'static str,
    pub(super) masked_document: String,
    pub(super) date_of_birth: Date,
    pub(super) sex: Sex,
    pub(super) nationality: String,
    pub(super) known_by: KnownBy,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) left_at: Option<Timestamp>,
}

impl GuestShown {
    /// Opens a guest; the whole number of the document stands beside.
    pub(super) fn open(app: &App, row: &GuestRow) -> Result<(Self, String), Problem> {
        let guest: Guest = app
            .vault
            .open_record("stay_guest", "content", row.stay.bytes(), &row.content_sealed)?;
        let (document_kind, number) = match &guest.document {
            Document::Personal(number) => ("personal", number.as_str().to_owned()),
            Document::Passport(number) => ("passport", number.clone()),
        };
        let shown = Self {
            stay: row.stay,
            masked_document: guest.document.masked(),
            full_name: guest.full_name,
            document_kind,
            date_of_birth: guest.date_of_birth,
            sex: guest.sex,
            nationality: guest.nationality,
            known_by: guest.known_by,
            from: row.from_at,
            to: row.to_at,
            left_at: row.left_at,
        };
        Ok((shown, number))
    }
}

/// How a notification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    /// Received, and the stay lasts.
    Received,
    /// Received, and the stay is over.
    Ended,
    /// Taken back.
    Withdrawn,
}

impl Status {
    pub(super) const ALL: [Self; 3] = [Self::Received, Self::Ended, Self::Withdrawn];

    pub(super) fn of(told: &Notification, now: Timestamp) -> Self {
        match told.withdrawn_at {
            Some(_) => Self::Withdrawn,
            None if told.to_at <= now => Self::Ended,
            None => Self::Received,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Ended => "ended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One notification in a list.
#[derive(Clone, Serialize)]
pub(super) struct Line {
    pub(super) id: NotificationId,
    pub(super) number: String,
    pub(super) kind: String,
    pub(super) reason: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) unit: String,
    pub(super) guests: i64,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) told_at: Timestamp,
    pub(super) late: bool,
    pub(super) status: Status,
    /// Who told, where it is about the citizen.
    pub(super) teller: String,
}

impl Line {
    pub(super) fn of(app: &App, told: &Notification, now: Timestamp) -> Result<Self, Problem> {
        let opened = Told::open(app, told)?;
        Ok(Self {
            id: told.id,
            number: told.number.clone(),
            kind: told.kind.clone(),
            reason: told.reason.clone(),
            teller: opened.known_as().to_owned(),
            address: opened.place.line(),
            name: opened.place.name,
            unit: officers::unit(&told.commune),
            guests: told.guests,
            from: told.from_at,
            to: told.to_at,
            told_at: told.told_at,
            late: told.late_since.is_some(),
            status: Status::of(told, now),
        })
    }

    /// Whether a text is found in it, without regard to diacritics.
    fn says(&self, text: &str) -> bool {
        let parts = [&self.number, &self.name, &self.address, &self.unit, &self.teller];
        parts.iter().any(|part| names::fold(part).contains(text))
    }
}

/// Which notifications to show.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    pub(super) side: String,
    pub(super) status: String,
    pub(super) month: String,
    pub(super) q: String,
}

impl Choice {
    /// The instants of the month that is meant; of all times where none is.
    pub(super) fn times(&self) -> (Timestamp, Timestamp) {
        let first: Option<Date> = format!("{}-01", self.month.trim()).parse().ok();
        let start = |day: Date| instant(day.to_datetime(Time::midnight()));
        let month = first.and_then(|first| Some((start(first)?, start(first.checked_add(1.month()).ok()?)?)));
        month.unwrap_or((Timestamp::UNIX_EPOCH, Timestamp::MAX))
    }

    /// The digest of the guest whose personal number is searched for, if it is one.
    pub(super) fn guest(&self, vault: &Vault) -> Option<[u8; 32]> {
        let number = PersonalNumber::parse(self.q.trim()).ok()?;
        Some(digest_of_guest(vault, number.as_str()))
    }

    /// Those that are wanted; those of the guest who is searched for are `with_guest`.
    pub(super) fn choose(&self, lines: Vec<Line>, with_guest: &[NotificationId]) -> Vec<Line> {
        let text = names::fold(&self.q);
        let found = |line: &Line| line.says(&text) || with_guest.contains(&line.id);
        let wanted = |line: &Line| (self.status.is_empty() || line.status.word() == self.status) && found(line);
        lines.into_iter().filter(wanted).take(MOST).collect()
    }
}

/// What the citizen has told, or what others told of the citizen.
#[derive(Template, Serialize)]
#[template(path = "stays/pages/stays.html")]
pub(super) struct Stays {
    side: Side,
    stays: Vec<Line>,
    /// The facilities that the citizen tells for.
    facilities: Vec<facilities::Facility>,
    #[serde(skip)]
    choice: Choice,
    #[serde(skip)]
    statuses: [Status; 3],
}

/// Shows what the citizen has told, or what others told of the citizen.
pub(super) async fn list(
    State(app): State<App>,
    citizen: Citizen,
    Query(choice): Query<Choice>,
) -> Result<Page<Stays>, Problem> {
    let account = teller(&app, citizen.person).await?;
    let digest = digest_of_guest(&app.vault, account.number.as_str());
    let side = Side::of_word(&choice.side).unwrap_or(Side::Told);
    let (person, times, now, guest) = (
        citizen.person,
        choice.times(),
        app.clock.now(),
        choice.guest(&app.vault),
    );
    let (told, facilities, with_guest) = app
        .db
        .read(move |conn| {
            let told = if side.is_guest() {
                let of = store::told_of(conn, (&person, &digest), times, SEARCHED)?;
                of.into_iter().map(own_times).collect()
            } else {
                store::told_by(conn, &person, times, SEARCHED)?
            };
            let with_guest = store::with_guest(conn, guest.as_ref())?;
            Ok::<_, db::Error>((told, facilities::of_clerk(conn, &person)?, with_guest))
        })
        .await?;
    let lines = told.iter().map(|told| Line::of(&app, told, now));
    Ok(Page(Stays {
        side,
        stays: choice.choose(lines.collect::<Result<_, _>>()?, &with_guest),
        facilities,
        choice,
        statuses: Status::ALL,
    }))
}

/// A guest who left is not there any more, whatever the others do.
fn own_times((mut told, left_at): (Notification, Option<Timestamp>)) -> Notification {
    told.to_at = left_at.unwrap_or(told.to_at);
    told
}

/// The receipt of a notification.
#[derive(Template, Serialize)]
#[template(path = "stays/pages/receipt.html")]
pub(super) struct Receipt {
    #[serde(flatten)]
    line: Line,
    late_since: Option<Timestamp>,
    withdrawn_at: Option<Timestamp>,
    unit_phone: Option<String>,
    hotline: String,
    guests_shown: Vec<GuestShown>,
    facility: Option<super::FacilityId>,
}

/// Whether somebody may see a notification: who told it, and who tells for the same facility.
async fn theirs(app: &App, person: PersonId, id: NotificationId) -> Result<Notification, Problem> {
    app.db
        .read(move |conn| {
            let told = store::find(conn, &id)?.ok_or_else(Problem::not_found)?;
            let for_same = match &told.facility {
                Some(facility) if told.person != person => facilities::told_by(conn, &person, facility).is_ok(),
                _ => false,
            };
            if told.person != person && !for_same {
                return Err(Problem::not_found());
            }
            Ok(told)
        })
        .await
}

/// The receipt, and what it shows of guests, recorded where another person of the facility looks.
pub(super) async fn receipt(app: &App, person: PersonId, told: &Notification) -> Result<Receipt, Problem> {
    let (of, commune) = (told.clone(), told.commune.clone());
    let (rows, unit_phone) = app
        .db
        .read(move |conn| Ok::<_, db::Error>((store::guests(conn, &of)?, unit::phone(conn, &commune)?)))
        .await?;
    let line = Line::of(app, told, app.clock.now())?;
    if told.person != person {
        let who = Who::Partner(line.name.clone());
        let guests = rows.iter().filter_map(|row| row.guest);
        let looks: Vec<Look> = guests
            .map(|guest| Look::now(app, guest, &who, Purpose::Stay, "number name birth sex stay"))
            .collect();
        app.db
            .write(move |tx| looks.iter().try_for_each(|look| history::record(tx, look)))
            .await?;
    }
    let guests = rows.iter().map(|row| Ok(GuestShown::open(app, row)?.0));
    Ok(Receipt {
        late_since: told.late_since,
        withdrawn_at: told.withdrawn_at,
        unit_phone,
        hotline: app.config.official.hotline.clone(),
        guests_shown: guests.collect::<Result<_, Problem>>()?,
        facility: told.facility,
        line,
    })
}

/// Shows a receipt.
pub(super) async fn show(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<NotificationId>,
) -> Result<Page<Receipt>, Problem> {
    let told = theirs(&app, citizen.person, id).await?;
    Ok(Page(receipt(&app, citizen.person, &told).await?))
}

async fn shown_again(app: &App, person: PersonId, id: NotificationId) -> Result<Next<Receipt>, Problem> {
    let told = theirs(app, person, id).await?;
    Ok(Next {
        to: format!("/stays/{id}"),
        view: receipt(app, person, &told).await?,
    })
}

/// Takes a notification back that was told by mistake.
pub(super) async fn withdraw(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<NotificationId>,
) -> Result<Next<Receipt>, Problem> {
    let told = theirs(&app, citizen.person, id).await?;
    let now = app.clock.now();
    if Status::of(&told, now) != Status::Received {
        return Err(Problem::new("stays-over", StatusCode::CONFLICT));
    }
    app.db
        .write(move |tx| {
            if store::withdraw(tx, &told, now)? {
                moved(tx, told.id, (Some(&spot(&told.kind, &told.commune)), None), now)?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    shown_again(&app, citizen.person, id).await
}

/// Who has left.
#[derive(Deserialize)]
pub(super) struct Leaving {
    stay: StayId,
}

/// Notes that a guest has left before the time.
pub(super) async fn leave(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<NotificationId>,
    Input(leaving): Input<Leaving>,
) -> Result<Next<Receipt>, Problem> {
    let told = theirs(&app, citizen.person, id).await?;
    let now = app.clock.now();
    let left = app
        .db
        .write(move |tx| store::leave(tx, &told, &leaving.stay, now))
        .await?;
    if !left {
        return Err(Problem::new("stays-over", StatusCode::CONFLICT));
    }
    shown_again(&app, citizen.person, id).await
}
