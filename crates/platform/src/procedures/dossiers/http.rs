use std::collections::BTreeMap;

use ::http::StatusCode;
use askama::Template;
use axum::extract::State as Of;
use db::Conn;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Acting, Dossier, DossierId, Refiling, Step, find, left, moved, store};
use crate::app::App;
use crate::evidence;
use crate::officers;
use crate::payments;
use crate::procedures::attachments;
use crate::procedures::catalogue::Decision;
use crate::procedures::confirmations;
use crate::procedures::description::Kind;
use crate::procedures::filling::{self, Answered};
use crate::procedures::known::{Fact, Told};
use crate::procedures::linked::{self, Following};
use crate::procedures::states::{Event, Status};
use crate::shell::filters;
use crate::shell::input::{Input, Path, Upload};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;

/// The longest words of an applicant or an officer, in characters.
pub(in crate::procedures) const LONGEST: usize = 2000;

/// A dossier, as its applicant sees it.
#[derive(Clone, Template, Serialize)]
#[template(path = "procedures/pages/dossier.html")]
pub(in crate::procedures) struct Tracked {
    id: DossierId,
    code: String,
    /// The procedure whose sentences name the fields.
    #[serde(skip)]
    sentences: String,
    /// The linked procedure that it is a part of.
    main: Option<DossierId>,
    /// The parts of a linked procedure.
    parts: Vec<linked::Outline>,
    number: String,
    status: Status,
    /// The national code, 1 to 10.
    status_code: i64,
    /// The body that is competent.
    unit: String,
    basis: Vec<String>,
    opened_at: Timestamp,
    submitted_at: Option<Timestamp>,
    received_at: Option<Timestamp>,
    deadline_at: Option<Timestamp>,
    /// On what the limit rests.
    deadline_basis: Option<String>,
    /// Until when somebody is asked to confirm it, and on what that rests.
    awaits: Option<(Timestamp, String)>,
    /// The working time that is left, in minutes; none while the clock stands still.
    left_minutes: Option<i64>,
    late: bool,
    paused: bool,
    values: Vec<Value>,
    files: Vec<File>,
    fee: Option<(String, u32)>,
    /// Where the fee is paid.
    payment: Option<String>,
    steps: Vec<Happened>,
    decision: Option<Decision>,
    can_withdraw: bool,
    #[serde(skip)]
    words: String,
}

/// A field that was sent in.
#[derive(Clone, Serialize)]
pub(in crate::procedures) struct Value {
    pub(in crate::procedures) name: String,
    #[serde(skip)]
    pub(in crate::procedures) label: String,
    /// As people read it.
    pub(in crate::procedures) value: String,
    /// The sentence that it is, for a choice.
    #[serde(skip)]
    pub(in crate::procedures) sentence: Option<String>,
    pub(in crate::procedures) rows: Vec<BTreeMap<String, String>>,
    #[serde(skip)]
    pub(in crate::procedures) columns: Vec<(String, String)>,
    pub(in crate::procedures) told: Option<Told>,
}

impl Value {
    /// What a row says in a column.
    #[expect(clippy::unused_self, reason = "templates call methods of the view")]
    pub(in crate::procedures) fn cell<'a>(&self, row: &'a BTreeMap<String, String>, column: &str) -> &'a str {
        row.get(column).map_or("", String::as_str)
    }
}

/// The values of a dossier as pages show them.
pub(in crate::procedures) fn values(app: &App, dossier: &Dossier) -> Vec<Value> {
    let code = dossier.sentences(app);
    let fields = dossier.version(app).map_or(&[][..], |version| version.field.as_slice());
    let shown = |value: &Answered| {
        let mut shown = shown(code, value);
        if let Some(field) = fields.iter().find(|field| field.name == value.name) {
            // As the form has them, not as the alphabet.
            let place = |name: &String| field.columns.iter().position(|column| column.name == *name);
            shown.columns.sort_by_key(|(name, _)| place(name));
        }
        shown
    };
    dossier.filed.values.iter().map(shown).collect()
}

