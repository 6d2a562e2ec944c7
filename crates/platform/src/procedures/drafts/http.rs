use std::collections::BTreeMap;

use ::http::StatusCode;
use askama::Template;
use axum::Json;
use axum::extract::State as Of;
use axum::response::{IntoResponse as _, Response};
use civil::PersonalNumber;
use db::Tx;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::sending::http::Checking;
use super::{Draft, DraftId, kept_until, store};
use crate::app::App;
use crate::evidence::{self, PieceId, Removal};
use crate::procedures::description::{Procedure, Version, Whom};
use crate::procedures::filling::{self, Attached, Content, Form, Shown};
use crate::procedures::http::Overview;
use crate::procedures::known::{self, For, Known};
use crate::shell::filters;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::Citizen;
use crate::signin;

/// How many drafts one person may have.
const MOST_DRAFTS: usize = 20;

/// The form.
#[derive(Clone, Template, Serialize)]
#[template(path = "procedures/pages/form.html")]
pub(in crate::procedures) struct Filling {
    id: DraftId,
    code: String,
    whom: Whom,
    fields: Vec<Shown>,
    documents: Vec<Wanted>,
    saved_at: Timestamp,
    /// It is removed after this day, unless it is saved again.
    kept_until: Date,
    /// The first day of the description in force, where it changed while the draft lay open.
    changed: Option<Date>,
}

/// A document that is asked for.
#[derive(Clone, Serialize)]
struct Wanted {
    name: String,
    optional: bool,
    /// The size of what is attached.
    kilobytes: Option<usize>,
}

/// A draft with all that a page needs of it.
pub(in crate::procedures) struct Opened<'a> {
    pub(super) draft: Draft,
    pub(super) procedure: &'a Procedure,
    pub(super) version: &'a Version,
    pub(super) known: Known,
    today: Date,
    kept_until: Date,
}

impl<'a> Opened<'a> {
    /// A draft of the asker's own, under the description in force today.
    pub(in crate::procedures) async fn load(
        app: &'a App,
        citizen: &Citizen,
        id: DraftId,
        how: For,
    ) -> Result<Self, Problem> {
        let draft = Draft::load(app, citizen, id).await?;
        let person = citizen.person;
        let (procedure, version) = in_force(app, &draft.code)?;
        let known = known::gather(app, person, version.level, &draft.content, how).await?;
        Ok(Self {
            today: app.clock.today(),
            kept_until: kept_until(app, draft.saved_at),
            draft,
            procedure,
            version,
            known,
        })
    }

