use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use civil::{CardQr, Sex};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{parse, read};
use crate::app::App;
use crate::registration::http::{CheckCard, compare, judged, next};
use crate::registration::rules::{Asker, Draft, Step};
use crate::registration::{DraftId, Refusal, load, load_at, store};
use crate::shell::filters;
use crate::shell::input::{Input, Path, Upload};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};

/// The three ways to give the card's data, with what was typed.
#[derive(Template, Serialize)]
#[template(path = "registration/pages/card.html")]
pub(in crate::registration) struct ScanCard {
    draft: DraftId,
    step: Step,
    masked_number: String,
    masked_phone: String,
    expires_at: Timestamp,
    #[serde(skip)]
    typed: CardForm,
}

impl ScanCard {
    /// The forms of a registration.
    pub(in crate::registration) fn new(draft: DraftId, asker: &Asker, expires_at: Timestamp) -> Self {
        Self {
            draft,
            step: Step::Card,
            masked_number: asker.number.masked(),
            masked_phone: asker.phone.masked(),
            expires_at,
            typed: CardForm::default(),
        }
    }

    fn of(draft: &Draft, typed: CardForm) -> Self {
        Self {
            typed,
            ..Self::new(draft.id, &draft.asker, draft.expires_at)
        }
    }
}

/// The card's data: the text of its code, or what is printed on it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::registration) struct CardForm {
    qr: String,
    full_name: String,
    date_of_birth: String,
    sex: String,
    address: String,
    issued_on: String,
    old_number: String,
}

/// Shows the forms; also later, to give another card.
pub(in crate::registration) async fn ask(State(app): State<App>, Path(id): Path<DraftId>) -> Result<Response, Problem> {
    let draft = load(&app, id).await?;
    Ok(if matches!(draft.step(), Step::Card | Step::Check | Step::Code) {
        Page(ScanCard::of(&draft, CardForm::default())).into_response()
    } else {
        next(&draft)
    })
}

/// Takes the text of the code, or what was typed.
pub(in crate::registration) async fn give(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    Input(form): Input<CardForm>,
) -> Result<Next<CheckCard>, Problem> {
    let draft = load_at(&app, id, &[Step::Card, Step::Check, Step::Code]).await?;
    let card = form
        .card(&draft)
        .map_err(|problem| problem.on(ScanCard::of(&draft, form.clone())))?;
    take(&app, draft, card).await
}

/// Takes a picture of the card, or a frame of a camera, and reads its code.
pub(in crate::registration) async fn scan(
    State(app): State<App>,
    Path(id): Path<DraftId>,
    upload: Result<Upload, Problem>,
) -> Result<Next<CheckCard>, Problem> {
    let draft = load_at(&app, id, &[Step::Card, Step::Check, Step::Code]).await?;
    let on_form = |problem: Problem| problem.on(ScanCard::of(&draft, CardForm::default()));
    let picture = upload.map_err(on_form)?.file("picture").ok_or_else(|| {
        let fault = Fault::new("picture", "registration-picture-missing");
        on_form(Problem::invalid(vec![fault]))
    })?;
    let card = read(&app, picture).await.map_err(on_form)?;
    take(&app, draft, card).await
}

/// Keeps a card and compares it. A registry that gives no answer does not lose it.
async fn take(app: &App, draft: Draft, card: CardQr) -> Result<Next<CheckCard>, Problem> {
    let (id, now) = (draft.id, app.clock.now());
    if card.number != draft.asker.number {
        return Err(Refusal::OtherCard
            .problem(now)
            .on(ScanCard::of(&draft, CardForm::default())));
    }
    let sealed = app.vault.seal_record("registration_draft", "card", id.bytes(), &card)?;

    let kept = sealed.clone();
    if !app.db.write(move |tx| store::set_card(tx, &id, &kept, now)).await? {
        return Err(Refusal::Gone.problem(now));
    }
    let draft = Draft {
        card: Some(card),
        card_sealed: Some(sealed),
        verdict: None,
        identity: None,
        code_sent_at: None,
        ..draft
    };
    let draft = compare(app, draft).await?;

    Ok(Next {
        to: Step::Check.address(&id),
        view: judged(&draft, now)?,
    })
}

impl CardForm {
    /// The card that the text or the typed fields say, put together as its code would.
    fn card(&self, draft: &Draft) -> Result<CardQr, Problem> {
        if !self.qr.trim().is_empty() {
            return parse(&self.qr, "qr");
        }
        let sex = match self.sex.as_str() {
            "male" => Sex::Male.vietnamese(),
            "female" => Sex::Female.vietnamese(),
            other => other,
        };
        let text = [
            draft.asker.number.as_str(),
            self.old_number.trim(),
            &self.full_name,
            &compact(&self.date_of_birth),
            sex,
            &self.address,
            &compact(&self.issued_on),
        ];
        let text = text.map(|field| field.replace(['|', '\r', '\n'], " ")).join("|");
        parse(&text, "qr")
    }
}

/// A date as the code has it, from `2001-02-03`, `03/02/2001`, `3.2.2001` or `03022001`; anything else as it is, to be refused.
fn compact(text: &str) -> String {
    let text = text.trim();
    let date = Date::strptime("%Y-%m-%d", text)
        .or_else(|_| Date::strptime("%d/%m/%Y", text))
        .or_else(|_| Date::strptime("%d.%m.%Y", text));
    date.map_or_else(|_| text.to_owned(), |date| date.strftime("%d%m%Y").to_string())
}
