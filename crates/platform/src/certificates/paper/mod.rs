//! The certificate as a paper, in the order of its form; in Vietnamese, as the state speaks.

use jiff::civil::Date;

use super::rules::{Content, Kind};
use super::verification;
use crate::app::App;
use crate::registries::{Ban, Conviction};
use crate::shell::pdf::{Block, Code, Paper};
use crate::shell::texts::{Arg, Lang};

/// Writes a certificate.
pub(super) fn paper(app: &App, content: &Content) -> Paper {
    let words = Words(app);
    let title = words.with("certificates-paper-title", &[("kind", content.kind.word().into())]);
    let mut blocks = head(&words, content, &title);
    blocks.push(Block::Fields(person(&words, content)));
    blocks.extend(convictions(&words, content));
    blocks.extend(bans(&words, content));
    blocks.push(Block::Heading(words.say("certificates-paper-use")));
    blocks.push(Block::Fields(purpose(&words, content)));
    blocks.push(Block::Gap);
    blocks.push(Block::Centred(
        words.with(
            "certificates-paper-issued",
            &[
                ("body", content.issued_by.as_str().into()),
                ("day", day(content.issued_on).into()),
            ],
        ),
        true,
    ));
    blocks.push(Block::Gap);
    blocks.push(check(&words, content));
    blocks.push(Block::Small(words.say("certificates-paper-value")));
    if app.config.sandbox {
        blocks.push(Block::Small(words.say("certificates-paper-specimen")));
    }
    Paper {
        title,
        author: content.issued_by.clone(),
        lang: Lang::Vi,
        made_at: app.clock.now(),
        foot: content.number.clone(),
        blocks,
    }
}

/// The sentences of the form.
struct Words<'a>(&'a App);

impl Words<'_> {
    fn say(&self, id: &str) -> String {
        self.with(id, &[])
    }

    fn with(&self, id: &str, args: &[Arg<'_>]) -> String {
        self.0.texts.say(Lang::Vi, id, args)
    }

    fn field(&self, id: &str, value: impl Into<String>) -> (String, String) {
        (self.say(id), value.into())
    }

    /// A field that may have no value, which is said.
    fn maybe(&self, id: &str, value: Option<&String>) -> (String, String) {
        let none = || self.say("certificates-paper-none");
        (self.say(id), value.cloned().unwrap_or_else(none))
    }
}

fn head(words: &Words<'_>, content: &Content, title: &str) -> Vec<Block> {
    let law = match content.kind {
        Kind::One => "certificates-paper-law-1",
        Kind::Two => "certificates-paper-law-2",
    };
    vec![
        Block::Centred(words.say("certificates-paper-state"), true),
        Block::Centred(words.say("certificates-paper-motto"), false),
        Block::Gap,
        Block::Centred(content.issued_by.to_uppercase(), true),
        Block::Centred(
            words.with(
                "certificates-paper-number",
                &[("number", content.number.as_str().into())],
            ),
            false,
        ),
        Block::Title(title.to_uppercase()),
        Block::Centred(words.say(law), false),
    ]
}

fn person(words: &Words<'_>, content: &Content) -> Vec<(String, String)> {
    let mut fields = vec![
        words.field("certificates-paper-name", content.full_name.to_uppercase()),
        words.field("certificates-paper-sex", content.sex.vietnamese()),
        words.field("certificates-paper-birth", day(content.date_of_birth)),
        words.field("certificates-paper-birthplace", &content.birthplace),
        words.field("certificates-paper-nationality", &content.nationality),
        words.maybe("certificates-paper-permanent", content.permanent_residence.as_ref()),
        words.maybe("certificates-paper-temporary", content.temporary_residence.as_ref()),
        words.field("certificates-paper-personal-number", &content.personal_number),
    ];
    if let Some(family) = &content.family {
        fields.push(words.maybe("certificates-paper-father", family.father.as_ref()));
        fields.push(words.maybe("certificates-paper-mother", family.mother.as_ref()));
        fields.push(words.maybe("certificates-paper-spouse", family.spouse.as_ref()));
    }
    fields
}

