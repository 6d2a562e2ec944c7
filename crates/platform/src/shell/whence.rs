//! Where a request comes from, as far as it can be told.

use std::future::Future;

use axum::extract::Request;
use http::header;
use serde::{Deserialize, Serialize};

use super::limits;
use crate::app::App;

/// The longest description of a browser that is kept, in characters.
const LONGEST_AGENT: usize = 200;

/// The network address and the browser of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whence {
    /// The network address.
    pub address: String,
    /// What the browser says that it is.
    pub agent: String,
}

impl Whence {
    /// The browser and its system in a few words, where they are known ones.
    pub fn browser(&self) -> String {
        let known = |names: &[(&'static str, &'static str)]| {
            names
                .iter()
                .find(|(mark, _)| self.agent.contains(mark))
                .map(|(_, name)| *name)
        };
        let browser = known(&[
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("SamsungBrowser", "Samsung Internet"),
            ("coc_coc", "Cốc Cốc"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ]);
        let system = known(&[
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("Mac OS", "macOS"),
            ("Linux", "Linux"),
        ]);
        match (browser, system) {
            (Some(browser), Some(system)) => format!("{browser}, {system}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => self.agent.chars().take(40).collect(),
        }
    }
}

tokio::task_local! {
    static HERE: Whence;
}

impl Whence {
    /// Where a request comes from.
    pub fn of(app: &App, request: &Request) -> Self {
        let agent = request
            .headers()
            .get(header::USER_AGENT)
            .and_then(|agent| agent.to_str().ok())
            .unwrap_or_default();
        Self {
            address: limits::address(app, request).to_string(),
            agent: agent.chars().take(LONGEST_AGENT).collect(),
        }
    }

    /// Where the request that is being answered comes from; nothing outside a request.
    pub fn here() -> Self {
        HERE.try_with(Self::clone).unwrap_or_default()
    }

    /// Answers a request, which can then be asked where it comes from.
    pub(super) async fn around<F: Future>(self, answer: F) -> F::Output {
        HERE.scope(self, answer).await
    }
}