    pub(super) fn form(&self) -> Form<'_> {
        Form {
            procedure: self.procedure,
            version: self.version,
            content: &self.draft.content,
            known: &self.known,
            today: self.today,
        }
    }

    /// What is wrong with it that only a database can tell.
    pub(super) async fn ready(&self, app: &App) -> Result<Vec<Fault>, Problem> {
        let form = self.form();
        self.procedure.entry.rules.ready(app, &form).await
    }

    /// The first day of the description in force, where it is another than that under which the draft was saved.
    pub(super) fn changed(&self) -> Option<Date> {
        Some(self.version.from).filter(|from| *from != self.draft.described_on)
    }

    /// Whether a document is asked for.
    pub(in crate::procedures) fn asks_for(&self, name: &str) -> bool {
        let form = self.form();
        let mut asked = self.version.document.iter();
        asked.any(|document| document.name == name && form.applies(document.when.as_ref()))
    }

    /// Puts a document in the place of the one before, or takes it away; the piece that was there.
    pub(in crate::procedures) fn attach(&mut self, name: String, file: Option<Attached>) -> Option<PieceId> {
        let files = &mut self.draft.content.files;
        let before = match file {
            Some(file) => files.insert(name, file),
            None => files.remove(&name),
        };
        before.map(|before| before.piece)
    }

    /// The draft, sealed as it is now.
    pub(in crate::procedures) fn sealed(&mut self, app: &App) -> Result<store::Row, Problem> {
        self.draft.saved_at = app.clock.now();
        self.kept_until = kept_until(app, self.draft.saved_at);
        self.draft.sealed(&app.vault)
    }

    /// Saves it.
    pub(in crate::procedures) fn save(tx: &mut Tx<'_>, row: &store::Row) -> Result<(), Problem> {
        if store::save(tx, row)? {
            Ok(())
        } else {
            Err(Problem::not_found())
        }
    }

    pub(in crate::procedures) fn view(&self) -> Filling {
        let form = self.form();
        let asked = self.version.document.iter();
        let asked = asked.filter(|document| form.applies(document.when.as_ref()));
        let documents = asked.map(|document| {
            let file = self.draft.content.files.get(&document.name);
            Wanted {
                name: document.name.clone(),
                optional: document.optional,
                kilobytes: file.map(|file| file.size.div_ceil(1024)),
            }
        });
        Filling {
            documents: documents.collect(),
            id: self.draft.id,
            code: self.draft.code.clone(),
            whom: self.draft.content.whom,
            fields: filling::shown(&self.form()),
            saved_at: self.draft.saved_at,
            kept_until: self.kept_until,
            changed: self.changed(),
        }
    }

    pub(super) async fn keep(&mut self, app: &App) -> Result<(), Problem> {
        let row = self.sealed(app)?;
        app.db.write(move |tx| Self::save(tx, &row)).await
    }
}

/// A procedure and what is in force of it today.
pub(in crate::procedures) fn in_force<'a>(app: &'a App, code: &str) -> Result<(&'a Procedure, &'a Version), Problem> {
    let found = app.procedures.find(code).filter(|found| found.part_of.is_none());
    let procedure = found.ok_or_else(Problem::not_found)?;
    let version = procedure.on(app.clock.today());
    let version = version.ok_or_else(|| Problem::new("procedures-not-in-force", StatusCode::GONE))?;
    Ok((procedure, version))
}

#[derive(Deserialize)]
pub(in crate::procedures) struct OpenForm {
    #[serde(default)]
    whom: String,
    #[serde(default)]
    child: String,
    #[serde(default)]
    passcode: String,
}

/// Opens a draft.
pub(in crate::procedures) async fn open(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(code): Path<String>,
    Input(form): Input<OpenForm>,
) -> Result<Next<Filling>, Problem> {
    let (_, version) = in_force(&app, &code)?;
    known::applicant(&app, citizen.person, version.level).await?;
    let whom = Whom::of_word(&form.whom).filter(|whom| version.whom.contains(whom));
    let child = Some(&form.child).filter(|_| whom == Some(Whom::Child));
    let child = child.map(|number| PersonalNumber::parse(number));
    let (Some(whom), None | Some(Ok(_))) = (whom, &child) else {
        let field = if whom.is_none() { "whom" } else { "child" };
        let view = Overview::load(&app, &citizen, &code).await?;
        return Err(Problem::invalid(vec![Fault::new(field, "procedures-fault-whom")]).on(view));
    };
    if version.passcode
        && let Err(problem) = signin::check_passcode(&app, &citizen.person, &form.passcode).await
    {
        return Err(problem.on(Overview::load(&app, &citizen, &code).await?));
    }
    let draft = Draft {
        person: citizen.person,
        id: DraftId::draw(&app.chance),
        code,
        described_on: version.from,
        content: Content::new(whom, child.and_then(Result::ok)),
        saved_at: app.clock.now(),
    };
    // Whether the applicant may act for this child is asked before anything is kept.
    known::gather(&app, citizen.person, version.level, &draft.content, For::Showing).await?;
    let (id, person, row) = (draft.id, citizen.person, draft.sealed(&app.vault)?);
    app.db
        .write(move |tx| {
            if store::list(tx, &person)?.len() >= MOST_DRAFTS {
                return Err(Problem::new("procedures-many-drafts", StatusCode::CONFLICT));
            }
            Ok(store::insert(tx, &row)?)
        })
        .await?;

    Ok(Next {
        to: format!("/procedures/drafts/{id}"),
        view: Opened::load(&app, &citizen, id, For::Showing).await?.view(),
    })
}

