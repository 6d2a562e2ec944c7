use std::sync::Arc;

use axum::response::Response;
use db::Tx;
use jiff::SignedDuration;
use oidc::authorize::Request;
use oidc::claims::Scopes;
use oidc::client::Client;
use oidc::error::{Error, ErrorCode};
use oidc::provider::Issuer;
use oidc::resource;
use oidc::sender::Confirmation;
use oidc::token::{self, Binding};

use super::{Code, CodeId};
use crate::app::App;
use crate::consents;
use crate::history::{self, Look, Purpose, Who};
use crate::partners;
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::session::Session;
use crate::shell::whence::Whence;
use crate::sso::authorize::consent::http::asked;
use crate::sso::authorize::http::use_up;
use crate::sso::authorize::sending::http::send;
use crate::sso::parties;
use crate::sso::proofs::Proven;
use crate::sso::pushed;
use crate::sso::refresh::store as refreshes;
use crate::sso::rules::{self, CODE_LIFE};
use crate::sso::tokens::http::{Grant, Refused, answer};
use crate::sso::tokens::store as tokens;
use crate::sso::tokens::{Behind, Fresh};
use crate::statistics::{self, Measure};

/// When a person agreed to what a code will stand for.
pub(in crate::sso) enum Agreed {
    /// Before, when codes had been taken back so often.
    Before(i64),
    /// With this request.
    Now,
}

/// Issues a code. What it tells is in the history when it is exchanged.
pub(in crate::sso) async fn issue(
    app: &App,
    client: &Client,
    request: &Request,
    session: &Session,
    agreed: Agreed,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let person = PersonId::from(session.subject);
    partners::admit(app, client.id(), &person).await?;
    let code = Code {
        id: CodeId::draw(&app.chance),
        person,
        revocations: settle(app, client, request, &person, agreed).await?,
        binding: Binding {
            client_id: client.id().to_owned(),
            redirect_uri: request.reply_to.redirect_uri().to_owned(),
            challenge: request.challenge.clone(),
            dpop_jkt: request.dpop_jkt.clone(),
            resources: request.resources.clone(),
            expires_at: now + SignedDuration::from_secs(CODE_LIFE),
        },
        scopes: request.scopes.to_string(),
        nonce: request.nonce.clone(),
        sign_in: session.into(),
        wanted: request.wanted.clone(),
        what: rules::what(&request.asked(client)),
        from: Whence::here().address,
    };
    let Some(text) = code.seal(&app.vault)? else {
        let too_long = Error::new(
            ErrorCode::InvalidRequest,
            "more is asked for than a code can carry: ask for less at once",
        );
        return send(app, client, &request.reply_to, Err(too_long));
    };
    statistics::tally(app, Measure::SignIns, client.id());
    send(app, client, &request.reply_to, Ok((&text, session)))
}

/// Keeps what a code needs beforehand: the consent that was just given, the name of a pushed request used up. Answers how often codes of the
/// person have been taken back until now.
async fn settle(
    app: &App,
    client: &Client,
    request: &Request,
    person: &PersonId,
    agreed: Agreed,
) -> Result<i64, Problem> {
    let name = request.pushed_as.as_ref().map(|name| pushed::digest(app, name));
    let revocations = match agreed {
        Agreed::Before(revocations) if name.is_none() => return Ok(revocations),
        Agreed::Before(revocations) => Some(revocations),
        Agreed::Now => None,
    };
    let (agreed, person, now) = (asked(app, client, request), *person, app.clock.now());
    let settled = app.db.write(move |tx| -> Result<i64, Problem> {
        use_up(tx, name.as_ref(), now)?;
        if let Some(revocations) = revocations {
            return Ok(revocations);
        }
        consents::give(tx, &person, &agreed, now)?;
        Ok(parties::revocations(tx, &person)?)
    });
    settled.await
}

