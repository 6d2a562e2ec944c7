use ::http::StatusCode;
use askama::Template;
use axum::extract::State as Of;
use crypto::base64url;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::store::{self, Member};
use super::{MOST_MEMBERS, MemberId};
use crate::app::App;
use crate::partners::ConnectionId;
use crate::partners::http::{level_two, opened};
use crate::partners::portal::http::{Connection, own};
use crate::partners::rules::Role;
use crate::partners::store as connections;
use crate::shell::filters;
use crate::shell::input::{Input, Path, Query};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

/// How long an invitation can be taken up.
const INVITED: SignedDuration = SignedDuration::from_hours(24 * 7);

/// One of the people of a connection, as the others see them.
#[derive(Serialize)]
pub(in crate::partners) struct MemberShown {
    pub(in crate::partners) member: MemberId,
    /// What the owner who invited calls them.
    pub(in crate::partners) label: String,
    pub(in crate::partners) role: Role,
    pub(in crate::partners) invited_at: Timestamp,
    pub(in crate::partners) invitation_ends_at: Timestamp,
    pub(in crate::partners) joined_at: Option<Timestamp>,
    /// Whether the invitation ended before it was taken up.
    pub(in crate::partners) too_late: bool,
}

impl MemberShown {
    pub(in crate::partners) fn of(app: &App, member: &Member) -> Result<Self, Problem> {
        Ok(Self {
            label: label(app, member)?,
            member: member.member,
            role: member.role,
            invited_at: member.invited_at,
            invitation_ends_at: member.invitation_ends_at,
            too_late: member.joined_at.is_none() && member.invitation_ends_at <= app.clock.now(),
            joined_at: member.joined_at,
        })
    }
}

fn label(app: &App, member: &Member) -> Result<String, Problem> {
    let place = member.member.bytes();
    Ok(app
        .vault
        .open_text("partner_member", "label", place, &member.label_sealed)?)
}

/// Whom an owner invites.
#[derive(Deserialize)]
pub(in crate::partners) struct Invite {
    #[serde(default)]
    label: String,
    #[serde(default)]
    role: String,
}

/// Invites somebody; the address to send is told once.
pub(in crate::partners) async fn invite(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<ConnectionId>,
    Input(form): Input<Invite>,
) -> Result<Page<Connection>, Problem> {
    let seat = own(&app, &citizen, id, Role::Owner).await?;
    let (said, role) = (form.label.trim(), Role::of_word(&form.role));
    let mut faults = Vec::new();
    if !(2..=80).contains(&said.chars().count()) || said.chars().any(char::is_control) {
        let fault = Fault::new("label", "partners-fault-text");
        faults.push(fault.with("least", 2).with("most", 80));
    }
    if role.is_none() {
        faults.push(Fault::new("role", "partners-fault-role"));
    }
    let (Some(role), true) = (role, faults.is_empty()) else {
        return Err(Problem::invalid(faults).on(Connection::load(&app, seat, None).await?));
    };

    let (member, now) = (MemberId::draw(&app.chance), app.clock.now());
    let new = Member {
        connection: id,
        member,
        person: None,
        role,
        label_sealed: app.vault.seal_text("partner_member", "label", member.bytes(), said),
        invited_at: now,
        invitation_ends_at: now + INVITED,
        joined_at: None,
    };
    let code = base64url::encode(
        app.vault
            .seal_record("partner_member", "invitation", b"", &(id, member))?,
    );
    app.db
        .write(move |tx| {
            if store::list(tx, &id)?.len() >= MOST_MEMBERS {
                return Err(Problem::new("partners-too-many", StatusCode::CONFLICT));
            }
            Ok(store::insert(tx, &new)?)
        })
        .await?;

    let mut view = Connection::load(&app, seat, None).await?;
    view.invitation = Some(format!("{}/partners/invitation?code={code}", app.config.public_url));
    Ok(Page(view))
}