/// Shows the form.
pub(super) async fn show(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<DraftId>,
) -> Result<Page<Filling>, Problem> {
    Ok(Page(Opened::load(&app, &citizen, id, For::Showing).await?.view()))
}

/// Saves what was typed.
pub(super) async fn save(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<DraftId>,
    Input(typed): Input<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    if typed.get("go").is_some_and(|go| go == "keep") {
        return keep(&app, &citizen, id, &typed).await;
    }
    let mut opened = Opened::load(&app, &citizen, id, For::Showing).await?;
    let changed = opened.changed();
    opened.draft.content.take(opened.version, &typed);
    opened.draft.described_on = opened.version.from;
    opened.keep(&app).await?;

    if typed.get("go").is_none_or(|go| go != "check") {
        let to = format!("/procedures/drafts/{id}");
        let view = Filling {
            changed,
            ..opened.view()
        };
        return Ok(Next { to, view }.into_response());
    }
    let faults = filling::check(&opened.form());
    if !faults.is_empty() {
        let view = Filling {
            changed,
            ..opened.view()
        };
        return Err(Problem::invalid(faults).on(view));
    }
    Ok(Next {
        to: format!("/procedures/drafts/{id}/check"),
        view: Checking::of(&opened),
    }
    .into_response())
}

/// Saves what was typed while it is being typed: no source is asked, and nothing is shown. What lay unsent on a device overwrites nothing that
/// was saved from another one meanwhile.
async fn keep(
    app: &App,
    citizen: &Citizen,
    id: DraftId,
    typed: &BTreeMap<String, String>,
) -> Result<Response, Problem> {
    let mut draft = Draft::load(app, citizen, id).await?;
    let (_, version) = in_force(app, &draft.code)?;
    let before = draft.saved_at;
    let changed = || Problem::new("procedures-draft-changed", StatusCode::CONFLICT);
    if typed.get("since").is_some_and(|since| *since != before.to_string()) {
        return Err(changed());
    }
    draft.content.take(version, typed);
    draft.saved_at = app.clock.now();
    let (row, saved_at) = (draft.sealed(&app.vault)?, draft.saved_at);
    let (person, draft) = (citizen.person, draft.id);
    app.db
        .write(move |tx| {
            // Of two devices at once the second is told.
            match store::find(tx, &person, &draft)? {
                Some(found) if found.saved_at != before => Err(changed()),
                _ => Opened::save(tx, &row),
            }
        })
        .await?;
    Ok(Json(json!({ "saved_at": saved_at })).into_response())
}

/// Throws a draft away.
pub(super) async fn remove(
    Of(app): Of<App>,
    citizen: Citizen,
    Path(id): Path<DraftId>,
) -> Result<Next<crate::procedures::http::Procedures>, Problem> {
    let (vault, person, removal) = (app.vault.clone(), citizen.person, Removal::now(&app, citizen.person));
    app.db
        .write(move |tx| {
            let row = store::find(tx, &person, &id)?.ok_or_else(Problem::not_found)?;
            let draft = Draft::of(&vault, row)?;
            let pieces: Vec<PieceId> = draft.content.files.values().map(|file| file.piece).collect();
            store::remove(tx, &person, &id)?;
            Ok::<_, Problem>(evidence::drop_pieces(tx, &removal, &pieces)?)
        })
        .await?;
    app.bell.ring();
    Ok(Next {
        to: "/procedures".to_owned(),
        view: crate::procedures::http::Procedures::load(&app, &citizen, None).await?,
    })
}