fn convictions(words: &Words<'_>, content: &Content) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(words.say("certificates-paper-record"))];
    if content.is_clean() {
        blocks.push(Block::Text(words.say("certificates-paper-clean")));
        return blocks;
    }
    match content.kind {
        Kind::One => {
            blocks.push(Block::Text(words.say("certificates-paper-not-clean")));
            let head = ["offence", "penalty", "additional"];
            let head = head.map(|column| words.say(&format!("certificates-paper-{column}")));
            let row = |one: &Conviction| {
                let beside = one.additional_penalty.clone().unwrap_or_else(|| "–".to_owned());
                vec![one.offence.clone(), one.penalty.clone(), beside]
            };
            blocks.push(Block::Table(
                head.to_vec(),
                content.convictions.iter().map(row).collect(),
            ));
        }
        Kind::Two => blocks.extend(content.convictions.iter().map(|one| Block::Fields(whole(words, one)))),
    }
    blocks
}

/// A conviction with all that number 2 says of it (Luật Lý lịch tư pháp 2009, article 43).
fn whole(words: &Words<'_>, one: &Conviction) -> Vec<(String, String)> {
    let cleared = one.cleared_on.map_or_else(
        || words.say("certificates-paper-not-cleared"),
        |on| words.with("certificates-paper-cleared-on", &[("day", day(on).into())]),
    );
    vec![
        words.field(
            "certificates-paper-judgment",
            format!("{} – {}", one.judgment, day(one.judged_on)),
        ),
        words.field("certificates-paper-court", &one.court),
        words.field(
            "certificates-paper-offence",
            format!("{} ({})", one.offence, one.provision),
        ),
        words.field("certificates-paper-penalty", &one.penalty),
        words.maybe("certificates-paper-additional", one.additional_penalty.as_ref()),
        words.maybe("certificates-paper-duties", one.civil_duties.as_ref()),
        words.field("certificates-paper-cleared", cleared),
    ]
}

fn bans(words: &Words<'_>, content: &Content) -> Vec<Block> {
    let Some(bans) = &content.bans else {
        return Vec::new();
    };
    let mut blocks = vec![Block::Heading(words.say("certificates-paper-bans"))];
    if bans.is_empty() {
        blocks.push(Block::Text(words.say("certificates-paper-no-bans")));
        return blocks;
    }
    let head = ["positions", "decision", "term"];
    let head = head.map(|column| words.say(&format!("certificates-paper-{column}")));
    let row = |ban: &Ban| {
        let term = format!("{} – {}", day(ban.from), day(ban.until));
        vec![ban.positions.clone(), format!("{}, {}", ban.decision, ban.court), term]
    };
    blocks.push(Block::Table(head.to_vec(), bans.iter().map(row).collect()));
    blocks
}

fn purpose(words: &Words<'_>, content: &Content) -> Vec<(String, String)> {
    let own = || words.say("certificates-paper-own-request");
    let asker = content.organisation.clone().unwrap_or_else(own);
    vec![
        words.field("certificates-paper-asker", asker),
        words.field("certificates-paper-purpose", &content.purpose),
    ]
}

fn check(words: &Words<'_>, content: &Content) -> Block {
    let address = verification::address(words.0, &content.number, &content.code);
    let place = verification::place(words.0);
    Block::Code(Code {
        text: address,
        alt: words.say("certificates-paper-code-alt"),
        beside: vec![
            words.with("certificates-paper-check", &[("place", place.as_str().into())]),
            words.with(
                "certificates-paper-check-number",
                &[("number", content.number.as_str().into())],
            ),
            words.with(
                "certificates-paper-check-code",
                &[("code", content.code.as_str().into())],
            ),
        ],
    })
}

fn day(date: Date) -> String {
    date.strftime("%d/%m/%Y").to_string()
}
