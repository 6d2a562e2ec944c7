use std::sync::Arc;

use axum::response::Response;
use crypto::equal;
use crypto::secret::Secret;
use db::Tx;
use oidc::claims::Scopes;
use oidc::error::Error;
use oidc::sender::Confirmation;
use oidc::wanted::Wanted;

use super::store::{self, Kept};
use super::tx_digest;
use crate::app::App;
use crate::history::{self, Look, Purpose, Who};
use crate::issuance;
use crate::sso::proofs::Proven;
use crate::sso::rules::{Ticket, Use, what};
use crate::sso::tokens::http::{Grant, Refused, answer};
use crate::sso::tokens::{Behind, Fresh};

/// A wallet takes up an offer.
pub(in crate::sso) async fn take_up(
    app: &App,
    proven: Arc<Proven>,
    code: &Secret<String>,
    tx_code: Option<&Secret<String>>,
) -> Result<Response, Refused> {
    let holder = proven.shown.bind(&proven.client)?;
    let now = proven.now;
    let offer = Ticket::read(&app.vault, Use::Offer, code.expose()).filter(|offer| now < offer.expires_at);
    let offer = offer.ok_or(Error::grant())?;
    let tx_code = tx_code.ok_or(Error::request("tx_code is missing"))?;
    let shown = tx_digest(&app.sso.digests, &offer.digest, tx_code.expose());
    let (fresh, texts) = Fresh::draw(app, &proven.client, offer.person, now);
    let taking = Taking {
        app: app.clone(),
        proven: proven.clone(),
        offer,
        shown,
        holder: holder.clone(),
        fresh,
    };
    let taken = app.db.write(move |tx| taking.write(tx)).await?;
    let (kept, scopes) = taken.ok_or(Error::grant())?;
    let grant = Grant {
        session: &kept.session,
        nonce: None,
        scopes,
        holder: holder.as_ref(),
        texts,
        audience: None,
        wanted: Wanted::default(),
    };
    Ok(answer(app, &proven.client, grant).await?)
}

/// An offer about to be taken up.
struct Taking {
    app: App,
    proven: Arc<Proven>,
    offer: Ticket,
    /// The digest of the transaction code that the wallet sent.
    shown: [u8; 32],
    holder: Option<Confirmation>,
    fresh: Fresh,
}

impl Taking {
    /// Uses up the offer and keeps the tokens; nothing for a wrong transaction code, which is counted.
    fn write(&self, tx: &mut Tx<'_>) -> Result<Option<(Kept, Scopes)>, Refused> {
        let (client, offer, now) = (&self.proven.client, &self.offer, self.proven.now);
        self.proven.use_up(tx)?;
        let Some(kept) = store::claim(tx, offer)?.filter(|kept| equal(&kept.tx_digest, &self.shown)) else {
            return Ok(None);
        };
        store::take(tx, offer)?;
        let scopes = Scopes::parse(&kept.scopes)?;
        if !scopes.is_subset(&client.metadata().scope) {
            return Ok(None);
        }
        let behind = Behind {
            digest: &offer.digest,
            scopes: &scopes,
            granted: &[],
            audience: None,
            wanted: &Wanted::default(),
            holder: self.holder.as_ref(),
            session: &kept.session,
        };
        self.fresh.keep(tx, client, &behind, now)?;
        // Our own app is not elsewhere; what it fetches is in the history.
        if client.id() != issuance::APP {
            let wallet = Who::Partner(client.name().to_owned());
            let what = what(&scopes);
            let look = Look::now(&self.app, offer.person, &wallet, Purpose::SignInElsewhere, &what);
            history::record(tx, &look)?;
        }
        Ok(Some((kept, scopes)))
    }
}