/// What came of a code.
enum Exchanged {
    /// It gave a token for these scopes and this resource.
    Given(Scopes, Option<String>),
    /// It does not hold, or was used before: what it gave is taken back.
    Spent,
}

/// A relying party exchanges a code for tokens.
pub(in crate::sso) async fn exchange_code(
    app: &App,
    proven: Arc<Proven>,
    grant: token::Grant,
    resources: Vec<String>,
) -> Result<Response, Refused> {
    let token::Grant::AuthorizationCode { code, .. } = &grant else {
        return Err(Error::new(ErrorCode::UnsupportedGrantType, "grant_type is not supported").into());
    };
    let holder = proven.shown.bind(&proven.client)?;
    let now = proven.now;
    let code = Arc::new(Code::open(&app.vault, code.expose()).ok_or(Error::grant())?);
    let (fresh, texts) = Fresh::of(app, &proven.client, &code, now);
    let exchange = Exchange {
        digest: code.digest(&app.vault),
        session: code.session(),
        look: telling(app, &proven.client, &code),
        issuer: app.sso.provider.issuer.clone(),
        holder: holder.clone(),
        party: proven.clone(),
        code: code.clone(),
        fresh,
        grant,
        resources,
    };
    match app.db.write(move |tx| exchange.write(tx)).await? {
        Exchanged::Given(scopes, audience) => {
            let grant = Grant {
                session: &code.session(),
                nonce: code.nonce.clone(),
                scopes,
                holder: holder.as_ref(),
                texts,
                audience,
                wanted: code.wanted.clone(),
            };
            Ok(answer(app, &proven.client, grant).await?)
        }
        Exchanged::Spent => Err(Error::grant().into()),
    }
}

/// A code about to be exchanged.
struct Exchange {
    party: Arc<Proven>,
    grant: token::Grant,
    holder: Option<Confirmation>,
    /// The resources that are asked for now.
    resources: Vec<String>,
    issuer: Issuer,
    code: Arc<Code>,
    digest: [u8; 32],
    session: Session,
    fresh: Fresh,
    look: Look,
}

impl Exchange {
    /// Keeps the tokens with the entry in the person's history. A code that does not hold any more takes back what it gave.
    fn write(&self, tx: &mut Tx<'_>) -> Result<Exchanged, Refused> {
        let (code, client, now) = (&self.code, &self.party.client, self.party.now);
        self.party.use_up(tx)?;
        let holds = code
            .binding
            .check(&self.grant, client, self.holder.as_ref(), now)
            .is_ok()
            && parties::revocations(tx, &code.person)? == code.revocations;
        if !holds {
            return self.take_back(tx);
        }
        let scopes = Scopes::parse(&code.scopes)?;
        let audience = resource::target(&code.binding.resources, self.resources.clone(), &self.issuer)?;
        let behind = Behind {
            digest: &self.digest,
            scopes: &scopes,
            granted: &code.binding.resources,
            audience: audience.as_deref(),
            wanted: &code.wanted,
            holder: self.holder.as_ref(),
            session: &self.session,
        };
        if !self.fresh.keep(tx, client, &behind, now)? {
            return self.take_back(tx);
        }
        history::record(tx, &self.look)?;
        Ok(Exchanged::Given(scopes, audience))
    }

    fn take_back(&self, tx: &mut Tx<'_>) -> Result<Exchanged, Refused> {
        let (person, now) = (&self.code.person, self.party.now);
        tokens::revoke_of_code(tx, person, &self.digest, now)?;
        refreshes::end_family(tx, person, &self.digest, now)?;
        Ok(Exchanged::Spent)
    }
}

/// The entry in the person's history, with the address that the person came from.
fn telling(app: &App, client: &Client, code: &Code) -> Look {
    let partner = Who::Partner(client.name().to_owned());
    Look::made_from(
        app,
        &code.from,
        code.person,
        (&partner, Purpose::SignInElsewhere, &code.what),
    )
}
