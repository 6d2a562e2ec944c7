use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::place::http::{PlaceForm, Where, where_page};
use super::{Draft, find, keep, store};
use crate::app::App;
use crate::officers;
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path, Upload};
use crate::shell::page::{Next, Page};
use crate::shell::problem::Problem;
use crate::shell::session::Citizen;
use crate::stays::guests::{Document, Guest, KnownBy, Typed};
use crate::stays::lists::Refused;
use crate::stays::rules::{Place, Reason, deadline, earliest};
use crate::stays::{DraftId, unit};

/// A draft, as its writer sees it.
#[derive(Clone, Template, Serialize)]
#[template(path = "stays/drafts/pages/draft.html")]
pub(super) struct Shown {
    id: DraftId,
    place: Place,
    address_line: String,
    unit: String,
    unit_phone: Option<String>,
    hotline: String,
    reasons: &'static [Reason],
    from: String,
    to: String,
    reason: String,
    guests: Vec<Listed>,
    /// The wrong lines of the last list.
    refused: Vec<Refused>,
    /// The earliest arrival that may be told now, and before when an arrival of now has to be told.
    earliest: Timestamp,
    tell_by: Timestamp,
    /// A guest who is being typed.
    #[serde(skip)]
    typed: Typed,
    /// Guests under age come alone, and the citizen has to say so.
    pub(super) asks_alone: bool,
    of_age: i64,
    of_age_law: String,
}

#[derive(Clone, Serialize)]
struct Listed {
    full_name: String,
    masked_document: String,
    document_kind: &'static str,
    date_of_birth: jiff::civil::Date,
    sex: civil::Sex,
    nationality: String,
    known_by: KnownBy,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Listed {
    fn of(guest: &Guest) -> Self {
        Self {
            full_name: guest.full_name.clone(),
            masked_document: guest.document.masked(),
            document_kind: match guest.document {
                Document::Personal(_) => "personal",
                Document::Passport(_) => "passport",
            },
            date_of_birth: guest.date_of_birth,
            sex: guest.sex,
            nationality: guest.nationality.clone(),
            known_by: guest.known_by,
            from: guest.from,
            to: guest.to,
        }
    }
}

/// What a page shows of a draft.
pub(super) async fn view(app: &App, id: DraftId, draft: Draft) -> Result<Shown, Problem> {
    let commune = draft.place.commune.clone();
    let unit_phone = app.db.read(move |conn| unit::phone(conn, &commune)).await?;
    let now = app.clock.now();
    Ok(Shown {
        id,
        address_line: draft.place.line(),
        unit: officers::unit(&draft.place.commune),
        unit_phone,
        hotline: app.config.official.hotline.clone(),
        reasons: draft.place.kind.reasons(),
        place: draft.place,
        from: draft.from,
        to: draft.to,
        reason: draft.reason,
        guests: draft.guests.iter().map(Listed::of).collect(),
        refused: draft.refused,
        earliest: earliest(now),
        tell_by: deadline(now),
        typed: draft.typed,
        asks_alone: false,
        of_age: app.config.stays.of_age,
        of_age_law: app.config.stays.of_age_law.clone(),
    })
}

pub(super) async fn next(app: &App, id: DraftId, draft: Draft) -> Result<Next<Shown>, Problem> {
    Ok(Next {
        to: format!("/stays/drafts/{id}"),
        view: view(app, id, draft).await?,
    })
}

/// The draft of a citizen.
pub(super) async fn draft(app: &App, person: PersonId, id: DraftId) -> Result<Draft, Problem> {
    let (vault, now) = (app.vault.clone(), app.clock.now());
    app.db.read(move |conn| find(conn, &vault, (&person, &id), now)).await
}

/// Shows a draft.
pub(super) async fn show(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<DraftId>,
) -> Result<Page<Shown>, Problem> {
    let draft = draft(&app, citizen.person, id).await?;
    Ok(Page(view(&app, id, draft).await?))
}

/// Changes a draft as it stands now.
pub(super) async fn change(
    app: &App,
    (person, id): (PersonId, DraftId),
    change: impl Fn(&mut Draft) -> Result<(), Problem> + Send + Sync + 'static,
) -> Result<Draft, Problem> {
    let (vault, now) = (app.vault.clone(), app.clock.now());
    app.db
        .write(move |tx| {
            let mut draft = find(tx, &vault, (&person, &id), now)?;
            change(&mut draft)?;
            keep(tx, &vault, (&person, &id), &draft)?;
            Ok(draft)
        })
        .await
}

/// What stands in the form of a draft, whatever was pressed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Words {
    from: Option<String>,
    to: Option<String>,
    reason: Option<String>,
    full_name: Option<String>,
    document: Option<String>,
    date_of_birth: Option<String>,
    sex: Option<String>,
    nationality: Option<String>,
}

impl Words {
    pub(super) fn of(upload: &Upload) -> Self {
        let said = |name: &str| {
            let field = upload.fields.iter().find(|(field, _)| field == name);
            field.map(|(_, text)| text.trim().to_owned())
        };
        Self {
            from: said("from"),
            to: said("to"),
            reason: said("reason"),
            full_name: said("full_name"),
            document: said("document"),
            date_of_birth: said("date_of_birth"),
            sex: said("sex"),
            nationality: said("nationality"),
        }
    }

    /// The guest whose fields were sent.
    pub(super) fn typed(&self) -> Typed {
        let said = |field: &Option<String>| field.clone().unwrap_or_default();
        Typed {
            full_name: said(&self.full_name),
            document: said(&self.document),
            date_of_birth: said(&self.date_of_birth),
            sex: said(&self.sex),
            nationality: said(&self.nationality),
            ..Typed::default()
        }
    }

    /// Keeps them in a draft; what was not sent stays as it was.
    fn keep_in(&self, draft: &mut Draft) {
        let kept = [&mut draft.from, &mut draft.to, &mut draft.reason];
        for (kept, said) in kept.into_iter().zip([&self.from, &self.to, &self.reason]) {
            if let Some(said) = said {
                kept.clone_from(said);
            }
        }
        if self.full_name.is_some() {
            draft.typed = self.typed();
        }
    }
}

/// The draft of a citizen, with what stands in its form.
pub(super) async fn with(app: &App, of: (PersonId, DraftId), words: &Words) -> Result<Draft, Problem> {
    let words = words.clone();
    let kept = move |draft: &mut Draft| {
        words.keep_in(draft);
        Ok(())
    };
    change(app, of, kept).await
}

/// What is taken out.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Removal {
    guest: String,
    lines: String,
    #[serde(flatten)]
    words: Words,
}

/// Takes a guest out, or drops the wrong lines of a list.
pub(super) async fn remove(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<DraftId>,
    Input(removal): Input<Removal>,
) -> Result<Next<Shown>, Problem> {
    let draft = change(&app, (citizen.person, id), move |draft| {
        removal.words.keep_in(draft);
        if !removal.lines.is_empty() {
            draft.refused.clear();
        }
        if let Ok(place) = removal.guest.parse::<usize>()
            && place < draft.guests.len()
        {
            draft.guests.remove(place);
        }
        Ok(())
    });
    next(&app, id, draft.await?).await
}

/// Throws a draft away.
pub(super) async fn discard(
    State(app): State<App>,
    citizen: Citizen,
    Path(id): Path<DraftId>,
) -> Result<Next<Where>, Problem> {
    let person = citizen.person;
    app.db.write(move |tx| store::delete(tx, &person, &id)).await?;
    Ok(Next {
        to: "/stays".to_owned(),
        view: where_page(&app, person, PlaceForm::default()).await?,
    })
}
