use askama::Template;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fast_qr::convert::Builder as _;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, QRBuilder};
use jiff::Timestamp;
use oidc::claims::{Scope, Scopes};
use oidc::credential::Offer;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::issuance::documents::rules::{Configuration, Document};
use crate::issuance::documents::{self, APP};
use crate::issuance::status::{self, CredentialId};
use crate::recovery::{self, Right};
use crate::shell::filters;
use crate::shell::ids::PersonId;
use crate::shell::input::{Input, Path};
use crate::shell::page::{Next, Page};
use crate::shell::problem::{Fault, Problem};
use crate::shell::session::{Citizen, Session};
use crate::signin;
use crate::sso::{self, NewOffer, Told};

/// The scheme that opens a wallet (`OpenID4VCI` 1.0 section 4.1).
const SCHEME: &str = "openid-credential-offer";
/// The same for wallets of the high assurance profile (HAIP 1.0 section 4.1).
const HAIP_SCHEME: &str = "haip-vci";
/// How many digits a transaction code has.
const DIGITS: usize = 6;

/// The wallets of a person, and a form to add documents to another.
#[derive(Template, Serialize)]
#[template(path = "issuance/wallets/pages/wallets.html")]
pub(super) struct Wallets {
    wallets: Vec<Holding>,
    documents: Vec<&'static str>,
}

/// What one wallet has received at once.
#[derive(Serialize)]
struct Holding {
    batch: CredentialId,
    wallet: String,
    /// Our own app, which is told by a sentence.
    own: bool,
    document: &'static str,
    format: &'static str,
    count: i64,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

/// An offer for a wallet to take up.
#[derive(Template, Serialize)]
#[template(path = "issuance/wallets/pages/offer.html")]
pub(super) struct Offered {
    credential_offer: String,
    credential_offer_haip: String,
    tx_code: String,
    expires_at: Timestamp,
    /// A `data:` address.
    #[serde(skip)]
    qr: String,
}

/// Which documents go to another wallet.
#[derive(Deserialize)]
pub(super) struct OfferForm {
    #[serde(default)]
    eid: Option<String>,
    #[serde(default)]
    driving_licence: Option<String>,
    #[serde(default)]
    vehicles: Option<String>,
    #[serde(default)]
    health_insurance: Option<String>,
    #[serde(default)]
    criminal_record: Option<String>,
    #[serde(default)]
    passcode: String,
}

impl OfferForm {
    fn configurations(&self) -> Vec<Configuration> {
        let wished = |document| match document {
            Document::Eid => self.eid.is_some(),
            Document::Licence => self.driving_licence.is_some(),
            Document::Vehicles => self.vehicles.is_some(),
            Document::Insurance => self.health_insurance.is_some(),
            Document::CriminalRecord => self.criminal_record.is_some(),
        };
        let wished = Document::ALL.into_iter().filter(|(document, ..)| wished(*document));
        wished.flat_map(|(_, first, second)| [first, second]).collect()
    }
}

async fn wallets(app: &App, citizen: &Citizen) -> Result<Wallets, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    let groups = app.db.read(move |conn| status::store::list(conn, &person, now)).await?;
    let mut wallets = Vec::new();
    for group in groups {
        let Some(configuration) = Configuration::from_id(&group.configuration) else {
            continue;
        };
        let client = sso::find(app, &group.client_id).await?;
        wallets.push(Holding {
            batch: group.batch,
            wallet: client.map_or_else(|| group.client_id.clone(), |client| client.name().to_owned()),
            own: group.client_id == APP,
            document: configuration.document().word(),
            format: configuration.format().name(),
            count: group.count,
            issued_at: group.issued_at,
            expires_at: group.expires_at,
        });
    }
    Ok(Wallets {
        wallets,
        documents: Document::ALL
            .into_iter()
            .map(|(document, ..)| document.word())
            .collect(),
    })
}

/// Shows the wallets.
pub(super) async fn show(State(app): State<App>, citizen: Citizen) -> Result<Page<Wallets>, Problem> {
    Ok(Page(wallets(&app, &citizen).await?))
}

