//! Passkeys (Web Authentication, Level 3), of citizens and officers alike.
//!
//! A ceremony has two halves. The first gives the browser its options and a sealed note of what was asked; the second checks the answer
//! against that note. What the answer changes is written in the caller's unit of work: [`Made::insert`], [`Proven::spend`].
//!
//! **Invariant:** a ceremony is answered once, in time, by our own pages' origin, with the holder verified by the authenticator.
//! **Invariant:** a passkey serves the subject and the kind of subject that made it, and nobody else.
//! **Invariant:** a signature counter that does not rise, and a passkey that changes whether it can be backed up, are refused.

use std::collections::HashSet;

use db::{Conn, Tx};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    Credential, Passkey, PublicKeyCredential, RegisterPublicKeyCredential, Uuid, WebauthnError,
};

use super::ids::id;
use super::problem::Problem;
use super::session::Kind;
use super::vault::Vault;
use crate::app::App;

mod ceremony;
mod store;

use ceremony::{Step, challenge, expired, party, spend, take_up};

id! {
    /// A passkey.
    PasskeyId
}

/// The longest label, in characters.
const LONGEST_LABEL: usize = 60;

/// Whose passkeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// A citizen or an officer.
    pub kind: Kind,
    /// The person's or the officer's identifier.
    pub id: [u8; 16],
}

/// A passkey as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its identifier.
    pub passkey: PasskeyId,
    /// What its holder calls it.
    pub label: String,
    /// It can be copied to other devices of its holder by a provider of passkeys.
    pub synced: bool,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    credential: Passkey,
    counter: i64,
}

/// The first half of a ceremony: what the browser's script needs, and what comes back with the answer.
#[derive(Debug, Serialize)]
pub struct Challenge {
    /// For `navigator.credentials`, in the JSON of Web Authentication.
    pub options: Value,
    /// The sealed note of what was asked.
    pub ceremony: String,
}

/// The second half of a ceremony, as the browser's script sends it.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// The note that came with the options.
    pub ceremony: String,
    /// What the authenticator answered.
    pub credential: Value,
}

/// A new passkey, checked, to be kept in the caller's unit of work.
#[derive(Clone)]
pub struct Made {
    subject: Subject,
    synced: bool,
    row: store::NewRow,
    ceremony: ([u8; 16], Timestamp),
}

/// Somebody proved to hold a passkey; to be written in the caller's unit of work.
#[derive(Clone)]
pub struct Proven {
    /// Who it is.
    pub subject: Subject,
    /// By which passkey.
    pub passkey: PasskeyId,
    /// What its holder calls it.
    pub label: String,
    /// It can be copied to other devices of its holder.
    pub synced: bool,
    credential_sealed: Vec<u8>,
    counters: (i64, i64),
    ceremony: ([u8; 16], Timestamp),
}

/// Begins to make a passkey. `name` is shown by the browser when the holder chooses among passkeys.
///
/// # Errors
/// `passkey-unavailable` where our address has no name that passkeys could be bound to.
pub fn make(app: &App, subject: Subject, name: &str, known: &[Kept]) -> Result<Challenge, Problem> {
    let known = known.iter().map(|kept| kept.credential.cred_id().clone()).collect();
    let (options, state) = party(app)?
        .start_passkey_registration(Uuid::from_bytes(subject.id), name, name, Some(known))
        .map_err(Problem::internal)?;
    let mut options = serde_json::to_value(options.public_key).map_err(Problem::internal)?;
    // Without a resident key nobody could sign in by the passkey alone.
    if let Some(choice) = options.get_mut("authenticatorSelection") {
        *choice = json!({ "residentKey": "required", "requireResidentKey": true, "userVerification": "required" });
    }
    let step = Step::Make {
        subject: subject.id,
        state,
    };
    challenge(app, subject.kind, step, options)
}