/// A field of a procedure as pages show it.
pub(in crate::procedures) fn shown(code: &str, answered: &Answered) -> Value {
    let label = filling::label(code, &answered.name);
    let is_sentence = answered.kind == Kind::Choice && !answered.value.is_empty();
    let columns = answered.rows.first().map(|row| {
        let named = |column: &String| (column.clone(), format!("{label}-{}", column.replace('_', "-")));
        row.keys().map(named).collect()
    });
    Value {
        name: answered.name.clone(),
        label: answered.fact.map_or(label.clone(), Fact::label),
        value: filling::read_as(answered.kind, &answered.value),
        sentence: is_sentence.then(|| filling::option_label(code, &answered.name, &answered.value)),
        rows: answered.rows.clone(),
        columns: columns.unwrap_or_default(),
        told: answered.told.clone(),
    }
}

/// A step on the way.
#[derive(Clone, Serialize)]
pub(in crate::procedures) struct Happened {
    pub(in crate::procedures) event: Event,
    pub(in crate::procedures) status: Status,
    pub(in crate::procedures) at: Timestamp,
    /// The officer's name and unit.
    pub(in crate::procedures) officer: Option<String>,
    pub(in crate::procedures) words: String,
}

/// The steps of a dossier, in order.
pub(in crate::procedures) async fn steps(app: &App, dossier: &Dossier) -> Result<Vec<Happened>, Problem> {
    let (vault, person, id) = (app.vault.clone(), dossier.person, dossier.id);
    app.db
        .read(move |conn| {
            let mut happened = Vec::new();
            for row in store::steps(conn, &person, &id)? {
                let officer = match &row.officer {
                    Some(officer) => officers::find(conn, &vault, officer)?,
                    None => None,
                };
                happened.push(Happened {
                    event: row.event,
                    status: row.status,
                    at: row.at,
                    officer: officer.map(|officer| officer.known_as()),
                    words: vault.open_text("procedure_step", "words", row.step.bytes(), &row.words_sealed)?,
                });
            }
            Ok::<_, Problem>(happened)
        })
        .await
}

/// How the names of documents begin that were sent because something was missing.
const SUPPLEMENT: &str = "supplement";

/// A document that is attached.
#[derive(Clone, Serialize)]
pub(in crate::procedures) struct File {
    pub(in crate::procedures) name: String,
    #[serde(skip)]
    pub(in crate::procedures) label: String,
}

/// The documents that are attached, as pages name them.
pub(in crate::procedures) fn files(app: &App, dossier: &Dossier) -> Vec<File> {
    let named = |name: &String| File {
        label: if name.starts_with(SUPPLEMENT) {
            "procedures-supplement-file".to_owned()
        } else {
            format!("procedure-{}-document-{name}", dossier.sentences(app))
        },
        name: name.clone(),
    };
    dossier.filed.files.keys().map(named).collect()
}

impl Tracked {
    /// What the applicant sees now.
    pub(in crate::procedures) async fn load(app: &App, dossier: &Dossier) -> Result<Self, Problem> {
        let (person, id) = (dossier.person, dossier.id);
        let (now, left) = (app.clock.now(), left(app, dossier));
        let read = move |conn: &mut Conn<'_>| {
            let awaits = confirmations::awaited(conn, &person, &id, now)?;
            Ok::<_, db::Error>((payments::open_of(conn, &person, id.bytes())?, awaits))
        };
        let (order, awaits) = app.db.read(read).await?;
        let main = linked::main_of(app, dossier).await?;
        let parts = linked::parts(app, dossier).await?;
        Ok(Self {
            sentences: dossier.sentences(app).to_owned(),
            parts: parts.iter().map(linked::Outline::of).collect(),
            can_withdraw: main.is_none() && dossier.status.after(Event::Withdraw).is_some(),
            main,
            id: dossier.id,
            code: dossier.code.clone(),
            number: dossier.number.clone(),
            status: dossier.status,
            status_code: dossier.status.code(),
            unit: super::body(&dossier.unit),
            basis: dossier.version(app)?.basis.clone(),
            opened_at: dossier.opened_at,
            submitted_at: dossier.clock.submitted_at,
            received_at: dossier.clock.received_at,
            deadline_at: dossier.clock.deadline_at,
            deadline_basis: dossier.deadline_basis.clone(),
            awaits,
            left_minutes: left.map(|left| left.as_mins()),
            late: left.is_some() && dossier.clock.deadline_at.is_some_and(|deadline| deadline < now),
            paused: dossier.status.is_paused(),
            values: values(app, dossier),
            files: files(app, dossier),
            fee: dossier.filed.fee.clone(),
            payment: order.map(|order| format!("/payments/{order}")),
            steps: steps(app, dossier).await?,
            decision: dossier.decision.clone(),
            words: String::new(),
        })
    }

    /// On what the limit rests, where that is not what the procedure rests on.
    fn limit_basis(&self) -> Option<&str> {
        let usual = self.basis.join("; ");
        self.deadline_basis.as_deref().filter(|basis| *basis != usual)
    }

    fn hours(&self) -> String {
        let minutes = self.left_minutes.unwrap_or_default();
        format!("{}:{:02}", minutes / 60, minutes % 60)
    }

    fn result_label(&self, name: &str) -> String {
        format!("procedure-{}-result-{name}", self.sentences)
    }
}

