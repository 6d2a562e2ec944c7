//! What went wrong, told to people in their language and to programs by RFC 9457.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::response::{IntoResponse, Response};
use crypto::sign::SignError;
use http::StatusCode;
use serde_json::{Value, json};

use super::page::{Show, Untold, View};
use super::texts::{Arg, Lang, Texts};

/// A refusal or a failure, as the asker is told of it.
///
/// The title is the sentence `problem-SLUG`, the advice what to do next is `problem-SLUG-advice` where there is one.
pub struct Problem {
    slug: &'static str,
    status: StatusCode,
    args: Vec<(&'static str, String)>,
    faults: Vec<Fault>,
    on: Option<Arc<dyn Show>>,
    retry_after: Option<u64>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

/// What is wrong with one field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The name of the field.
    pub field: Cow<'static, str>,
    /// The sentence that says what is wrong and what to do.
    pub text: &'static str,
    /// A value in that sentence.
    pub args: Vec<(&'static str, String)>,
}

impl Fault {
    /// The sentence `text` about `field`.
    pub fn new(field: impl Into<Cow<'static, str>>, text: &'static str) -> Self {
        Self {
            field: field.into(),
            text,
            args: Vec::new(),
        }
    }

    /// Gives the sentence a value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    pub(super) fn say(&self, texts: &Texts, lang: Lang) -> String {
        texts.say(lang, self.text, &borrowed(&self.args))
    }
}

impl Problem {
    /// A problem with its slug, which is unique in the platform, and its status.
    pub fn new(slug: &'static str, status: StatusCode) -> Self {
        Self {
            slug,
            status,
            args: Vec::new(),
            faults: Vec::new(),
            on: None,
            retry_after: None,
            cause: None,
        }
    }

    /// The fields of a form are not all right.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        Self {
            faults,
            ..Self::new("form-invalid", StatusCode::UNPROCESSABLE_ENTITY)
        }
    }

    /// There is no such thing, or it is not the asker's to see.
    pub fn not_found() -> Self {
        Self::new("not-found", StatusCode::NOT_FOUND)
    }

    /// A citizen has to sign in first.
    pub fn sign_in_needed() -> Self {
        Self::new("signin-needed", StatusCode::UNAUTHORIZED)
    }

    /// The platform itself failed; the cause goes to the log, not to the asker.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new("internal", StatusCode::INTERNAL_SERVER_ERROR).caused_by(cause)
    }

    /// Gives the title and the advice a value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    /// Adds what is wrong with a field.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Tells a browser the problem on this page, so that nothing typed is lost.
    #[must_use]
    pub fn on(mut self, view: impl View) -> Self {
        self.on = Some(Arc::new(view));
        self
    }

    /// When it is worth trying again, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self.with("seconds", seconds)
    }

    /// The private cause, for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The last part of the problem's type.
    pub fn slug(&self) -> &'static str {
        self.slug
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong with which field.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Seconds to wait before trying again.
    pub fn seconds_to_wait(&self) -> Option<u64> {
        self.retry_after
    }

    /// What happened, in a language.
    pub fn title(&self, texts: &Texts, lang: Lang) -> String {
        texts.say(lang, &format!("problem-{}", self.slug), &borrowed(&self.args))
    }

    /// What to do now, in a language.
    pub fn advice(&self, texts: &Texts, lang: Lang) -> Option<String> {
        texts.find(lang, &format!("problem-{}-advice", self.slug), &borrowed(&self.args))
    }

    pub(super) fn page(&self) -> Option<&Arc<dyn Show>> {
        self.on.as_ref()
    }

    pub(super) fn json(&self, texts: &Texts, lang: Lang) -> Value {
        let error = |fault: &Fault| json!({ "field": fault.field, "detail": fault.say(texts, lang) });
        let mut body = serde_json::Map::new();
        body.insert("type".to_owned(), format!("/problems/{}", self.slug).into());
        body.insert("status".to_owned(), self.status.as_u16().into());
        body.insert("title".to_owned(), self.title(texts, lang).into());
        if let Some(advice) = self.advice(texts, lang) {
            body.insert("detail".to_owned(), advice.into());
        }
        if !self.faults.is_empty() {
            body.insert("errors".to_owned(), self.faults.iter().map(error).collect());
        }
        body.into()
    }

    /// Writes the cause to the log, once, at the edge.
    pub(super) fn log(&self) {
        let Some(cause) = &self.cause else { return };
        let mut chain = cause.to_string();
        let mut source = cause.source();
        while let Some(inner) = source {
            chain.push_str(": ");
            chain.push_str(&inner.to_string());
            source = inner.source();
        }
        if self.status.is_server_error() {
            tracing::error!(slug = self.slug, cause = chain, "a request failed");
        } else {
            tracing::info!(slug = self.slug, cause = chain, "a request was refused");
        }
    }
}

fn borrowed<'a>(args: &'a [(&'static str, String)]) -> Vec<Arg<'a>> {
    args.iter()
        .map(|(name, value)| (*name, value.as_str().into()))
        .collect()
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("slug", &self.slug)
            .field("status", &self.status)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        Untold::Problem(Arc::new(self)).into_response(status)
    }
}

impl From<db::Error> for Problem {
    fn from(cause: db::Error) -> Self {
        match cause {
            db::Error::Busy | db::Error::Unavailable(_) => Self::new("busy", StatusCode::SERVICE_UNAVAILABLE)
                .retry_after(5)
                .caused_by(cause),
            cause => Self::internal(cause),
        }
    }
}

impl From<SignError> for Problem {
    fn from(cause: SignError) -> Self {
        match cause {
            SignError::Unavailable(_) => Self::new("signer-unavailable", StatusCode::SERVICE_UNAVAILABLE)
                .retry_after(5)
                .caused_by(cause),
            SignError::Failed(_) => Self::internal(cause),
        }
    }
}

impl From<super::workshop::Unfinished> for Problem {
    fn from(cause: super::workshop::Unfinished) -> Self {
        match cause {
            super::workshop::Unfinished::Stopped => Self::internal(cause),
            super::workshop::Unfinished::Overloaded => super::turns::Overloaded.into(),
        }
    }
}

impl From<PathRejection> for Problem {
    fn from(cause: PathRejection) -> Self {
        Self::not_found().caused_by(cause)
    }
}

impl From<QueryRejection> for Problem {
    fn from(cause: QueryRejection) -> Self {
        Self::new("query-invalid", StatusCode::BAD_REQUEST).caused_by(cause)
    }
}
