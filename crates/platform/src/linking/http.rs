use ::http::{HeaderMap, Method, StatusCode};
use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ProposalId;
use super::rules::{self, Account, Known, MOST_A_DAY, MOST_ACCOUNTS, Match, Verdict};
use super::store::{self, Link, Occupied, Proposal};
use crate::accounts;
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::registries;
use crate::shell::ids::PersonId;
use crate::shell::input::Input;
use crate::shell::problem::Problem;
use crate::sso::{self, Granted, Refusal};

const PROPOSALS: &str = "/linking/proposals";
const LINK: &str = "/linking/link";
/// How long the person can answer.
const LIFE: SignedDuration = SignedDuration::from_mins(30);

/// What a portal proposes.
#[derive(Deserialize)]
pub(super) struct Propose {
    accounts: Vec<Account>,
    /// Where the person goes on to after answering: a registered address.
    #[serde(default)]
    return_to: String,
}

/// What is sealed of a proposal.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) accounts: Vec<Account>,
    pub(super) return_to: String,
    /// Whether one account is to be confirmed, and not one of several chosen.
    pub(super) by_name: bool,
}

/// What became of it.
#[derive(Serialize)]
pub(super) struct Answer {
    /// `linked`, `confirm`, `choose`, `refused`.
    state: &'static str,
    /// Why it was refused: `wrong-person`, `different`, `linked-elsewhere`, `other-account-linked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The account that is linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// Where to send the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    person_goes_to: Option<String>,
}

impl Answer {
    fn state(state: &'static str) -> Self {
        Self {
            state,
            reason: None,
            account: None,
            person_goes_to: None,
        }
    }

    fn refused(reason: &'static str) -> Self {
        Self {
            reason: Some(reason),
            ..Self::state("refused")
        }
    }
}

impl Occupied {
    pub(super) fn word(self) -> &'static str {
        match self {
            Occupied::ByAnother => "linked-elsewhere",
            Occupied::ByOtherAccount => "other-account-linked",
        }
    }
}

/// A portal proposes.
pub(super) async fn propose(
    State(app): State<App>,
    headers: HeaderMap,
    Input(form): Input<Propose>,
) -> Result<Json<Answer>, Refusal> {
    let granted = sso::granted(&app, &Method::POST, &headers, PROPOSALS).await?;
    Ok(Json(proposed(&app, &granted, form).await?))
}

async fn proposed(app: &App, granted: &Granted, form: Propose) -> Result<Answer, Problem> {
    let count = form.accounts.len();
    let returns = form.return_to.is_empty()
        || granted.client.may_leave_to(&form.return_to)
        || granted.client.may_redirect_to(&form.return_to);
    if !(1..=MOST_ACCOUNTS).contains(&count) || !form.accounts.iter().all(Account::is_sound) || !returns {
        return Err(Problem::new("linking-malformed", StatusCode::UNPROCESSABLE_ENTITY));
    }
    let verdict = verdict(app, &granted.person, &form.accounts).await?;
    let proposal = proposal(app, granted, &verdict, form.return_to)?;
    let (id, client_id) = (proposal.proposal, granted.client.id());
    let link = match &verdict {
        Verdict::Link(account) => Some((link(app, client_id, account, Match::Number)?, account.account.clone())),
        _ => None,
    };
    let who = Who::Partner(granted.client.name().to_owned());
    let look = Look::now(app, granted.person, &who, Purpose::Linking, "number name birth");
    let (person, day) = (granted.person, app.clock.now() - SignedDuration::from_hours(24));
    let outcome = app
        .db
        .write(move |tx| {
            if !store::propose(tx, &person, &proposal, (day, MOST_A_DAY))? {
                return Err(Problem::new("linking-too-often", StatusCode::TOO_MANY_REQUESTS));
            }
            history::record(tx, &look)?;
            Ok(match &link {
                Some((link, account)) => Some(store::link(tx, &person, link)?.map(|()| account.clone())),
                None => None,
            })
        })
        .await?;
    let goes_to = format!("{}{PROPOSALS}/{id}", app.config.public_url);
    Ok(answered(outcome, &verdict, &goes_to))
}