/// Makes an offer, for the passcode.
pub(super) async fn offer(
    State(app): State<App>,
    citizen: Citizen,
    Input(form): Input<OfferForm>,
) -> Result<Page<Offered>, Problem> {
    let configurations = form.configurations();
    if configurations.is_empty() {
        let fault = Fault::new("eid", "issuance-wallets-choose");
        return Err(Problem::invalid(vec![fault]).on(wallets(&app, &citizen).await?));
    }
    if let Err(problem) = signin::check_passcode(&app, &citizen.person, form.passcode.trim()).await {
        return Err(problem.on(wallets(&app, &citizen).await?));
    }
    // Whether there is such a document is told here, and not only in the wallet.
    let mut asked: Vec<Document> = configurations
        .iter()
        .map(|configuration| configuration.document())
        .collect();
    asked.dedup();
    for document in asked {
        if let Err(problem) = documents::facts(&app, &citizen.person, document).await {
            return Err(problem.on(wallets(&app, &citizen).await?));
        }
    }

    let ids: Vec<&str> = configurations.iter().map(|configuration| configuration.id()).collect();
    let (told, expires_at) = open(&app, &citizen.session, &ids).await?;

    let offer = of(&app, &ids, &told);
    let credential_offer = offer.to_link(SCHEME);
    Ok(Page(Offered {
        qr: qr(&credential_offer)?,
        credential_offer_haip: offer.to_link(HAIP_SCHEME),
        credential_offer,
        tx_code: told.tx_code,
        expires_at,
    }))
}

async fn open(app: &App, session: &Session, ids: &[&str]) -> Result<(Told, Timestamp), Problem> {
    let scopes: Scopes = ids.iter().filter_map(|id| Scope::from_name(id)).collect();
    let (new, told) = NewOffer::draw(app, session, &scopes);
    let (expires_at, now) = (new.expires_at, app.clock.now());
    app.db
        .write(move |tx| {
            recovery::must_have(tx, &new.person(), Right::Present, now)?;
            Ok::<_, Problem>(new.insert(tx, now)?)
        })
        .await?;
    Ok((told, expires_at))
}

fn of<'a>(app: &'a App, ids: &'a [&'a str], told: &'a Told) -> Offer<'a> {
    Offer {
        issuer: &app.config.public_url,
        configurations: ids,
        code: &told.code,
        digits: DIGITS,
        description: "VNeID",
    }
}

/// What our own app gets without a QR code between: the same offer as any other wallet.
#[derive(Serialize)]
pub(crate) struct ToApp {
    client_id: &'static str,
    credential_offer: serde_json::Value,
    tx_code: String,
    expires_at: Timestamp,
}

/// Offers the card, and every document that the person has, to our own app.
///
/// # Errors
/// `issuance-level-needed`; `recovery-right-waits`; the silence of the population database; those of the database.
pub(crate) async fn offer_to_app(app: &App, session: &Session) -> Result<ToApp, Problem> {
    let person = PersonId::from(session.subject);
    let mut ids = Vec::new();
    for (document, first, second) in Document::ALL {
        match documents::facts(app, &person, document).await {
            Ok(_) => ids.extend([first.id(), second.id()]),
            // Who has no licence, or whose licence cannot be asked for now, still gets the card.
            Err(problem) if document != Document::Eid => {
                let (document, slug) = (document.word(), problem.slug());
                tracing::info!(document, slug, "a document is left out");
            }
            Err(problem) => return Err(problem),
        }
    }
    let (told, expires_at) = open(app, session, &ids).await?;
    Ok(ToApp {
        client_id: APP,
        credential_offer: of(app, &ids, &told).to_json(),
        tx_code: told.tx_code,
        expires_at,
    })
}

/// Revokes what a wallet holds.
pub(super) async fn revoke(
    State(app): State<App>,
    citizen: Citizen,
    Path(batch): Path<CredentialId>,
) -> Result<Next<Wallets>, Problem> {
    let (person, now) = (citizen.person, app.clock.now());
    app.db
        .write(move |tx| status::revoke_batch(tx, &person, &batch, now))
        .await?;
    Ok(Next {
        to: "/wallets".to_owned(),
        view: wallets(&app, &citizen).await?,
    })
}

fn qr(text: &str) -> Result<String, Problem> {
    let code = QRBuilder::new(text).ecl(ECL::L).build();
    let code = code.map_err(|error| Problem::internal(format!("{error:?}")))?;
    let svg = SvgBuilder::default().margin(4).to_str(&code);
    Ok(format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)))
}
