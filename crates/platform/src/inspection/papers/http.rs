use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::documents::handovers::{self, Handover, HandoverId, Opening};
use crate::documents::{self, Kind, Showing, Value, Wanted};
use crate::history::{self, Look, Who};
use crate::inspection::http::{Holder, shown};
use crate::inspection::{Attribute, Inspector, Purpose, Purposes};
use crate::registries::{Cause, Subject};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::Path;
use crate::shell::page::Page;
use crate::shell::problem::Problem;
use crate::{accounts, eid};

/// What every receiver sees of whom the papers are, so that they can be told to be theirs.
const WHO: [Attribute; 4] = [
    Attribute::Portrait,
    Attribute::Number,
    Attribute::Name,
    Attribute::Birth,
];

/// A code that is not opened yet.
#[derive(Template, Serialize)]
#[template(path = "inspection/papers/pages/knock.html")]
pub(in crate::inspection) struct Knock {
    id: HandoverId,
    purpose: Purpose,
    kinds: Vec<Kind>,
    /// Whether the asker may open it.
    may: bool,
}

/// Chosen papers, as far as the purpose may see them.
#[derive(Template, Serialize)]
#[template(path = "inspection/papers/pages/handed.html")]
pub(in crate::inspection) struct Handed {
    /// `accept`; `caution` where a paper is missing, old or not in force.
    outcome: &'static str,
    purpose: Purpose,
    at: Timestamp,
    holder: Holder,
    /// The guardian who shows them, where they are a child's or a ward's.
    by: Option<String>,
}

/// Shows what the code asks for.
pub(super) async fn knock(
    State(app): State<App>,
    Purposes(purposes): Purposes,
    Path(id): Path<HandoverId>,
) -> Result<Page<Knock>, Problem> {
    let handover = handovers::find(&app, id).await?;
    Ok(Page(Knock {
        id,
        may: purposes.contains(&handover.purpose),
        purpose: handover.purpose,
        kinds: handover.kinds,
    }))
}

/// Opens the papers.
pub(super) async fn enter(
    State(app): State<App>,
    inspector: Inspector,
    Path(id): Path<HandoverId>,
) -> Result<Page<Handed>, Problem> {
    Ok(Page(open(&app, &inspector, id).await?))
}

/// Opens the papers of a code for a receiver of its purpose.
///
/// # Errors
/// `documents-handover-over`, `inspection-other-purpose`; those of the database.
pub(in crate::inspection) async fn open(app: &App, inspector: &Inspector, id: HandoverId) -> Result<Handed, Problem> {
    let handover = handovers::find(app, id).await?;
    let purpose = inspector.purpose(handover.purpose.word())?;
    let (account, card) = maker(app, handover.person).await?;
    let wanted: Vec<Wanted> = handover
        .kinds
        .iter()
        .filter_map(|kind| purpose.of_paper(*kind))
        .collect();
    let what: Vec<&str> = WHO
        .iter()
        .map(|attribute| attribute.word())
        .chain(wanted.iter().map(|wanted| wanted.kind.what()))
        .collect();

    let at = app.clock.now();
    let seen_by = match inspector.who() {
        Who::Inspector(name) => name,
        _ => String::new(),
    };
    let opening = Opening::draw(app, &handover, &seen_by);
    let whom = subject_in_history(app, &handover).await?;
    let look = Look::now(app, whom, &inspector.who(), purpose.of_history(), &distinct(&what));
    app.db
        .write(move |tx| {
            opening.write(tx)?;
            Ok::<_, Problem>(history::record(tx, &look)?)
        })
        .await?;

    let (mut holder, subject, by) = match handover.whose {
        Some(whose) => (Holder::named(&whose), whose, Some(account.full_name)),
        None => (shown(&card, &WHO), documents::subject(&account), None),
    };
    // The holder has agreed by making the code: its number is the consent's.
    holder.papers = documents::show(app, &subject, &wanted, Cause::agreed("handover", &id)).await;
    let outcome = if holder.papers.iter().all(Showing::is_good) {
        "accept"
    } else {
        "caution"
    };
    Ok(Handed {
        outcome,
        purpose,
        at,
        holder,
        by,
    })
}

fn distinct(words: &[&str]) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for word in words.iter().flat_map(|words| words.split(' ')) {
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    kept.join(" ")
}

/// Who made the code, with the card.
async fn maker(app: &App, person: PersonId) -> Result<(accounts::Account, eid::Eid), Problem> {
    let vault = app.vault.clone();
    let found = app
        .db
        .read(move |conn| {
            let account = accounts::find(conn, &vault, &person)?;
            Ok::<_, Problem>(account.zip(eid::find(conn, &vault, &person)?))
        })
        .await?;
    found.ok_or_else(Problem::not_found)
}

/// In whose history the look stands: that of the child or ward, or where they have no account, the guardian's.
async fn subject_in_history(app: &App, handover: &Handover) -> Result<PersonId, Problem> {
    let ward = match &handover.whose {
        Some(Subject { number, .. }) => accounts::of_number(app, number).await?,
        None => None,
    };
    Ok(ward.map_or(handover.person, |account| account.person))
}
