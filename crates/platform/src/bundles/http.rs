use ::http::{HeaderMap, Method, StatusCode};
use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credentials::bundle::{Asked, Assurance, Bundle, Card, Consented, Face, Returned, Standing};
use crypto::digest::sha256;
use jiff::Timestamp;
use oidc::claims::Scope;
use serde::{Deserialize, Serialize};

use crate::accounts::{self, Account};
use crate::app::App;
use crate::biometrics::{Decision, FaceReference, FaceSample, compare_faces};
use crate::consents::{self, Agreed};
use crate::eid;
use crate::history::{self, Look, Purpose, Who};
use crate::issuance;
use crate::ledger::{self, Commitment, Kind};
use crate::locks::{self, Asking};
use crate::registries::{self, Person};
use crate::shell::input::Input;
use crate::shell::picture::{self, Wanted};
use crate::shell::problem::Problem;
use crate::sso::{self, Granted, Refusal};

const PATH: &str = "/bundles";
const MOST_REFERENCE: usize = 64;
/// What is asked of a picture whose face is compared.
const PORTRAIT: Wanted = Wanted {
    shortest: 300,
    longest: 1600,
};

/// What an organisation asks for; which data, the token says.
#[derive(Deserialize)]
pub(super) struct Ask {
    #[serde(default)]
    reference: Option<String>,
    /// A picture of the customer, JPEG in base64, to be compared with the one on record.
    #[serde(default)]
    portrait: Option<String>,
}

/// The bundle, and where its proof will be.
#[derive(Serialize)]
pub(super) struct Made {
    bundle: String,
}

/// Makes a bundle.
pub(super) async fn make(
    State(app): State<App>,
    headers: HeaderMap,
    Input(ask): Input<Ask>,
) -> Result<Json<Made>, Refusal> {
    let granted = sso::granted(&app, &Method::POST, &headers, PATH).await?;
    let bundle = made(&app, &granted, ask).await?;
    Ok(Json(Made { bundle }))
}

async fn made(app: &App, granted: &Granted, ask: Ask) -> Result<String, Problem> {
    let malformed = || Problem::new("bundles-malformed", StatusCode::UNPROCESSABLE_ENTITY);
    let reference = ask.reference.filter(|text| !text.is_empty());
    let is_short = |text: &String| text.chars().count() <= MOST_REFERENCE && !text.chars().any(char::is_control);
    if !reference.as_ref().is_none_or(is_short) {
        return Err(malformed());
    }
    let picture = ask.portrait.map(|text| STANDARD.decode(text)).transpose();
    let picture = picture.map_err(|cause| malformed().caused_by(cause))?;

    let found = found(app, granted).await?;
    let bundle = filled(app, granted, found, (reference, picture)).await?;
    let signed = issuance::sign_bundle(app, &bundle)?;
    let commitment = commitment(app, &bundle, &signed);
    let who = Who::Partner(granted.client.name().to_owned());
    let look = Look::now(app, granted.person, &who, Purpose::Bundle, &what(&bundle.returned));
    app.db
        .write(move |tx| {
            history::record(tx, &look)?;
            ledger::commit(tx, &commitment)
        })
        .await?;
    Ok(signed)
}

/// The bundle, filled from the databases as they are now.
async fn filled(
    app: &App,
    granted: &Granted,
    found: Found,
    (reference, picture): (Option<String>, Option<Vec<u8>>),
) -> Result<Bundle, Problem> {
    let record = registries::person(app, &found.account.number, "bundle").await?;
    let record = record.ok_or_else(Problem::not_found)?.record;
    let returned = returned(app, granted, (&found.account, &record), picture).await?;
    let now = app.clock.now();
    let agreed = found.agreed;
    let terms = granted.client.terms(&agreed.purpose);
    let sub = sso::pairwise(app, granted.client.id(), &granted.person).await?;
    Ok(Bundle {
        iss: sso::issuer(app).to_string(),
        aud: granted.client.id().to_owned(),
        sub: sub.unwrap_or_default(),
        jti: hex::encode(app.chance.bytes::<16>()),
        iat: now.as_second(),
        asked: Asked {
            by: granted.client.name().to_owned(),
            reason: terms.map(|terms| terms.reason.clone()).unwrap_or_default(),
            scope: granted.scopes.to_string(),
            reference,
            purpose: agreed.purpose,
        },
        consented: Consented {
            scope: agreed.scopes,
            at: agreed.at,
            until: agreed.until,
            basis: agreed.basis,
        },
        returned,
        assurance: assurance(granted, &found.account, now),
        standing: Standing {
            account: "active".to_owned(),
            eid: found.eid.to_owned(),
            person: word(&record.life),
        },
    })
}

/// How strongly the person was authenticated.
fn assurance(granted: &Granted, account: &Account, now: Timestamp) -> Assurance {
    let sign_in = granted.sign_in.as_ref();
    let methods = sign_in.map(|sign_in| sign_in.methods.split_whitespace().map(str::to_owned).collect());
    Assurance {
        authentication: sign_in.map_or(1, |sign_in| sign_in.assurance),
        methods: methods.unwrap_or_default(),
        at: sign_in.map_or(now, |sign_in| sign_in.at),
        account: account.level.number(),
    }
}

