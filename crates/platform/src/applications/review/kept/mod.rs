//! What an officer typed into the form of a decision when the form could not be taken: the session had ended, or somebody else was faster.
//!
//! It travels sealed in the address of the page that the officer comes back to, so nothing of it lies in a log or a history of addresses.
//!
//! **Invariant:** what an officer typed is there again after the sign-in, on the same application, and nowhere else.

use serde::Deserialize;

use super::super::ApplicationId;
use super::rules::DecisionForm;
use crate::app::App;

/// The part of an address that carries it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    kept: String,
}

/// What was typed, sealed for its application; nothing for an empty form.
pub(super) fn seal(app: &App, id: &ApplicationId, typed: &DecisionForm) -> String {
    if typed.is_empty() {
        return String::new();
    }
    let text = serde_json::to_vec(typed).unwrap_or_default();
    crypto::base64url::encode(app.vault.seal("application", "kept", id.bytes(), &text))
}

/// The address of the application with what was typed.
pub(super) fn address(app: &App, id: &ApplicationId, typed: &DecisionForm) -> String {
    match seal(app, id, typed) {
        kept if kept.is_empty() => format!("/officers/applications/{id}"),
        kept => format!("/officers/applications/{id}?kept={kept}"),
    }
}

impl Kept {
    /// What was typed; an empty form for anything that was not sealed for this application.
    pub(super) fn open(&self, app: &App, id: &ApplicationId) -> DecisionForm {
        let opened = crypto::base64url::decode(&self.kept)
            .ok()
            .and_then(|sealed| app.vault.open("application", "kept", id.bytes(), &sealed).ok());
        opened
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