/// Checks the answer to [`make`].
///
/// # Errors
/// `passkey-refused`, `passkey-not-resident`, `passkey-expired`.
pub fn made(app: &App, subject: Subject, label: &str, answer: &Answer) -> Result<Made, Problem> {
    let ceremony = take_up(app, subject.kind, &answer.ceremony)?;
    let Step::Make { subject: asked, state } = &ceremony.step else {
        return Err(expired());
    };
    if *asked != subject.id {
        return Err(expired());
    }
    let answer: RegisterPublicKeyCredential = serde_json::from_value(answer.credential.clone()).map_err(refused)?;
    let resident = answer.extensions.cred_props.as_ref().and_then(|props| props.rk);
    if resident == Some(false) {
        return Err(Problem::new("passkey-not-resident", StatusCode::UNPROCESSABLE_ENTITY));
    }
    let credential = party(app)?
        .finish_passkey_registration(&answer, state)
        .map_err(refused)?;
    let passkey = PasskeyId::draw(&app.chance);
    let held = Credential::from(credential.clone());
    let label: String = label.trim().chars().take(LONGEST_LABEL).collect();
    Ok(Made {
        subject,
        synced: held.backup_eligible,
        ceremony: (ceremony.id, ceremony.expires_at),
        row: store::NewRow {
            passkey,
            credential_digest: digest(&app.vault, credential.cred_id()),
            credential_sealed: app
                .vault
                .seal_record("passkey", "credential", passkey.bytes(), &credential)?,
            label_sealed: app.vault.seal_text("passkey", "label", passkey.bytes(), &label),
            counter: i64::from(held.counter),
            device: None,
            made_at: app.clock.now(),
        },
    })
}

impl Made {
    /// Notes the device on which it was made, with which it goes; a synced one is on others, too.
    #[must_use]
    pub fn on(mut self, device: Option<[u8; 16]>) -> Self {
        self.row.device = device.filter(|_| !self.synced);
        self
    }

    /// The means, as RFC 8176 names them: the authenticator verified its holder when it was made.
    pub fn methods(&self) -> &'static str {
        methods(self.synced)
    }

    /// Keeps it.
    ///
    /// # Errors
    /// `passkey-expired` if the ceremony was answered before, `passkey-taken` if the passkey is kept already.
    pub fn insert(&self, tx: &mut Tx<'_>) -> Result<PasskeyId, Problem> {
        spend(tx, &self.ceremony, self.row.made_at)?;
        match store::insert(tx, &self.subject, &self.row) {
            Err(db::Error::Taken(_)) => Err(Problem::new("passkey-taken", StatusCode::CONFLICT)),
            other => Ok(other.map(|()| self.row.passkey)?),
        }
    }
}

/// Asks for the proof of a passkey: of anybody's of the kind, or of one of those `known` of a subject.
///
/// # Errors
/// `passkey-unavailable` where our address has no name that passkeys could be bound to.
pub fn ask(app: &App, kind: Kind, known: Option<(Subject, &[Kept])>) -> Result<Challenge, Problem> {
    let (options, state) = party(app)?
        .start_discoverable_authentication()
        .map_err(Problem::internal)?;
    let mut options = serde_json::to_value(options.public_key).map_err(Problem::internal)?;
    let allowed = known.iter().flat_map(|(_, kept)| kept.iter()).map(|kept| {
        let id: &[u8] = kept.credential.cred_id().as_ref();
        json!({ "type": "public-key", "id": crypto::base64url::encode(id) })
    });
    let allowed: Value = allowed.collect();
    if let Some(options) = options.as_object_mut() {
        options.insert("allowCredentials".to_owned(), allowed);
    }
    let step = Step::Prove {
        subject: known.map(|(subject, _)| subject.id),
        state,
    };
    challenge(app, kind, step, options)
}

/// Checks the answer to [`ask`].
///
/// # Errors
/// `passkey-refused` for every proof that is not right, `passkey-expired`.
pub async fn prove(app: &App, kind: Kind, answer: &Answer) -> Result<Proven, Problem> {
    let ceremony = take_up(app, kind, &answer.ceremony)?;
    let Step::Prove { subject: asked, state } = ceremony.step else {
        return Err(expired());
    };
    let answer: PublicKeyCredential = serde_json::from_value(answer.credential.clone()).map_err(refused)?;
    let named = answer
        .get_user_unique_id()
        .map(<[u8; 16]>::try_from)
        .transpose()
        .map_err(refused)?;
    let subject = match (asked, named) {
        (Some(asked), None) => asked,
        (Some(asked), Some(named)) if asked == named => asked,
        (None, Some(named)) => named,
        _ => return Err(refused(WebauthnError::InvalidUserUniqueId)),
    };
    let subject = Subject { kind, id: subject };
    let digest = digest(&app.vault, answer.get_credential_id());
    let row = app.db.read(move |conn| store::find(conn, &subject, &digest)).await?;
    let row = row.ok_or_else(|| refused(WebauthnError::CredentialNotFound))?;
    let kept = Kept::of(&app.vault, &row)?;
    let mut credential = kept.credential;
    let result = party(app)?
        .finish_discoverable_authentication_v2(&answer, state, &credential)
        .map_err(refused)?;
    credential.update_credential(&result);
    Ok(Proven {
        subject,
        passkey: kept.passkey,
        label: kept.label,
        synced: kept.synced,
        credential_sealed: app
            .vault
            .seal_record("passkey", "credential", kept.passkey.bytes(), &credential)?,
        counters: (row.counter, i64::from(result.counter())),
        ceremony: (ceremony.id, ceremony.expires_at),
    })
}

