//! What every page knows beside its own view: the language, who is signed in, the problem to tell.

use std::any::Any;
use std::sync::Arc;

use jiff::Timestamp;

use super::problem::Problem;
use super::texts::{Arg, Lang, Texts};
use super::toll;

/// The surroundings in which a view is told.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "what pages ask of their surroundings")]
pub struct Scene {
    /// The language of the page.
    pub lang: Lang,
    /// All sentences.
    pub texts: Arc<Texts>,
    /// The path and query of the request.
    pub address: String,
    /// When the page is shown.
    pub now: Timestamp,
    /// How far the clock was moved ahead of everybody else's, in seconds; only in the sandbox.
    pub ahead: i64,
    /// A citizen is signed in.
    pub citizen: bool,
    /// The citizen's session is bound to this device.
    pub device: bool,
    /// How many notices the citizen has not read.
    pub unread: i64,
    /// An officer is signed in.
    pub officer: bool,
    /// This is the sandbox.
    pub sandbox: bool,
    /// The puzzle that a form of the page pays with, where it sends a message to a phone.
    pub toll: Option<toll::Shown>,
    /// The problem that the page tells.
    pub problem: Option<Arc<Problem>>,
}

impl Scene {
    /// A sentence in the language of the page.
    pub fn say(&self, id: &str, args: &[Arg<'_>]) -> String {
        self.texts.say(self.lang, id, args)
    }

    /// The address of this page in the language of a tag.
    pub fn address_in(&self, tag: &str) -> String {
        let (path, query) = self.address.split_once('?').unwrap_or((&self.address, ""));
        let kept = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
        let mut address = format!("{path}?");
        for pair in kept {
            address.push_str(pair);
            address.push('&');
        }
        address.push_str("lang=");
        address.push_str(tag);
        address
    }

    /// Whether the page is in the language of a tag.
    pub fn speaks(&self, tag: &str) -> bool {
        self.lang.tag() == tag
    }

    /// How many notices are unread, as a mark: no more than two digits.
    pub fn unread_badge(&self) -> String {
        if self.unread > 99 {
            "99+".to_owned()
        } else {
            self.unread.to_string()
        }
    }

    /// What happened, where there is a problem to tell.
    pub fn problem_title(&self) -> Option<String> {
        Some(self.problem.as_ref()?.title(&self.texts, self.lang))
    }

    /// What to do about the problem.
    pub fn problem_advice(&self) -> Option<String> {
        self.problem.as_ref()?.advice(&self.texts, self.lang)
    }

    /// Everything that is wrong with the form on this page: the field and what to do.
    pub fn faults(&self) -> Vec<(String, String)> {
        let faults = self
            .problem
            .as_ref()
            .map(|problem| problem.faults())
            .unwrap_or_default();
        faults
            .iter()
            .map(|fault| (fault.field.to_string(), fault.say(&self.texts, self.lang)))
            .collect()
    }

    /// What is wrong with a field of the form on this page, in the language of the page.
    pub fn fault(&self, field: &str) -> Option<String> {
        let problem = self.problem.as_ref()?;
        problem
            .faults()
            .iter()
            .find(|fault| fault.field == field)
            .map(|fault| fault.say(&self.texts, self.lang))
    }
}

impl askama::Values for Scene {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == "scene").then_some(self)
    }
}