/// What is kept of a proposal: what the person has to choose among or to confirm.
fn proposal(app: &App, granted: &Granted, verdict: &Verdict, return_to: String) -> Result<Proposal, Problem> {
    let kept = Kept {
        return_to,
        by_name: matches!(verdict, Verdict::Confirm(_)),
        accounts: match verdict {
            Verdict::Link(_) | Verdict::Refuse(_) => Vec::new(),
            Verdict::Confirm(only) => vec![only.clone()],
            Verdict::Choose(several) => several.clone(),
        },
    };
    let (id, now) = (ProposalId::draw(&app.chance), app.clock.now());
    Ok(Proposal {
        proposal: id,
        client_id: granted.client.id().to_owned(),
        accounts_sealed: app
            .vault
            .seal_record("linking_proposal", "accounts", id.bytes(), &kept)?,
        made_at: now,
        expires_at: now + LIFE,
        settled: kept.accounts.is_empty(),
    })
}

/// What the portal is told.
fn answered(linked: Option<Result<String, Occupied>>, verdict: &Verdict, goes_to: &str) -> Answer {
    let person = |state| Answer {
        person_goes_to: Some(goes_to.to_owned()),
        ..Answer::state(state)
    };
    match (linked, verdict) {
        (Some(Ok(account)), _) => Answer {
            account: Some(account),
            ..Answer::state("linked")
        },
        (Some(Err(occupied)), _) => Answer::refused(occupied.word()),
        (None, Verdict::Refuse(why)) => Answer::refused(why.word()),
        (None, Verdict::Confirm(_)) => person("confirm"),
        (None, Verdict::Link(_) | Verdict::Choose(_)) => person("choose"),
    }
}

/// What the population database says about the accounts.
async fn verdict(app: &App, person: &PersonId, accounts: &[Account]) -> Result<Verdict, Problem> {
    let (vault, who) = (app.vault.clone(), *person);
    let holder = app.db.read(move |conn| accounts::own(conn, &vault, &who)).await?;
    let answer = registries::person(app, &holder.number, "linking").await?;
    let record = answer
        .ok_or_else(|| Problem::new("linking-not-in-source", StatusCode::CONFLICT))?
        .record;
    let known = Known {
        number: record.number.as_str(),
        old_number: record.old_number.as_deref(),
        full_name: &record.full_name,
        date_of_birth: record.date_of_birth,
    };
    Ok(rules::judge(accounts, &known))
}

/// A link ready to be written.
pub(super) fn link(app: &App, client_id: &str, account: &Account, how: Match) -> Result<Link, Problem> {
    let account_digest = app.vault.digest(
        "linking-account",
        format!("{client_id}\n{}", account.account).as_bytes(),
    );
    Ok(Link {
        client_id: client_id.to_owned(),
        linked_at: app.clock.now(),
        account_sealed: app
            .vault
            .seal_record("linking_link", "account", &account_digest, account)?,
        account_digest,
        how: how.word().to_owned(),
    })
}

/// The account of a link.
pub(super) fn account(app: &App, link: &Link) -> Result<Account, Problem> {
    Ok(app
        .vault
        .open_record("linking_link", "account", &link.account_digest, &link.account_sealed)?)
}

/// The link of the person at the portal that asks.
#[derive(Serialize)]
pub(super) struct Linked {
    account: Option<String>,
    linked_at: Option<Timestamp>,
}

/// A portal asks whether, and with which account, the person is linked.
pub(super) async fn ask(State(app): State<App>, headers: HeaderMap) -> Result<Json<Linked>, Refusal> {
    let granted = sso::granted(&app, &Method::GET, &headers, LINK).await?;
    let (person, id) = (granted.person, granted.client.id().to_owned());
    let link = app.db.read(move |conn| store::of_person(conn, &person, &id)).await?;
    let account = link.as_ref().map(|link| account(&app, link)).transpose()?;
    Ok(Json(Linked {
        account: account.map(|account| account.account),
        linked_at: link.map(|link| link.linked_at),
    }))
}

/// A portal ends the link of the person.
pub(super) async fn end(State(app): State<App>, headers: HeaderMap) -> Result<StatusCode, Refusal> {
    let granted = sso::granted(&app, &Method::DELETE, &headers, LINK).await?;
    let (person, id, now) = (granted.person, granted.client.id().to_owned(), app.clock.now());
    let ended = app.db.write(move |tx| store::unlink(tx, &person, &id, now)).await?;
    if ended {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found().into())
    }
}