/// Ends the part of somebody: an owner anybody's, everybody the own.
pub(in crate::partners) async fn end(
    Of(app): Of<App>,
    citizen: Citizen,
    Path((id, member)): Path<(ConnectionId, MemberId)>,
) -> Result<Next<Ended>, Problem> {
    let seat = own(&app, &citizen, id, Role::Reader).await?;
    let found = app.db.read(move |conn| store::find(conn, &id, &member)).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let is_own = found.person == Some(citizen.person);
    if !is_own && !seat.role.may(Role::Owner) {
        return Err(Problem::new("partners-role", StatusCode::FORBIDDEN));
    }
    let now = app.clock.now();
    app.db.write(move |tx| store::end(tx, &id, &member, now)).await?;
    Ok(Next {
        to: if is_own {
            "/partners".to_owned()
        } else {
            format!("/partners/connections/{id}")
        },
        view: Ended { connection: id },
    })
}

/// Somebody's part has ended.
#[derive(Template, Serialize)]
#[template(path = "partners/team/pages/ended.html")]
pub(in crate::partners) struct Ended {
    connection: ConnectionId,
}

/// What somebody is invited to.
#[derive(Template, Serialize)]
#[template(path = "partners/team/pages/invitation.html")]
pub(in crate::partners) struct Invitation {
    code: String,
    system: String,
    organisation: String,
    label: String,
    role: Role,
    ends_at: Timestamp,
}

/// The code of an invitation.
#[derive(Deserialize)]
pub(in crate::partners) struct Code {
    #[serde(default)]
    code: String,
}

/// An invitation is unknown, over, withdrawn, or was taken up: the same words for each.
fn over() -> Problem {
    Problem::new("partners-invitation-over", StatusCode::GONE)
}

fn read(app: &App, code: &str) -> Result<(ConnectionId, MemberId), Problem> {
    let sealed = base64url::decode(code).map_err(|error| over().caused_by(error))?;
    app.vault
        .open_record("partner_member", "invitation", b"", &sealed)
        .map_err(|error| over().caused_by(error))
}

/// Shows who was invited what for.
pub(in crate::partners) async fn show(
    Of(app): Of<App>,
    _citizen: Citizen,
    Query(Code { code }): Query<Code>,
) -> Result<Page<Invitation>, Problem> {
    let (id, member) = read(&app, &code)?;
    let found = app.db.read(move |conn| {
        let row = connections::find(conn, &id)?;
        Ok::<_, db::Error>((row, store::find(conn, &id, &member)?))
    });
    let (Some(row), Some(member)) = found.await? else {
        return Err(over());
    };
    if member.joined_at.is_some() || member.invitation_ends_at <= app.clock.now() {
        return Err(over());
    }
    let asked = opened(&app, &row)?;
    Ok(Page(Invitation {
        code,
        system: asked.system,
        organisation: asked.organisation,
        label: label(&app, &member)?,
        role: member.role,
        ends_at: member.invitation_ends_at,
    }))
}

/// Who was invited joins.
pub(in crate::partners) async fn join(
    Of(app): Of<App>,
    citizen: Citizen,
    Input(Code { code }): Input<Code>,
) -> Result<Next<Connection>, Problem> {
    level_two(&app, &citizen.person).await?;
    let (id, member) = read(&app, &code)?;
    let (person, now) = (citizen.person, app.clock.now());
    app.db
        .write(move |tx| {
            let row = connections::find(tx, &id)?.ok_or_else(over)?;
            // Who has a part already keeps it, and the invitation is left for who was meant.
            if row.person == person || store::of_person(tx, &id, &person)?.is_some() {
                return Err(Problem::new("partners-member-already", StatusCode::CONFLICT));
            }
            if !store::join(tx, (&id, &member), &person, now)? {
                return Err(over());
            }
            Ok(())
        })
        .await?;

    let seat = own(&app, &citizen, id, Role::Reader).await?;
    Ok(Next {
        to: format!("/partners/connections/{id}"),
        view: Connection::load(&app, seat, None).await?,
    })
}
