use axum::extract::State as Of;
use serde::Deserialize;

use crate::app::App;
use crate::officers::{Action, Officer};
use crate::payments;
use crate::procedures::catalogue::{Decision, Outcome};
use crate::procedures::desk::http::{CHOICES, OnDesk, load, next, on, view};
use crate::procedures::dossiers::http::LONGEST;
use crate::procedures::dossiers::{self, Acting, Dossier, DossierId, moved};
use crate::procedures::linked::Following;
use crate::procedures::states::Event;
use crate::shell::input::{Input, Path};
use crate::shell::jobs as outbox;
use crate::shell::page::Next;
use crate::shell::problem::{Fault, Problem};

#[derive(Deserialize)]
pub(in crate::procedures::desk) struct DecisionForm {
    #[serde(default)]
    what: String,
    #[serde(default)]
    words: String,
    /// The fee that is asked for, in đồng.
    #[serde(default)]
    amount: String,
}

/// The greatest fee that is asked for, in đồng.
const GREATEST: u32 = 100_000_000;

impl DecisionForm {
    /// What is to happen; for a fee also how much.
    fn check(&self) -> Result<(Event, u32), Vec<Fault>> {
        let words = self.words.trim();
        let event = Event::of_word(&self.what).filter(|event| CHOICES.contains(event));
        let amount: u32 = self.amount.trim().parse().unwrap_or_default();
        let mut faults = Vec::new();
        if event.is_none() {
            faults.push(Fault::new("what", "procedures-fault-what"));
        }
        if event == Some(Event::Charge) && !(1..=GREATEST).contains(&amount) {
            faults.push(Fault::new("amount", "procedures-fault-amount").with("millions", GREATEST / 1_000_000));
        }
        let needs_words = !matches!(event, Some(Event::Receive | Event::Grant | Event::Resume));
        if (needs_words && words.is_empty()) || words.chars().count() > LONGEST {
            faults.push(Fault::new("words", "procedures-fault-words"));
        }
        match event {
            Some(event) if faults.is_empty() => Ok((event, amount)),
            _ => Err(faults),
        }
    }
}

/// Lets something happen to a dossier.
pub(in crate::procedures::desk) async fn decide(
    Of(app): Of<App>,
    officer: Officer,
    Path(id): Path<DossierId>,
    Input(form): Input<DecisionForm>,
) -> Result<Next<OnDesk>, Problem> {
    let dossier = load(&app, id).await?;
    officer.must(&app, Action::Decide, &on(&dossier, &officer))?;
    let (event, amount) = match form.check() {
        Ok(checked) => checked,
        Err(faults) => {
            let mut view = view(&app, &officer, &dossier).await?;
            view.what = form.what;
            view.words = form.words;
            view.amount = form.amount;
            return Err(Problem::invalid(faults).on(view));
        }
    };
    if dossier.status.after(event).is_none() || (event == Event::Verify && !dossier.may_verify(&app)?) {
        return Err(moved());
    }

    let (acting, orders) = acting(&app, &officer, &dossier, (event, form.words.trim())).await?;
    let mut happens = vec![(event, acting)];
    match event {
        // Who receives it at a desk works on it from then on; a result in the wallet is in the applicant's hands at once.
        Event::Receive => happens.push((Event::Begin, Acting::officer(&officer, ""))),
        Event::Grant | Event::Refuse => happens.push((Event::Return, Acting::nobody(""))),
        _ => {}
    }
    let steps = dossiers::steps(&app, &dossier, &happens)?;
    let after = steps
        .first()
        .map_or_else(|| dossier.clone(), |step| dossier.after(step));
    let following = Following::of(&app, &after, event).await?;
    let charge = (event == Event::Charge).then(|| {
        let what = (payments::Purpose::Procedure, *dossier.id.bytes());
        payments::Opening::draw(&app, dossier.person, what, amount)
    });
    app.db
        .write(move |tx| {
            steps.iter().try_for_each(|step| step.take(tx))?;
            following.take(tx)?;
            charge.iter().try_for_each(|order| order.take(tx))?;
            orders.iter().try_for_each(|order| outbox::enqueue(tx, order))?;
            Ok::<_, Problem>(())
        })
        .await?;
    app.bell.ring();
    let dossier = load(&app, id).await?;
    Ok(next(view(&app, &officer, &dossier).await?))
}

/// Who acts, and what a decision says; with what else is ordered.
async fn acting(
    app: &App,
    officer: &Officer,
    dossier: &Dossier,
    (event, words): (Event, &str),
) -> Result<(Acting, Vec<outbox::Order>), Problem> {
    let mut acting = Acting::officer(officer, words);
    let outcome = match event {
        Event::Grant => {
            let procedure = app.procedures.find(&dossier.code).ok_or_else(Problem::not_found)?;
            procedure.entry.rules.outcome(app, dossier, officer).await?
        }
        Event::Refuse | Event::Reject => Outcome::default(),
        _ => return Ok((acting, Vec::new())),
    };
    acting.decision = Some(Decision {
        granted: event == Event::Grant,
        words: words.to_owned(),
        facts: outcome.facts,
        link: outcome.link,
        by: officer.known_as(),
    });
    Ok((acting, outcome.orders))
}
