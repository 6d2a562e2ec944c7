//! The applicant is told of each step that matters.

use super::dossiers::{Clock, Dossier, StepId};
use super::states::Event;
use crate::notices::{Kind, Note};

/// What the applicant is told of a step; nothing where it is the applicant's own or says nothing new.
pub(super) fn note(dossier: &Dossier, (step, event): (&StepId, Event), clock: &Clock, words: &str) -> Option<Note> {
    let silent = [
        Event::SubmitUnpaid,
        Event::Begin,
        Event::Supply,
        Event::Settle,
        Event::Withdraw,
        Event::Return,
        Event::AskRelative,
    ];
    if silent.contains(&event) {
        return None;
    }
    let text = format!("procedures-told-{}", event.word());
    let limit = clock.deadline_at.map(civil::calendar::day_of);
    let limit = limit.map_or_else(String::new, |day| day.strftime("%d/%m/%Y").to_string());
    let note = Note::new(Kind::Progress, text, format!("procedure-step-{step}"))
        .with("number", &dossier.number)
        .with("words", words)
        .with("limit", limit)
        .saying("what", format!("procedure-{}-title", dossier.code))
        .link(format!("/procedures/dossiers/{}", dossier.id));
    Some(note)
}
