//! Questions and answers, as data; no I/O.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::shell::finding::{Findable, Wanted};
use crate::shell::prose::{self, Block};

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Topic {
    /// Account and codes.
    Account,
    /// Phone, chip and camera.
    Device,
    /// The wallet of documents.
    Documents,
    /// Public services.
    Services,
    /// Scams and locks.
    Safety,
}

impl Topic {
    /// All of them, in the order of the page.
    pub(super) const ALL: [Self; 5] = [
        Self::Account,
        Self::Device,
        Self::Documents,
        Self::Services,
        Self::Safety,
    ];

    /// The word for it in addresses and sentences.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Device => "device",
            Self::Documents => "documents",
            Self::Services => "services",
            Self::Safety => "safety",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    question: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    topic: Topic,
    vi: String,
    en: String,
    vi_answer: String,
    en_answer: String,
}

/// A question with its answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Question {
    /// The word for it in addresses.
    pub(crate) id: String,
    pub(super) topic: Topic,
    /// The question, in Vietnamese.
    pub(crate) asked: String,
    /// The question, in English.
    pub(crate) asked_en: String,
    pub(super) answer: Vec<Block>,
    pub(super) answer_en: Vec<Block>,
}

static QUESTIONS: LazyLock<Vec<(Question, Findable)>> = LazyLock::new(|| {
    let read = read().unwrap_or_else(|error| {
        tracing::error!(%error, "the questions cannot be read");
        Vec::new()
    });
    read.into_iter().map(with_words).collect()
});

fn read() -> Result<Vec<Question>, toml::de::Error> {
    let file: File = toml::from_str(include_str!("questions.toml"))?;
    let question = |written: Written| Question {
        id: written.id,
        topic: written.topic,
        asked: written.vi,
        asked_en: written.en,
        answer: prose::parse(&written.vi_answer),
        answer_en: prose::parse(&written.en_answer),
    };
    Ok(file.question.into_iter().map(question).collect())
}

fn with_words(question: Question) -> (Question, Findable) {
    let more = format!(
        "{} {}",
        prose::plain(&question.answer),
        prose::plain(&question.answer_en)
    );
    let words = Findable::new([&question.asked, &question.asked_en], &more);
    (question, words)
}

/// All questions, in their order.
pub(super) fn questions() -> impl Iterator<Item = &'static Question> {
    QUESTIONS.iter().map(|(question, _)| question)
}

/// The questions that answer a search, the best first.
pub(super) fn found(wanted: &Wanted) -> Vec<&'static Question> {
    wanted.among(QUESTIONS.iter().map(|(question, words)| (question, words)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_questions_can_be_read_and_each_topic_has_one() {
        let questions = read().unwrap();

        let ids: BTreeSet<&str> = questions.iter().map(|question| question.id.as_str()).collect();
        let topics: BTreeSet<Topic> = questions.iter().map(|question| question.topic).collect();

        assert_eq!((ids.len(), topics.len()), (questions.len(), Topic::ALL.len()));
    }

    #[test]
    fn a_question_is_found_by_what_people_complain_of() {
        let first = |text: &str| found(&Wanted::read(text)).first().map(|question| question.id.clone());

        assert_eq!(first("khong nhan duoc ma").as_deref(), Some("no-code"));
        assert_eq!(first("quen passcode").as_deref(), Some("forgot"));
        assert_eq!(first("lost phone").as_deref(), Some("stolen"));
    }
}