/// A dossier of the asker's own.
pub(in crate::procedures) async fn own(app: &App, citizen: &Citizen, id: DossierId) -> Result<Dossier, Problem> {
    let vault = app.vault.clone();
    let found = app.db.read(move |conn| find(conn, &vault, &id)).await?;
    found
        .filter(|dossier| dossier.person == citizen.person)
        .ok_or_else(Problem::not_found)
}

/// Shows where a dossier stands.
pub(super) async fn show(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<DossierId>,
) -> Result<Page<Tracked>, Problem> {
    let dossier = own(&app, &citizen, id).await?;
    Ok(Page(Tracked::load(&app, &dossier).await?))
}

#[derive(Deserialize)]
pub(super) struct Words {
    #[serde(default)]
    words: String,
}

async fn onward(app: &App, dossier: &Dossier, step: Step, following: Following) -> Result<Next<Tracked>, Problem> {
    let after = dossier.after(&step);
    let (person, id, ends) = (dossier.person, dossier.id, !after.status.is_open());
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            step.take(tx)?;
            following.take(tx)?;
            if ends {
                payments::cancel(tx, &person, id.bytes())?;
                confirmations::cancel(tx, &person, &id, now)?;
            }
            Ok::<_, Problem>(())
        })
        .await?;
    app.bell.ring();
    Ok(Next {
        to: format!("/procedures/dossiers/{}", dossier.id),
        view: Tracked::load(app, &after).await?,
    })
}

/// Takes a dossier back.
pub(super) async fn withdraw(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<DossierId>,
    Input(form): Input<Words>,
) -> Result<Next<Tracked>, Problem> {
    let dossier = own(&app, &citizen, id).await?;
    let words: String = form.words.trim().chars().take(LONGEST).collect();
    if linked::main_of(&app, &dossier).await?.is_some() {
        return Err(Problem::new("procedures-part", StatusCode::CONFLICT));
    }
    let step = Step::draw(&app, &dossier, Event::Withdraw, Acting::nobody(&words))?;
    let following = Following::of_withdrawal(&app, &dossier).await?;
    onward(&app, &dossier, step, following).await
}

/// Sends what was missing, with a document or without.
pub(super) async fn supply(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<DossierId>,
    mut form: Upload,
) -> Result<Next<Tracked>, Problem> {
    let mut dossier = own(&app, &citizen, id).await?;
    if dossier.status != Status::Supplement {
        return Err(moved());
    }
    let words = form.field("words").to_owned();
    let mut faults = Vec::new();
    if words.is_empty() || words.chars().count() > LONGEST {
        faults.push(Fault::new("words", "procedures-fault-words"));
    }
    let mut placed = None;
    if let Some(content) = form.file("file") {
        match attachments::place(&app, dossier.person, &content).await? {
            Some((piece, attached)) => {
                let name = format!("{SUPPLEMENT}-{}", dossier.filed.files.len() + 1);
                dossier.filed.files.insert(name, attached);
                placed = Some(piece);
            }
            None => faults.push(Fault::new("file", "procedures-fault-file")),
        }
    }
    if !faults.is_empty() {
        let mut view = Tracked::load(&app, &dossier).await?;
        view.words = words;
        return Err(Problem::invalid(faults).on(view));
    }
    let step = Step::draw(&app, &dossier, Event::Supply, Acting::nobody(&words))?;
    let (after, now) = (dossier.after(&step), app.clock.now());
    let refiling = Refiling::draw(&app, &dossier)?;
    app.db
        .write(move |tx| {
            if let Some(piece) = &placed {
                evidence::keep(tx, piece, now)?;
                refiling.take(tx)?;
            }
            step.take(tx)
        })
        .await?;
    app.bell.ring();
    Ok(Next {
        to: format!("/procedures/dossiers/{id}"),
        view: Tracked::load(&app, &after).await?,
    })
}
