//! Access restored: new secrets, this browser as the device, a session. The last step of every recovery.
//!
//! **Invariant:** whatever the old secrets, device and sessions were, nothing of them is left.

use ::http::{HeaderValue, header};
use crypto::secret::Secret;
use db::Tx;
use jiff::Timestamp;
use serde::Deserialize;

use super::alarm::{Alarm, What};
use super::password::read_password;
use super::rules::Way;
use super::store as standing;
use crate::accounts::Account;
use crate::app::App;
use crate::devices::proofs::{self, Proof};
use crate::devices::{self, Binding};
use crate::shell::ids::PersonId;
use crate::shell::passkey::{self, Subject};
use crate::shell::problem::Problem;
use crate::shell::session::{Kind, Opening};
use crate::signin::events::{self, Event};
use crate::signin::{self, Passcode, PasscodeHash, PasswordHash, means, own_words};

/// What somebody sets anew.
#[derive(Deserialize)]
pub(super) struct NewSecrets {
    password: Secret<String>,
    repeat: Option<Secret<String>>,
    #[serde(default)]
    passcode: String,
    /// The proof of the browser's key, which becomes the device; a browser without script has none.
    #[serde(default)]
    proof: String,
}

/// Access about to be restored.
pub(super) struct Restoration {
    person: PersonId,
    way: Way,
    password: PasswordHash,
    passcode: PasscodeHash,
    device: Option<(Proof, Binding)>,
    opening: Opening,
    event: Event,
    alarm: Alarm,
}

impl Restoration {
    /// Prepares it.
    ///
    /// # Errors
    /// The faults of the secrets; `devices-proof-refused`.
    pub(super) async fn draw(app: &App, account: &Account, way: Way, secrets: &NewSecrets) -> Result<Self, Problem> {
        let person = account.person;
        let password = read_password(account, &secrets.password, secrets.repeat.as_ref())?;
        let own = own_words(account);
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let passcode = Passcode::check(secrets.passcode.trim(), &own).map_err(Problem::invalid)?;
        let device = if secrets.proof.is_empty() {
            None
        } else {
            let proof = proofs::check(app, &secrets.proof)?;
            let binding = Binding::draw(app, person, &proof.key, devices::Way::Recovery);
            Some((proof, binding))
        };
        let methods = if device.is_some() { "mfa pwd swk" } else { "pwd" };
        let level = means::level(&means::read(methods));
        let opening = Opening::draw(app, Kind::Citizen, *person.bytes(), level, methods).from_here(app);
        Ok(Self {
            person,
            way,
            password: signin::hash(app, &password).await?,
            passcode: signin::hash_passcode(app, &passcode).await?,
            opening: match &device {
                Some((_, binding)) => opening.on(*binding.device().bytes()),
                None => opening,
            },
            device,
            event: Event::now(app, person, events::Kind::Recovered, methods)?,
            alarm: Alarm::draw(app, account, What::Recovered),
        })
    }

    /// The cookie of the session that it opens.
    pub(super) fn cookie(&self, app: &App) -> [(header::HeaderName, HeaderValue); 1] {
        self.opening.cookie(app)
    }

    /// Does it, in the unit of work that ends the recovery.
    ///
    /// # Errors
    /// `devices-proof-refused` if the proof was used before; those of the database.
    pub(super) fn carry_out(&self, tx: &mut Tx<'_>, app: &App, now: Timestamp) -> Result<(), Problem> {
        signin::set_password(tx, &app.vault, &self.person, &self.password, now)?;
        signin::set_passcode(tx, &app.vault, &self.person, &self.passcode, now)?;
        standing::recovered(tx, &self.person, self.way, now)?;
        devices::give_up(tx, &self.person, "recovery", now)?;
        let subject = Subject {
            kind: Kind::Citizen,
            id: *self.person.bytes(),
        };
        passkey::remove_all(tx, &subject)?;
        if let Some((proof, binding)) = &self.device {
            proof.spend(tx, now)?;
            binding.carry_out(tx)?;
        }
        self.opening.insert(tx)?;
        self.event.keep(tx)?;
        Ok(self.alarm.raise(tx)?)
    }
}
