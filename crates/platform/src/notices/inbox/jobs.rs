//! Carries notes out of the inbox by the ways that their readers wish.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{NoteId, Told, store};
use crate::accounts::{self, Account};
use crate::app::App;
use crate::notices::choices::{self, Wishes};
use crate::notices::costs::KEPT_FOR;
use crate::notices::jobs::{Send, count, hand_over};
use crate::notices::push::{self, Shown, Subscription};
use crate::notices::{Channel, Kind, Priority, Way, delivery};
use crate::shell::ids::PersonId;
use crate::shell::jobs::{self as outbox, Failure, Job, JobId, Order};
use crate::shell::problem::Problem;

/// Carry a note to its reader.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::notices) struct Carry {
    pub(in crate::notices) person: PersonId,
    pub(in crate::notices) note: NoteId,
    pub(in crate::notices) priority: Priority,
}

impl Carry {
    /// The order to do it at an instant, in its turn.
    pub(in crate::notices) fn order(&self, app: &App, at: Timestamp) -> Order {
        let order = Order::at(app, self, at);
        match self.priority {
            Priority::Urgent => order.urgent(),
            Priority::Usual => order,
            Priority::Leisure => order.at_leisure(),
        }
    }

    /// The name under which the note leaves by a way: the same however often it is tried.
    fn leaves_as(&self, app: &App, way: &str) -> JobId {
        let mut name = self.person.bytes().to_vec();
        name.extend_from_slice(self.note.bytes());
        name.extend_from_slice(way.as_bytes());
        let digest = app.vault.digest("notice-leaves-as", &name);
        digest.as_chunks::<16>().0.first().copied().unwrap_or_default().into()
    }
}

impl Job for Carry {
    const KIND: &'static str = "notices-carry";
    const AT_ONCE: bool = true;

    async fn run(self, app: App, _: JobId) -> Result<(), Failure> {
        let now = app.clock.now();
        let Some(reader) = reader(&app, &self).await.map_err(|problem| again(&problem))? else {
            return Ok(());
        };
        if reader.told_at < now - KEPT_FOR {
            return Ok(());
        }
        if self.priority != Priority::Urgent
            && let Some(morning) = reader.wishes.held_until(now)
        {
            let held = self.order(&app, morning);
            return Ok(app.db.write(move |tx| outbox::enqueue(tx, &held)).await?);
        }
        let mut worst = Ok(());
        let (title, text) = reader.says(&app);
        for (to, shown) in reader.pushes(&app, &self, (&title, &text)) {
            worst = worse(worst, self.push(&app, to, &shown).await);
        }
        for (way, message) in reader.messages(&app, &text) {
            worst = worse(worst, hand_over(&app, self.leaves_as(&app, way.word()), &message).await);
        }
        worst
    }
}

impl Carry {
    async fn push(&self, app: &App, to: &Subscription, shown: &Shown<'_>) -> Result<(), Failure> {
        let id = self.leaves_as(app, &to.push.to_string());
        if delivery::is_taken(app, id).await? {
            return Ok(());
        }
        if !push::send(app, &self.person, to, shown, self.priority).await? {
            return Ok(());
        }
        count(app, Way::Push.word());
        let written = delivery::took(app, id, ("push", &to.gateway()), vec![String::new()]).await;
        written.map_err(|refused| Failure::Again(refused.to_string()))
    }
}

fn again(problem: &Problem) -> Failure {
    Failure::Again(problem.slug().to_owned())
}

/// Of two outcomes the one for which the job has to be tried again; else the one that says why it never will be done.
fn worse(one: Result<(), Failure>, other: Result<(), Failure>) -> Result<(), Failure> {
    match (&one, &other) {
        (Err(Failure::Again(_)), _) | (_, Ok(())) => one,
        _ => other,
    }
}

/// Whom a note is for, as things are when it leaves.
struct Reader {
    account: Account,
    wishes: Wishes,
    kind: Kind,
    told: Told,
    told_at: Timestamp,
    browsers: Vec<Subscription>,
}

/// The reader of a note; nobody if the note or the account is gone, or the note was read meanwhile and need not be insisted on.
async fn reader(app: &App, carry: &Carry) -> Result<Option<Reader>, Problem> {
    let (person, note, vault) = (carry.person, carry.note, app.vault.clone());
    app.db
        .read(move |conn| {
            let Some(kept) = store::find(conn, &person, &note)? else {
                return Ok(None);
            };
            let (Some(kind), Some(account)) = (Kind::of_word(&kept.kind), accounts::find(conn, &vault, &person)?)
            else {
                return Ok(None);
            };
            if kept.read_at.is_some() && !kind.must(Way::Sms) {
                return Ok(None);
            }
            let wishes = choices::find(conn, &person)?;
            let browsers = if wishes.wants(kind, Way::Push) {
                push::list(conn, &vault, &person)?
            } else {
                Vec::new()
            };
            Ok::<_, Problem>(Some(Reader {
                told: Told::open(&vault, &note, &kept.told_sealed)?,
                told_at: kept.told_at,
                account,
                wishes,
                kind,
                browsers,
            }))
        })
        .await
}

impl Reader {
    /// The title and the text of the note, in the reader's language.
    fn says(&self, app: &App) -> (String, String) {
        let lang = self.wishes.lang;
        let kind = format!("notices-kind-{}", self.kind.word());
        (app.texts.say(lang, &kind, &[]), self.told.say(&app.texts, lang))
    }

    fn link(&self) -> &str {
        self.told.link.as_deref().unwrap_or("/notices")
    }

    /// What leaves for which browser.
    fn pushes<'a>(
        &'a self,
        app: &App,
        carry: &Carry,
        (title, text): (&str, &'a str),
    ) -> Vec<(&'a Subscription, Shown<'a>)> {
        let tag = carry.leaves_as(app, Way::Push.word()).to_string();
        let shown = || Shown {
            tag: tag.clone(),
            title: title.to_owned(),
            text,
            link: self.link(),
            lang: self.wishes.lang.tag(),
        };
        self.browsers.iter().map(|browser| (browser, shown())).collect()
    }

    /// What leaves by which other way.
    fn messages(&self, app: &App, text: &str) -> Vec<(Way, Send)> {
        let lang = self.wishes.lang;
        let mut messages = Vec::new();
        if let Some(email) = &self.account.email
            && self.wishes.wants(self.kind, Way::Email)
        {
            let letter = Send::new(Channel::Email, email, self.letter(app, text));
            messages.push((Way::Email, Send { lang, ..letter }));
        }
        if !self.account.phone_lost && self.wishes.wants(self.kind, Way::Sms) {
            // Without diacritics twice as many letters fit into a part.
            let plain = format!("VNeID: {}", civil::names::without_diacritics(text));
            messages.push((Way::Sms, Send::new(Channel::Sms, &self.account.phone.e164(), plain)));
        }
        messages
    }

    fn letter(&self, app: &App, text: &str) -> String {
        let address = |path: &str| format!("{}{path}", app.config.public_url);
        let (link, choices) = (address(self.link()), address("/notices/choices"));
        let values = [
            ("text", text.into()),
            ("link", link.into()),
            ("choices", choices.into()),
        ];
        app.texts.say(self.wishes.lang, "notices-letter", &values)
    }
}
