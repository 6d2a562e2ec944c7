//! The policies by which officers act: rules in text files that a lawyer can read, decided by an engine.
//!
//! The rules are `policies/*.cedar` beside this folder, or the files of the folder that the setting `officers.policies` names. They are read and
//! checked against `policies/schema.cedarschema` when the platform starts; a set that does not fit the schema, or lacks a sentence or a legal
//! basis, keeps it from starting.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /officers/policies` | the rules in plain words, and what each role may do |
//! | `GET /officers/policies/decision` | why an officer of a role may or may not do something |
//!
//! **Invariant:** what no rule permits is forbidden, and what a rule forbids no role may do.
//! **Invariant:** a decision that is remembered belongs to one session, and to the role and unit that the officer has now.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::routing::get;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};

use super::rules::{Rank, Role};
use crate::app::App;

mod http;
mod rules;

#[cfg(test)]
mod tests;

pub use rules::{Action, CaseNumber, Denied, Dossier, Occasion, On, Sphere};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/officers/policies", get(http::show))
        .route("/officers/policies/decision", get(http::explain))
}

const SCHEMA: &str = include_str!("../policies/schema.cedarschema");
const OURS: [&str; 2] = [
    include_str!("../policies/roles.cedar"),
    include_str!("../policies/limits.cedar"),
];

/// How many decisions are remembered before all are forgotten.
const MOST_REMEMBERED: usize = 20_000;

/// The policies cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The folder or a file of it cannot be read.
    #[error("the policies of officers cannot be read")]
    Unreadable(#[source] std::io::Error),
    /// The engine does not understand them, or they do not fit the schema.
    #[error("the policies of officers are unsound: {0}")]
    Unsound(String),
    /// A setting names a role that does not exist.
    #[error("officers.second_factor names no role: {0}")]
    Role(String),
}

/// A rule, in words.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// Whether it forbids.
    pub forbids: bool,
    /// What it says, in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
    /// The law or the order it rests on.
    pub basis: String,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asker<'a> {
    /// The role.
    pub role: Role,
    /// The code of the unit.
    pub unit: &'a str,
    /// Whether the session was opened with a second factor, where one is needed.
    pub second_factor: SecondFactor,
}

/// What is known of an officer's second factor in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecondFactor {
    /// It was given.
    Given,
    /// It is needed and was not given.
    Missing,
    /// It is not asked for.
    NotNeeded,
}

impl SecondFactor {
    pub(super) fn word(self) -> &'static str {
        match self {
            SecondFactor::Given => "given",
            SecondFactor::Missing => "missing",
            SecondFactor::NotNeeded => "not-needed",
        }
    }
}

/// What was decided, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Why not, if not.
    pub denied: Option<Denied>,
    /// The rules that decided; none where no rule permits it.
    pub rules: Vec<String>,
}

/// The policies in force, and what was decided lately.
pub struct Policies {
    all: PolicySet,
    permits: PolicySet,
    rules: Vec<Rule>,
    types: Types,
    second_factor: Vec<Role>,
    remembered: Mutex<HashMap<String, Verdict>>,
}

impl std::fmt::Debug for Policies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policies")
            .field("rules", &self.rules.len())
            .finish_non_exhaustive()
    }
}

/// The names of the schema's types.
struct Types {
    role: EntityTypeName,
    officer: EntityTypeName,
    action: EntityTypeName,
    platform: EntityTypeName,
    person: EntityTypeName,
    unit: EntityTypeName,
    dossier: EntityTypeName,
}

fn unsound(why: impl std::fmt::Display) -> PolicyError {
    PolicyError::Unsound(why.to_string())
}

impl Types {
    fn new() -> Result<Self, PolicyError> {
        let name = |text: &str| text.parse::<EntityTypeName>().map_err(unsound);
        Ok(Self {
            role: name("Role")?,
            officer: name("Officer")?,
            action: name("Action")?,
            platform: name("Platform")?,
            person: name("Person")?,
            unit: name("Unit")?,
            dossier: name("Dossier")?,
        })
    }
}

