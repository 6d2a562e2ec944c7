//! The applicant is told of each step that matters.

use super::dossiers::{Dossier, StepId};
use super::states::Event;
use crate::notices::{Kind, Note};

/// What the applicant is told of a step; nothing where it is the applicant's own or says nothing new.
pub(super) fn note(dossier: &Dossier, step: &StepId, event: Event, words: &str) -> Option<Note> {
    let silent = [
        Event::SubmitUnpaid,
        Event::Begin,
        Event::Supply,
        Event::Settle,
        Event::Withdraw,
        Event::Return,
    ];
    if silent.contains(&event) {
        return None;
    }
    let text = format!("procedures-told-{}", event.word());
    let note = Note::new(Kind::Progress, text, format!("procedure-step-{step}"))
        .with("number", &dossier.number)
        .with("words", words)
        .saying("what", format!("procedure-{}-title", dossier.code))
        .link(format!("/procedures/dossiers/{}", dossier.id));
    Some(note)
}