/// The word by which a value is told in JSON.
fn word(value: &impl Serialize) -> String {
    let told = serde_json::to_value(value).ok();
    told.and_then(|told| told.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// What is known of the person here, if nothing keeps the organisation from being told.
struct Found {
    account: Account,
    agreed: Agreed,
    eid: &'static str,
}

async fn found(app: &App, granted: &Granted) -> Result<Found, Problem> {
    let (vault, person, now) = (app.vault.clone(), granted.person, app.clock.now());
    let (client, scopes) = (granted.client.clone(), granted.scopes.clone());
    app.db
        .read(move |conn| {
            if locks::refusal(conn, &person, &Asking::of(&client), now)?.is_some() {
                return Err(Problem::new("bundles-locked", StatusCode::FORBIDDEN));
            }
            let nothing = || Problem::new("bundles-nothing-agreed", StatusCode::FORBIDDEN);
            let tells = scopes.iter().any(|scope| scope != Scope::OpenId);
            let agreed = consents::latest(conn, &person, client.id(), &scopes)?.filter(|_| tells);
            let locked = locks::standing(conn, &person)?.eid_locked();
            Ok(Found {
                account: accounts::own(conn, &vault, &person)?,
                agreed: agreed.ok_or_else(nothing)?,
                eid: if !eid::is_issued(conn, &person)? {
                    "none"
                } else if locked {
                    "locked"
                } else {
                    "valid"
                },
            })
        })
        .await
}

/// The data: each only where its scope was agreed to.
async fn returned(
    app: &App,
    granted: &Granted,
    (account, record): (&Account, &Person),
    picture: Option<Vec<u8>>,
) -> Result<Returned, Problem> {
    let has = |scope| granted.scopes.contains(scope);
    let card = if has(Scope::VneidCard) {
        card(app, account).await?
    } else {
        None
    };
    let face = match picture {
        Some(picture) if has(Scope::VneidFace) => Some(face(app, account, picture).await?),
        _ => None,
    };
    let residence = record
        .permanent_residence
        .as_ref()
        .map(|residence| residence.text.clone());
    Ok(Returned {
        name: has(Scope::Profile).then(|| record.full_name.clone()),
        birthdate: has(Scope::Profile).then_some(record.date_of_birth),
        personal_number: has(Scope::VneidNumber).then(|| account.number.as_str().to_owned()),
        residence: residence.filter(|_| has(Scope::Address)),
        card,
        face,
    })
}

async fn card(app: &App, account: &Account) -> Result<Option<Card>, Problem> {
    let cards = registries::cards(app, &account.number, "bundle").await?;
    let newest = cards.and_then(|answer| answer.record.into_iter().max_by_key(|card| card.issued_on));
    Ok(newest.map(|card| Card {
        issued_on: card.issued_on,
        expires_on: card.expires_on,
        kind: word(&card.layout),
    }))
}

async fn face(app: &App, account: &Account, sent: Vec<u8>) -> Result<Face, Problem> {
    let picture_sha256 = hex::encode(sha256(&sent));
    let drawn = app
        .workshop
        .run(move || {
            let jpeg = picture::renew(&sent, PORTRAIT)?;
            let size = picture::decode(&jpeg).map(|picture| (picture.width(), picture.height()))?;
            Ok::<_, picture::PictureRefusal>((jpeg, size))
        })
        .await?;
    let unfit = |cause| Problem::new("bundles-malformed", StatusCode::UNPROCESSABLE_ENTITY).caused_by(cause);
    let (jpeg, size) = drawn.map_err(unfit)?;
    let sample = FaceSample::of_picture(&jpeg, size).map_err(Problem::internal)?;
    let compared = compare_faces(app, &sample, FaceReference::OnRecord(&account.number), "bundle").await?;
    Ok(Face {
        result: match compared.decision {
            Decision::Match => "match",
            Decision::Differs => "no-match",
            Decision::Undecided => "undecided",
        }
        .to_owned(),
        engine: compared.engine,
        stand_in: compared.stand_in,
        picture_sha256,
    })
}

/// The kinds of data that were told, as the history names them.
fn what(returned: &Returned) -> String {
    let kinds = [
        (returned.name.is_some(), "name birth"),
        (returned.personal_number.is_some(), "number"),
        (returned.residence.is_some(), "address"),
        (returned.card.is_some(), "card"),
        (returned.face.is_some(), "portrait"),
    ];
    let told: Vec<&str> = kinds
        .into_iter()
        .filter(|(told, _)| *told)
        .map(|(_, kind)| kind)
        .collect();
    told.join(" ")
}

/// What the ledger has of a bundle: its digest, and nothing that it tells.
#[derive(Serialize)]
struct Statement<'a> {
    bundle: &'a str,
    sha256: String,
}

fn commitment(app: &App, bundle: &Bundle, signed: &str) -> Commitment {
    let statement = Statement {
        bundle: &bundle.jti,
        sha256: hex::encode(sha256(signed.as_bytes())),
    };
    let made = Timestamp::from_second(bundle.iat).unwrap_or_default();
    Commitment::to(&app.vault, Kind::Bundle, made, &statement)
}

/// Which bundle shall be proved.
#[derive(Deserialize)]
pub(super) struct Shown {
    bundle: String,
}

/// Proves that a bundle is in the ledger: whoever has the bundle may know.
pub(super) async fn proof(
    State(app): State<App>,
    Input(shown): Input<Shown>,
) -> Result<Json<ledger::Witnessed>, Problem> {
    let signed = shown.bundle.trim();
    let bundle = issuance::verify_bundle(&app, signed);
    let not_ours = |cause| Problem::new("bundles-not-ours", StatusCode::UNPROCESSABLE_ENTITY).caused_by(cause);
    let commitment = commitment(&app, &bundle.map_err(not_ours)?, signed);
    let witnessed = ledger::witnessed(&app, &commitment).await?;
    let not_yet = || Problem::new("bundles-not-yet", StatusCode::CONFLICT).retry_after(2);
    witnessed.map(Json).ok_or_else(not_yet)
}
