use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;

use super::rules::{self, Question, Topic};
use crate::app::App;
use crate::registries::Source;
use crate::shell::filters;
use crate::shell::page::Page;

/// A source that does not answer.
#[derive(Serialize)]
struct Outage {
    source: Source,
    since: Timestamp,
}

fn silent(app: &App) -> Vec<Outage> {
    let silent = app.registries.silent().into_iter();
    silent.map(|(source, since)| Outage { source, since }).collect()
}

/// The page of help.
#[derive(Template, Serialize)]
#[template(path = "help/pages/help.html")]
pub(super) struct Help {
    hotline: String,
    /// How many sources do not answer.
    outages: usize,
    topics: Vec<Section>,
}

/// The questions of a topic.
#[derive(Serialize)]
struct Section {
    topic: Topic,
    questions: Vec<&'static Question>,
}

/// A number as a phone dials it.
fn dialled(number: &str) -> String {
    number
        .chars()
        .filter(|letter| letter.is_ascii_digit() || *letter == '+')
        .collect()
}

impl Help {
    fn dialled(&self) -> String {
        dialled(&self.hotline)
    }
}

/// Shows questions, answers and the hotline.
pub(super) async fn show(State(app): State<App>) -> Page<Help> {
    let section = |topic: &Topic| Section {
        topic: *topic,
        questions: rules::questions().filter(|question| question.topic == *topic).collect(),
    };
    Page(Help {
        hotline: app.config.official.hotline.clone(),
        outages: silent(&app).len(),
        topics: Topic::ALL.iter().map(section).collect(),
    })
}

/// What does not answer.
#[derive(Template, Serialize)]
#[template(path = "help/pages/outages.html")]
pub(super) struct Outages {
    outages: Vec<Outage>,
    at: Timestamp,
}

/// Shows which sources do not answer, and since when.
pub(super) async fn outages(State(app): State<App>) -> Page<Outages> {
    Page(Outages {
        outages: silent(&app),
        at: app.clock.now(),
    })
}
