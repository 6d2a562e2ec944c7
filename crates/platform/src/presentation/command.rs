//! `vneid verifiers`: who may ask wallets, and for what.

use clap::Subcommand;
use credentials::openid4vp::{Registered, RegisteredType};
use credentials::sdjwt::ClaimPath;

use crate::app::App;
use crate::shell::server::Failure;

/// What the command line can do with verifiers.
#[derive(Subcommand)]
pub enum Command {
    /// Register a verifier, or change what it may ask for; prints the token of its programs, once.
    Register {
        /// Its name, as holders are told.
        #[arg(long)]
        name: String,
        /// What it needs the data for, as holders are told.
        #[arg(long)]
        purpose: String,
        /// What it may ask for, as `TYPE/CLAIM`, such as `urn:vneid:eid:1/age_over_18`; give it once for each.
        #[arg(long = "may", required = true, value_parser = may)]
        may: Vec<RegisteredType>,
    },
}

/// Reads `TYPE/CLAIM`, or `TYPE/CLAIM/PART`.
fn may(text: &str) -> Result<RegisteredType, String> {
    let (document, path) = text.split_once('/').ok_or("not of the form TYPE/CLAIM")?;
    if document.is_empty() || path.split('/').any(str::is_empty) {
        return Err("not of the form TYPE/CLAIM".to_owned());
    }
    Ok(RegisteredType {
        document: document.to_owned(),
        claims: vec![ClaimPath::of(path.split('/'))],
    })
}

impl Command {
    /// Does it: answers what to print.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn run(self, app: &App) -> Result<String, Failure> {
        let Self::Register { name, purpose, may } = self;
        let registered = super::register(app, &name, &purpose, Registered(merged(may))).await;
        let (_, token) = registered.map_err(|problem| format!("{name} was not registered: {problem:?}"))?;
        Ok(format!(
            "{name} is registered. The token of its programs, shown once:\n{token}"
        ))
    }
}

/// Each type once, with all its claims.
fn merged(all: Vec<RegisteredType>) -> Vec<RegisteredType> {
    let mut merged: Vec<RegisteredType> = Vec::new();
    for one in all {
        match merged.iter_mut().find(|known| known.document == one.document) {
            Some(known) => known.claims.extend(one.claims),
            None => merged.push(one),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_verifier_may_ask_for_is_said_type_by_type() {
        let all = ["urn:a/age_over_18", "urn:b/x", "urn:a/residence/province"].map(|text| may(text).unwrap());

        let merged = merged(all.to_vec());

        assert_eq!(merged.len(), 2);
        assert_eq!(
            merged[0].claims,
            [ClaimPath::of(["age_over_18"]), ClaimPath::of(["residence", "province"])]
        );
        assert!(may("urn:a").is_err() && may("/x").is_err() && may("urn:a//x").is_err());
    }
}
