use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Act, By, Ground, Stands, apply, rules, store};
use crate::accounts;
use crate::app::App;
use crate::eid;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::Input;
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::{self, Citizen, Kind};
use crate::signin;
use crate::sso;

/// How many acts are shown.
const MOST_ACTS: i64 = 50;

/// The citizen's locks.
#[derive(Clone, Template, Serialize)]
#[template(path = "locks/pages/locks.html")]
pub(super) struct Locks {
    eid_locked: bool,
    account_locked: bool,
    grounds: Vec<Shown>,
    /// Whether the holder's own request stands, and so can be taken back.
    can_unlock: bool,
    preview: Preview,
    acts: Vec<Happened>,
    reason: String,
}

/// A ground, as its holder is shown it.
#[derive(Clone, Serialize)]
pub(super) struct Shown {
    pub(super) ground: &'static str,
    pub(super) thing: &'static str,
    pub(super) since: Timestamp,
    pub(super) law: &'static str,
}

impl Shown {
    pub(super) fn of(stands: &Stands, today: jiff::civil::Date) -> Self {
        Self {
            ground: stands.ground.word(),
            thing: stands.thing.word(),
            since: stands.raised_at,
            law: stands.ground.law(today),
        }
    }
}

/// What stops working with a lock.
#[derive(Clone, Serialize)]
struct Preview {
    /// Whether there is an electronic identity card to be locked.
    eid: bool,
    /// How many sessions end.
    sessions: usize,
    /// The relying parties that cannot sign the holder in any more.
    partners: Vec<String>,
}

/// Something that was done about the locks.
#[derive(Clone, Serialize)]
struct Happened {
    at: Timestamp,
    word: String,
    ground: String,
    by: String,
    name: String,
    reason: String,
    law: String,
}

async fn view(app: &App, person: PersonId) -> Result<Locks, Problem> {
    let (now, vault) = (app.clock.now(), app.vault.clone());
    let (standing, acts, sessions, known, has_eid) = app
        .db
        .read(move |conn| {
            accounts::own(conn, &vault, &person)?;
            Ok::<_, Problem>((
                store::standing(conn, &person)?,
                store::acts(conn, &person, MOST_ACTS)?,
                session::list(conn, Kind::Citizen, person.bytes(), now)?.len(),
                sso::who_know(conn, &person, now)?,
                eid::is_issued(conn, &person)?,
            ))
        })
        .await?;
    let partners = sso::names(app, &known)
        .await?
        .into_iter()
        .map(|(_, name)| name)
        .collect();
    let today = app.clock.today();
    let own = standing.has(Ground::HolderRequest);
    Ok(Locks {
        eid_locked: standing.eid_locked(),
        account_locked: standing.account_locked(),
        grounds: standing
            .grounds()
            .iter()
            .map(|stands| Shown::of(stands, today))
            .collect(),
        can_unlock: own,
        preview: Preview {
            eid: has_eid,
            sessions,
            partners,
        },
        acts: acts
            .into_iter()
            .map(|act| happened(app, act))
            .collect::<Result<_, Problem>>()?,
        reason: String::new(),
    })
}

fn happened(app: &App, act: store::Acted) -> Result<Happened, Problem> {
    let row = act.act.bytes();
    Ok(Happened {
        at: act.at,
        word: act.word,
        ground: act.ground,
        by: act.by_kind,
        name: app.vault.open_text("lock_act", "by", row, &act.by_sealed)?,
        reason: app.vault.open_text("lock_act", "reason", row, &act.reason_sealed)?,
        law: act.law,
    })
}

/// Shows what is locked and why, and what a lock would stop.
pub(super) async fn show(State(app): State<App>, citizen: Citizen) -> Result<Page<Locks>, Problem> {
    Ok(Page(view(&app, citizen.person).await?))
}

/// The holder's request to lock (TK03).
#[derive(Deserialize)]
pub(super) struct LockForm {
    #[serde(default)]
    reason: String,
    /// What was shown of the consequences was read.
    #[serde(default)]
    confirm: String,
}

/// What a holder is told whose session has just ended with the lock.
#[derive(Template, Serialize)]
#[template(path = "locks/pages/done.html")]
pub(super) struct Done {
    locked: bool,
}

/// Locks at once, at the holder's request (Decree 69/2024, article 29.1).
pub(super) async fn lock(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<LockForm>,
) -> Result<Response, Problem> {
    let (reason, mut faults) = (rules::reason(&form.reason), Vec::new());
    if reason.is_none() {
        faults.push(Fault::new("reason", "locks-reason-fault"));
    }
    if form.confirm != "yes" {
        faults.push(Fault::new("confirm", "locks-confirm-fault"));
    }
    let (Some(reason), true) = (reason, faults.is_empty()) else {
        let again = Locks {
            reason: form.reason,
            ..view(&app, citizen.person).await?
        };
        return Err(Problem::invalid(faults).on(again));
    };

    let act = Act::raise(&app, citizen.person, Ground::HolderRequest, By::Holder, &reason).await?;
    app.db.write(move |tx| apply(tx, &act)).await?;
    app.bell.ring();

    let next = Next {
        to: "/locks/done".to_owned(),
        view: Done { locked: true },
    };
    Ok((session::farewell(&app, Kind::Citizen), next).into_response())
}

/// Tells what a locked holder can do now.
pub(super) async fn done() -> Page<Done> {
    Page(Done { locked: true })
}

/// The holder's request to unlock (TK03).
#[derive(Deserialize)]
pub(super) struct UnlockForm {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    passcode: String,
}

/// Takes the holder's own request back, for the passcode (Decree 69/2024, article 30.1). Other grounds stay.
pub(super) async fn unlock(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<UnlockForm>,
) -> Result<Next<Locks>, Problem> {
    let person = citizen.person;
    let now_shown = view(&app, person).await?;
    let again = Locks {
        reason: form.reason.clone(),
        ..now_shown.clone()
    };
    if !now_shown.can_unlock {
        return Err(Problem::new("locks-nothing-to-unlock", StatusCode::CONFLICT).on(again));
    }
    let Some(reason) = rules::reason(&form.reason) else {
        return Err(Problem::invalid(vec![Fault::new("reason", "locks-reason-fault")]).on(again));
    };
    signin::check_passcode(&app, &person, &form.passcode)
        .await
        .map_err(|problem| problem.on(again))?;

    let act = Act::clear(&app, person, Ground::HolderRequest, By::Holder, &reason).await?;
    app.db.write(move |tx| apply(tx, &act)).await?;
    app.bell.ring();

    let to = "/account/locks".to_owned();
    let view = view(&app, person).await?;
    Ok(Next { to, view })
}