impl Policies {
    /// Reads and checks the policies: those of a folder, or those that come with the program. The roles named need a second factor.
    ///
    /// # Errors
    /// [`PolicyError`], with the first thing that is wrong.
    pub fn open(folder: Option<&Path>, second_factor: &[String]) -> Result<Self, PolicyError> {
        let text = match folder {
            Some(folder) => read(folder).map_err(PolicyError::Unreadable)?,
            None => OURS.concat(),
        };
        let roles = second_factor
            .iter()
            .map(|word| Role::of_word(word).ok_or_else(|| PolicyError::Role(word.clone())));
        Self::parse(&text, roles.collect::<Result<_, _>>()?)
    }

    fn parse(text: &str, second_factor: Vec<Role>) -> Result<Self, PolicyError> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(unsound)?;
        let read: PolicySet = text.parse().map_err(unsound)?;
        let (mut all, mut permits, mut rules) = (PolicySet::new(), PolicySet::new(), Vec::new());
        for policy in read.policies() {
            let said = |key: &str| {
                let text = policy.annotation(key).filter(|text| !text.trim().is_empty());
                text.map(str::to_owned)
                    .ok_or_else(|| unsound(format!("a rule lacks @{key}: {policy}")))
            };
            let rule = Rule {
                id: said("id")?,
                forbids: policy.effect() == cedar_policy::Effect::Forbid,
                vi: said("vi")?,
                en: said("en")?,
                basis: said("basis")?,
            };
            let named = policy.new_id(PolicyId::new(&rule.id));
            if !rule.forbids {
                permits.add(named.clone()).map_err(unsound)?;
            }
            all.add(named).map_err(unsound)?;
            rules.push(rule);
        }
        if let Some(missing) = rules::LIMITS
            .iter()
            .find(|id| !rules.iter().any(|rule| rule.id == **id))
        {
            return Err(unsound(format!("the rule {missing} is missing")));
        }
        let checked = Validator::new(schema).validate(&all, ValidationMode::Strict);
        if let Some(error) = checked.validation_errors().next() {
            return Err(unsound(error));
        }
        Ok(Self {
            all,
            permits,
            rules,
            types: Types::new()?,
            second_factor,
            remembered: Mutex::default(),
        })
    }

    /// The rules in force, in words, sorted by name.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether a role signs in with a second factor.
    pub fn asks_second_factor(&self, role: Role) -> bool {
        self.second_factor.contains(&role)
    }

    /// Decides, or remembers what was decided in a session for the same question.
    pub fn decide_in(
        &self,
        session: &[u8; 32],
        asker: &Asker<'_>,
        (action, on): (Action, &On<'_>),
        occasion: &Occasion,
    ) -> Verdict {
        let session = crypto::base64url::encode(session);
        let key = format!("{session}{asker:?}{action:?}{on:?}{occasion:?}");
        let remembered = || self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdict) = remembered().get(&key) {
            return verdict.clone();
        }
        let verdict = self.decide(asker, (action, on), occasion);
        let mut remembered = remembered();
        if remembered.len() >= MOST_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(key, verdict.clone());
        verdict
    }

    /// Decides. A question that the engine cannot make sense of is denied.
    pub fn decide(&self, asker: &Asker<'_>, (action, on): (Action, &On<'_>), occasion: &Occasion) -> Verdict {
        let question = self
            .request(action, on, occasion)
            .and_then(|request| Ok((request, self.entities(asker, on)?)));
        let (request, entities) = match question {
            Ok(question) => question,
            Err(error) => {
                tracing::error!(%error, "a question about an officer's rights could not be put");
                return Verdict {
                    denied: Some(Denied::OtherRole),
                    rules: Vec::new(),
                };
            }
        };
        let engine = Authorizer::new();
        let answer = engine.is_authorized(&request, &self.all, &entities);
        let mut rules: Vec<String> = answer.diagnostics().reason().map(ToString::to_string).collect();
        rules.sort_unstable_by_key(|id| rules::LIMITS.iter().position(|limit| limit == id));
        if answer.decision() == Decision::Allow {
            return Verdict { denied: None, rules };
        }
        let permitted = engine.is_authorized(&request, &self.permits, &entities).decision() == Decision::Allow;
        let denied = match rules.first() {
            Some(rule) if permitted => Denied::Rule(rule.clone()),
            _ => Denied::OtherRole,
        };
        let rules = if permitted { rules } else { Vec::new() };
        Verdict {
            denied: Some(denied),
            rules,
        }
    }

    fn request(&self, action: Action, on: &On<'_>, occasion: &Occasion) -> Result<Request, PolicyError> {
        let case = occasion
            .case_number
            .as_ref()
            .map(CaseNumber::as_str)
            .unwrap_or_default();
        let context = Context::from_pairs([
            ("purpose".to_owned(), text(occasion.purpose)),
            ("case_number".to_owned(), text(case)),
        ]);
        let action = uid(&self.types.action, action.word());
        Request::new(self.asker(), action, self.resource(on), context.map_err(unsound)?, None).map_err(unsound)
    }

    fn asker(&self) -> EntityUid {
        uid(&self.types.officer, "me")
    }

    fn resource(&self, on: &On<'_>) -> EntityUid {
        let kind = match on {
            On::Platform => &self.types.platform,
            On::Person => &self.types.person,
            On::Unit(_) => &self.types.unit,
            On::Dossier(_) => &self.types.dossier,
        };
        uid(kind, "it")
    }

    fn entities(&self, asker: &Asker<'_>, on: &On<'_>) -> Result<Entities, PolicyError> {
        let officer = [
            ("unit", text(asker.unit)),
            ("province", text(&super::rules::province(asker.unit))),
            ("rank", text(Rank::of(asker.unit).word())),
            ("second_factor", text(asker.second_factor.word())),
        ];
        let role = uid(&self.types.role, asker.role.word());
        let place = |unit: &str| vec![("unit", text(unit)), ("province", text(&super::rules::province(unit)))];
        let thing = match on {
            On::Platform | On::Person => Vec::new(),
            On::Unit(unit) => place(unit),
            On::Dossier(dossier) => {
                let mut attributes = place(dossier.unit);
                attributes.extend([
                    ("level", RestrictedExpression::new_long(dossier.level)),
                    ("taken_by_me", truth(dossier.taken_by_me)),
                    ("held_by_me", truth(dossier.held_by_me)),
                    ("proposed_by_me", truth(dossier.proposed_by_me)),
                    ("awaits_second", truth(dossier.awaits_second)),
                ]);
                attributes
            }
        };
        let entities = [
            entity(uid(&self.types.officer, "me"), officer, HashSet::from([role.clone()]))?,
            entity(self.resource(on), thing, HashSet::new())?,
            Entity::with_uid(role),
        ];
        Entities::from_entities(entities, None).map_err(unsound)
    }
}

/// All `.cedar` files of a folder, in the order of their names.
fn read(folder: &Path) -> std::io::Result<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|kind| kind == "cedar"));
    files.sort();
    files.iter().map(std::fs::read_to_string).collect()
}

fn text(text: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(text.to_owned())
}

fn truth(truth: bool) -> RestrictedExpression {
    RestrictedExpression::new_bool(truth)
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn entity(
    uid: EntityUid,
    attributes: impl IntoIterator<Item = (&'static str, RestrictedExpression)>,
    parents: HashSet<EntityUid>,
) -> Result<Entity, PolicyError> {
    let attributes: HashMap<String, _> = attributes
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Entity::new(uid, attributes, parents).map_err(unsound)
}
