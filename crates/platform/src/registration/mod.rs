//! Registration (F01): from a personal number, a phone and the card's QR code to an account of level 0.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET, POST /registration` | begins: `number`, `phone` |
//! | `GET /registration/{draft}` | leads to the step that comes next |
//! | `GET, POST /registration/{draft}/card` | the card's data: `qr`, or `full_name`, `date_of_birth`, `sex`, `address`, `issued_on`, `old_number` |
//! | `POST /registration/{draft}/card/picture` | the same from a picture of the card, or from a frame of a camera: the file `picture` |
//! | `GET, POST /registration/{draft}/check` | the card beside the population database; accepts the terms: `terms` |
//! | `GET, POST /registration/{draft}/code` | the code that was sent to the phone: `code` |
//! | `POST /registration/{draft}/code/again` | sends another one |
//! | `GET, POST /registration/{draft}/password` | sets the password, and opens the account: `password`, `repeat` |
//! | `GET /registration/{draft}/done` | the end, the same for everybody |
//!
//! **Invariant:** until its end no answer, and no time to an answer, tells whether the number has an account. Whoever has one is told by SMS.
//! **Invariant:** an account is opened only for a card that agrees with the population database and a phone that received a code.
//! **Invariant:** nothing of the population database is shown here: only which field of the card differs.
//! **Invariant:** a registration is removed when its hour is over, with all that was given.

use ::http::StatusCode;
use axum::Router;
use axum::routing::{get, post};
use civil::CardQr;
use db::Conn;
use jiff::Timestamp;
use jiff::tz::Offset;

use crate::app::{App, Capability};
use crate::shell::clock::civil_date;
use crate::shell::ids::id;
use crate::shell::jobs::Runner;
use crate::shell::problem::Problem;
use crate::shell::texts;

mod card;
mod code;
mod ending;
mod http;
mod jobs;
mod rules;
mod store;

#[cfg(test)]
mod tests;

use rules::{Draft, Step, Verdict};

pub(crate) use card::parse as parse_card;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: learn,
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/registration", get(http::ask).post(http::open))
        .route("/registration/{draft}", get(http::resume))
        .route(
            "/registration/{draft}/card",
            get(card::http::ask).post(card::http::give),
        )
        .route("/registration/{draft}/card/picture", post(card::http::scan))
        .route("/registration/{draft}/check", get(http::check).post(http::accept))
        .route(
            "/registration/{draft}/code",
            get(code::http::ask).post(code::http::confirm),
        )
        .route("/registration/{draft}/code/again", post(code::http::send_again))
        .route(
            "/registration/{draft}/password",
            get(ending::http::ask).post(ending::http::finish),
        )
        .route("/registration/{draft}/done", get(ending::http::show))
}

fn learn(runner: &mut Runner) {
    runner.learn::<jobs::Forget>();
}

id! {
    /// A registration under way. Whoever knows it can go on with it: it is as secret as a session.
    DraftId
}

/// The data in the QR code on a picture of a card.
///
/// # Errors
/// The problems that tell how to take a better picture, or what the QR code is instead.
pub async fn read_card(app: &App, picture: Vec<u8>) -> Result<CardQr, Problem> {
    card::read(app, picture).await
}

/// Why a registration does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Refusal {
    /// There is none of this name, or its hour is over.
    Gone,
    /// Something else has to be done first, or it is done already.
    OtherStep,
    /// The card is another person's than the number that was typed.
    OtherCard,
    /// The population database gives no answer; the registration waits until then.
    RegistrySilent(Timestamp),
    /// Too many cards of this number did not agree today.
    TooManyChecks,
    /// Too many codes were sent to this phone today.
    TooManyCodes,
    /// The code is not the one that was sent; so many tries are left.
    WrongCode(i64),
    /// The tries are used up.
    NoTriesLeft,
    /// The code's five minutes are over.
    LateCode,
    /// The code has done its work already.
    UsedCode,
}

impl Refusal {
    fn problem(self, now: Timestamp) -> Problem {
        let tomorrow = u64::try_from(until_tomorrow(now)).unwrap_or_default();
        match self {
            Refusal::Gone => Problem::new("registration-gone", StatusCode::GONE),
            Refusal::OtherStep => Problem::new("registration-other-step", StatusCode::CONFLICT),
            Refusal::OtherCard => Problem::new("registration-other-card", StatusCode::UNPROCESSABLE_ENTITY),
            Refusal::RegistrySilent(until) => {
                Problem::new("registration-registry-silent", StatusCode::SERVICE_UNAVAILABLE)
                    .retry_after(15)
                    .with("until", Offset::constant(7).to_datetime(until).strftime("%H:%M"))
            }
            Refusal::TooManyChecks => {
                Problem::new("registration-too-many-checks", StatusCode::TOO_MANY_REQUESTS).retry_after(tomorrow)
            }
            Refusal::TooManyCodes => {
                Problem::new("registration-too-many-codes", StatusCode::TOO_MANY_REQUESTS).retry_after(tomorrow)
            }
            Refusal::WrongCode(left) => {
                Problem::new("registration-wrong-code", StatusCode::FORBIDDEN).with("left", left)
            }
            Refusal::NoTriesLeft => Problem::new("registration-no-tries-left", StatusCode::FORBIDDEN),
            Refusal::LateCode => Problem::new("registration-late-code", StatusCode::FORBIDDEN),
            Refusal::UsedCode => Problem::new("registration-used-code", StatusCode::CONFLICT),
        }
    }
}

/// Seconds until the next day begins in Viet Nam, when the counts of a day begin anew.
fn until_tomorrow(now: Timestamp) -> i64 {
    let midnight = civil_date(now).tomorrow().ok();
    let midnight = midnight.and_then(|day| Offset::constant(7).to_timestamp(day.at(0, 0, 0, 0)).ok());
    midnight.map_or(86_400, |midnight| midnight.duration_since(now).as_secs().max(1))
}

/// A registration under way.
async fn load(app: &App, id: DraftId) -> Result<Draft, Problem> {
    let (vault, now) = (app.vault.clone(), app.clock.now());
    app.db
        .read(move |conn: &mut Conn<'_>| {
            let Some(row) = store::find(conn, &id, now)? else {
                return Err(Refusal::Gone.problem(now));
            };
            let open_card = |sealed: &Vec<u8>| vault.open_record("registration_draft", "card", id.bytes(), sealed);
            let open_identity =
                |sealed: &Vec<u8>| vault.open_record("registration_draft", "identity", id.bytes(), sealed);
            Ok(Draft {
                id,
                asker: vault.open_record("registration_draft", "asker", id.bytes(), &row.asker_sealed)?,
                card: row.card_sealed.as_ref().map(open_card).transpose()?,
                card_sealed: row.card_sealed,
                verdict: row.verdict.as_deref().and_then(Verdict::from_text),
                identity: row.identity_sealed.as_ref().map(open_identity).transpose()?,
                code_sent_at: row.code_sent_at,
                confirmed: row.confirmed_at.is_some(),
                finished: row.finished_at.is_some(),
                expires_at: row.expires_at,
            })
        })
        .await
}

/// A registration that has come to a step; elsewhere it is told to go on there.
async fn load_at(app: &App, id: DraftId, allowed: &[Step]) -> Result<Draft, Problem> {
    let draft = load(app, id).await?;
    if allowed.contains(&draft.step()) {
        Ok(draft)
    } else {
        Err(Refusal::OtherStep.problem(app.clock.now()).on(http::Resume::of(&draft)))
    }
}
