use ::http::StatusCode;
use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::linking::ProposalId;
use crate::linking::http::{Kept, account, link};
use crate::linking::rules::{Account, Match};
use crate::linking::store::{self, Link, Proposal};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::sso;

/// Asks the person which account is the own one.
#[derive(Template, Serialize)]
#[template(path = "linking/pages/ask.html")]
pub(in crate::linking) struct Ask {
    proposal: ProposalId,
    portal: String,
    accounts: Vec<Shown>,
    /// Only name and date of birth agree: the portal has no number.
    by_name: bool,
}

#[derive(Serialize)]
struct Shown {
    account: String,
    label: String,
    /// The last digits of the number that the portal has.
    number: String,
}

async fn load(app: &App, person: &PersonId, id: ProposalId) -> Result<(Proposal, Kept, Ask), Problem> {
    let (person, now) = (*person, app.clock.now());
    let row = app.db.read(move |conn| store::waiting(conn, &person, &id, now)).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let kept: Kept = app
        .vault
        .open_record("linking_proposal", "accounts", id.bytes(), &row.accounts_sealed)?;
    let ask = Ask {
        proposal: id,
        portal: name(app, &row.client_id).await?,
        accounts: kept.accounts.iter().map(show).collect(),
        by_name: kept.by_name,
    };
    Ok((row, kept, ask))
}

async fn name(app: &App, client_id: &str) -> Result<String, Problem> {
    let client = sso::find(app, client_id).await?;
    Ok(client.map_or_else(|| client_id.to_owned(), |client| client.name().to_owned()))
}

fn show(account: &Account) -> Shown {
    let last = account.number.len().saturating_sub(3);
    Shown {
        account: account.account.clone(),
        label: account.shown().to_owned(),
        number: account.number.get(last..).unwrap_or_default().to_owned(),
    }
}

/// Asks.
pub(in crate::linking) async fn ask(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<ProposalId>,
) -> Result<Page<Ask>, Problem> {
    let (_, _, ask) = load(&app, &citizen.person, id).await?;
    Ok(Page(ask))
}

/// The person's answer; without an account: none of them.
#[derive(Deserialize)]
pub(in crate::linking) struct Chosen {
    #[serde(default)]
    account: String,
    #[serde(default)]
    answer: String,
}

/// What became of it.
#[derive(Template, Serialize)]
#[template(path = "linking/pages/done.html")]
pub(in crate::linking) struct Done {
    portal: String,
    /// The account, if one was linked.
    account: Option<String>,
    return_to: String,
}

/// Links what the person chose.
pub(in crate::linking) async fn answer(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<ProposalId>,
    Input(form): Input<Chosen>,
) -> Result<Page<Done>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    let (row, kept, ask) = load(&app, &person, id).await?;
    let chosen = kept.accounts.iter().find(|account| account.account == form.account);
    let (chosen, refuses) = (chosen.cloned(), form.answer == "none");
    if chosen.is_none() && !refuses {
        return Err(Problem::invalid(vec![Fault::new("account", "linking-fault-account")]).on(ask));
    }
    let how = if kept.by_name { Match::Name } else { Match::Number };
    let chosen = chosen.filter(|_| !refuses);
    let new = chosen
        .as_ref()
        .map(|account| link(&app, &row.client_id, account, how))
        .transpose()?;
    app.db
        .write(move |tx| {
            if !store::settle(tx, &person, &id, now)? {
                return Err(Problem::not_found());
            }
            match &new {
                Some(new) => store::link(tx, &person, new)?.map_err(|occupied| {
                    Problem::new("linking-occupied", StatusCode::CONFLICT).with("reason", occupied.word())
                }),
                None => Ok(()),
            }
        })
        .await?;
    Ok(Page(Done {
        portal: ask.portal,
        account: chosen.map(|account| account.shown().to_owned()),
        return_to: kept.return_to,
    }))
}

/// The person's links.
#[derive(Template, Serialize)]
#[template(path = "linking/pages/links.html")]
pub(in crate::linking) struct Links {
    links: Vec<ShownLink>,
}

#[derive(Serialize)]
struct ShownLink {
    client_id: String,
    portal: String,
    label: String,
    how: String,
    linked_at: Timestamp,
}

async fn view(app: &App, person: PersonId) -> Result<Links, Problem> {
    let mut links = Vec::new();
    for link in app.db.read(move |conn| store::list(conn, &person)).await? {
        links.push(shown(app, link).await?);
    }
    Ok(Links { links })
}

async fn shown(app: &App, link: Link) -> Result<ShownLink, Problem> {
    Ok(ShownLink {
        portal: name(app, &link.client_id).await?,
        label: account(app, &link)?.shown().to_owned(),
        how: link.how,
        linked_at: link.linked_at,
        client_id: link.client_id,
    })
}

/// Shows the person's links.
pub(in crate::linking) async fn list(State(app): State<App>, citizen: Citizen) -> Result<Page<Links>, Problem> {
    Ok(Page(view(&app, citizen.person).await?))
}

/// Which link shall end.
#[derive(Deserialize)]
pub(in crate::linking) struct Unlink {
    client_id: String,
}

/// Ends a link.
pub(in crate::linking) async fn unlink(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<Unlink>,
) -> Result<Next<Links>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    let ended = app
        .db
        .write(move |tx| store::unlink(tx, &person, &form.client_id, now))
        .await?;
    if !ended {
        return Err(Problem::not_found());
    }
    Ok(Next {
        to: "/account/links".to_owned(),
        view: view(&app, person).await?,
    })
}