impl Proven {
    /// Refuses the proof of anybody but `subject`.
    ///
    /// # Errors
    /// `passkey-refused`.
    pub fn must_be(&self, subject: Subject) -> Result<(), Problem> {
        let same = (self.subject == subject).then_some(());
        same.ok_or_else(|| refused(WebauthnError::InvalidUserUniqueId))
    }

    /// Uses up the ceremony and keeps the new counter.
    ///
    /// # Errors
    /// `passkey-expired` if the ceremony was answered before, `passkey-refused` if the passkey was used or removed meanwhile.
    pub fn spend(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Problem> {
        spend(tx, &self.ceremony, now)?;
        let used = store::used(
            tx,
            &self.subject,
            &self.passkey,
            &self.credential_sealed,
            self.counters,
            now,
        )?;
        used.then_some(())
            .ok_or_else(|| refused(WebauthnError::CredentialPossibleCompromise))
    }

    /// The means, as RFC 8176 names them: the authenticator verified its holder, by a code or by the body, so it is more than one factor.
    pub fn methods(&self) -> &'static str {
        methods(self.synced)
    }
}

fn methods(synced: bool) -> &'static str {
    if synced { "swk user mfa" } else { "hwk user mfa" }
}

/// Who has a passkey, of a kind of subjects.
///
/// # Errors
/// Those of the database.
pub fn holders(conn: &mut Conn<'_>, kind: Kind) -> Result<HashSet<[u8; 16]>, db::Error> {
    Ok(store::holders(conn, kind)?.into_iter().collect())
}

/// The passkeys of a subject, oldest first.
///
/// # Errors
/// Those of the database and of the vault.
pub fn list(conn: &mut Conn<'_>, vault: &Vault, subject: &Subject) -> Result<Vec<Kept>, Problem> {
    let rows = store::list(conn, subject)?;
    rows.iter().map(|row| Kept::of(vault, row)).collect()
}

/// Removes a passkey of a subject; false if there is none of that identifier.
///
/// # Errors
/// Those of the database.
pub fn remove(tx: &mut Tx<'_>, subject: &Subject, passkey: &PasskeyId) -> Result<bool, db::Error> {
    store::remove(tx, subject, passkey)
}

/// Removes the passkeys that live on one device alone.
///
/// # Errors
/// Those of the database.
pub fn remove_of_device(tx: &mut Tx<'_>, subject: &Subject, device: &[u8; 16]) -> Result<(), db::Error> {
    store::remove_of_device(tx, subject, device)
}

/// Removes the passkeys that were made at an instant or later.
///
/// # Errors
/// Those of the database.
pub fn remove_made_since(tx: &mut Tx<'_>, subject: &Subject, since: Timestamp) -> Result<(), db::Error> {
    store::remove_made_since(tx, subject, since)
}

/// Removes all passkeys of a subject.
///
/// # Errors
/// Those of the database.
pub fn remove_all(tx: &mut Tx<'_>, subject: &Subject) -> Result<(), db::Error> {
    store::remove_all(tx, subject)
}

impl Kept {
    fn of(vault: &Vault, row: &store::Row) -> Result<Self, Problem> {
        let place = row.passkey.bytes();
        let credential: Passkey = vault.open_record("passkey", "credential", place, &row.credential_sealed)?;
        Ok(Self {
            passkey: row.passkey,
            label: vault.open_text("passkey", "label", place, &row.label_sealed)?,
            synced: Credential::from(credential.clone()).backup_eligible,
            made_at: row.made_at,
            used_at: row.used_at,
            counter: row.counter,
            credential,
        })
    }

    /// How often its authenticator says that it has signed; 0 where it does not count.
    pub fn counter(&self) -> i64 {
        self.counter
    }
}

fn digest(vault: &Vault, credential: &[u8]) -> [u8; 32] {
    vault.digest("passkey-credential", credential)
}

fn refused(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    Problem::new("passkey-refused", StatusCode::FORBIDDEN).caused_by(cause)
}
