use askama::Template;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use nation::sources::{Fault, Source};
use serde::{Deserialize, Serialize};

use super::rules::{self, FaultForm, FaultKind};
use super::{Portal, command, ground};
use crate::app::App;
use crate::notices::{self, Message};
use crate::officers::{self, Role};
use crate::registries::Source as Line;
use crate::shell::filters;
use crate::shell::input::{Input, Query};
use crate::shell::jobs;
use crate::shell::page::{Next, Page};
use crate::shell::problem::{self, Problem};

/// How many messages are shown when nothing is said, and at most.
const MESSAGES: i64 = 20;
const MOST_MESSAGES: i64 = 200;

/// Whose messages to show.
#[derive(Debug, Deserialize)]
pub(super) struct Address {
    #[serde(default)]
    to: String,
    count: Option<i64>,
}

/// What has left the platform.
#[derive(Template, Serialize)]
#[template(path = "sandbox/pages/messages.html")]
pub(super) struct Messages {
    to: String,
    messages: Vec<Message>,
}

/// Shows SMS and e-mail. What was ordered by now is sent first, so that nobody has to ask twice.
pub(super) async fn messages(
    State(app): State<App>,
    Query(address): Query<Address>,
) -> Result<Page<Messages>, Problem> {
    let to = address.to.trim();
    let to = civil::Phone::parse(to).map_or_else(|_| to.to_owned(), |phone| phone.e164());
    let count = address.count.unwrap_or(MESSAGES).clamp(0, MOST_MESSAGES);

    let messages = received(&app, &to, count).await?;

    Ok(Page(Messages { to, messages }))
}

/// What an address, or anybody, received, newest first.
pub(super) async fn received(app: &App, to: &str, count: i64) -> Result<Vec<Message>, Problem> {
    jobs::run_due(app).await?;
    notices::mailbox(app, Some(to).filter(|to| !to.is_empty()), count).await
}

/// The sandbox's clock.
#[derive(Template, Serialize)]
#[template(path = "sandbox/pages/clock.html")]
pub(super) struct ClockPage {
    now: Timestamp,
    /// How far it was moved.
    ahead: SignedDuration,
}

impl ClockPage {
    fn of(app: &App) -> Self {
        Self {
            now: app.clock.now(),
            ahead: app.clock.ahead(),
        }
    }

    /// As people read it: *9h 37m 13s*.
    fn moved(&self) -> String {
        format!("{:#}", SignedDuration::from_secs(self.ahead.as_secs()))
    }
}

/// What the page of the clock offers.
const CHOICES: [(&str, &str); 5] = [
    ("T10:00", "sandbox-clock-morning"),
    ("PT1H", "sandbox-clock-hour"),
    ("PT26H", "sandbox-clock-day"),
    ("P8D", "sandbox-clock-week"),
    ("P31D", "sandbox-clock-month"),
];

/// How far to move the clock.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    advance: String,
}

/// Shows the clock.
pub(super) async fn clock(State(app): State<App>) -> Page<ClockPage> {
    Page(ClockPage::of(&app))
}

/// Moves the clock forward.
pub(super) async fn advance(State(app): State<App>, Input(form): Input<Advance>) -> Result<Next<ClockPage>, Problem> {
    let Some(by) = rules::ahead(&form.advance, app.clock.now()) else {
        let fault = problem::Fault::new("advance", "sandbox-clock-fault");
        return Err(Problem::invalid(vec![fault]).on(ClockPage::of(&app)));
    };

    app.clock.advance(by);
    ground(&app)?.keep_clock(&app.clock).map_err(Problem::internal)?;
    app.bell.ring();

    Ok(Next {
        to: "/sandbox/clock".to_owned(),
        view: ClockPage::of(&app),
    })
}

/// What is wrong with the source databases.
#[derive(Template, Serialize)]
#[template(path = "sandbox/pages/faults.html")]
pub(super) struct Faults {
    sources: Vec<SourceState>,
}

#[derive(Serialize)]
struct SourceState {
    source: Source,
    fault: FaultKind,
    #[serde(flatten)]
    details: Fault,
    /// The platform leaves it alone for a while, because it failed.
    left_alone: bool,
}

impl SourceState {
    fn name_id(&self) -> String {
        match self.source {
            Source::Matcher => "sandbox-source-matcher".to_owned(),
            source => format!("documents-source-{}", source.name()),
        }
    }

    fn word_id(&self) -> String {
        format!("sandbox-fault-{}", self.word())
    }

    fn has(&self, word: &str) -> bool {
        self.word() == word
    }

    fn word(&self) -> &'static str {
        match self.fault {
            FaultKind::None => "none",
            FaultKind::Down => "down",
            FaultKind::Slow => "slow",
            FaultKind::Errors => "errors",
            FaultKind::Stale => "stale",
            FaultKind::FalseMatch => "false-match",
            FaultKind::FalseNonMatch => "false-non-match",
            FaultKind::PoorQuality => "poor-quality",
            FaultKind::NotLive => "not-live",
            FaultKind::OtherPerson => "other-person",
            FaultKind::Forged => "forged",
            FaultKind::Replayed => "replayed",
            FaultKind::Drifted => "drifted",
            FaultKind::Huge => "huge",
            FaultKind::WrongClock => "wrong-clock",
        }
    }

    /// What can be made wrong with it.
    fn kinds(&self) -> &'static [&'static str] {
        match self.source {
            Source::Matcher => &[
                "none",
                "down",
                "slow",
                "errors",
                "false-match",
                "false-non-match",
                "poor-quality",
                "not-live",
            ],
            _ => &[
                "none",
                "down",
                "slow",
                "errors",
                "stale",
                "other-person",
                "forged",
                "replayed",
                "drifted",
                "huge",
                "wrong-clock",
            ],
        }
    }
}

impl Faults {
    fn of(app: &App) -> Result<Self, Problem> {
        let faults = &ground(app)?.faults;
        let state = |source, left_alone| {
            let details = faults.get(source);
            let erring = rules::kind_of_model(faults.matcher_model()).filter(|_| source == Source::Matcher);
            SourceState {
                source,
                fault: erring.unwrap_or(rules::kind(details)),
                details,
                left_alone,
            }
        };
        Ok(Self {
            sources: Source::ALL
                .into_iter()
                .map(|source| {
                    let line = Line::ALL.into_iter().find(|line| line.text() == source.name());
                    let alone = line.map_or_else(
                        || app.biometrics.leaves_alone(),
                        |line| app.registries.leaves_alone(line),
                    );
                    state(source, alone)
                })
                .collect(),
        })
    }
}

/// Shows what is wrong with the source databases.
pub(super) async fn faults(State(app): State<App>) -> Result<Page<Faults>, Problem> {
    Ok(Page(Faults::of(&app)?))
}

/// Makes something wrong with a source database, or right again.
pub(super) async fn set_fault(State(app): State<App>, Input(form): Input<FaultForm>) -> Result<Next<Faults>, Problem> {
    let faults = &ground(&app)?.faults;
    faults.set(form.source, form.fault());
    if form.source == Source::Matcher {
        faults.set_matcher_model(form.model());
    }

    Ok(Next {
        to: "/sandbox/faults".to_owned(),
        view: Faults::of(&app)?,
    })
}

/// The officers one can sign in as.
#[derive(Template, Serialize)]
#[template(path = "sandbox/pages/officers.html")]
pub(super) struct Officers {
    sign_in: &'static str,
    officers: Vec<OfficerFacts>,
}

#[derive(Clone, Serialize)]
pub(super) struct OfficerFacts {
    pub(super) login: &'static str,
    pub(super) password: &'static str,
    pub(super) full_name: &'static str,
    pub(super) role: Role,
    /// The code of the unit.
    pub(super) unit_code: &'static str,
    pub(super) unit: String,
}

impl OfficerFacts {
    pub(super) fn role_id(&self) -> String {
        format!("officers-role-{}", self.role.word())
    }
}

/// The officers of the sandbox.
pub(super) fn all_officers() -> Vec<OfficerFacts> {
    command::OFFICERS
        .iter()
        .map(|officer| OfficerFacts {
            login: officer.login,
            password: command::OFFICERS_PASSWORD,
            full_name: officer.full_name,
            role: officer.role,
            unit_code: officer.unit,
            unit: officers::unit(officer.unit),
        })
        .collect()
}

/// Shows the officers with their credentials.
pub(super) async fn officers() -> Page<Officers> {
    Page(Officers {
        sign_in: "/officers/signin",
        officers: all_officers(),
    })
}

/// The relying parties to try signing in to.
#[derive(Template, Serialize)]
#[template(path = "sandbox/pages/partners.html")]
pub(super) struct Partners {
    issuer: String,
    partners: Vec<PartnerFacts>,
}

#[derive(Serialize)]
struct PartnerFacts {
    name: &'static str,
    url: String,
    client_id: &'static str,
    client_secret: &'static str,
    redirect_uri: String,
}

/// Shows the relying parties with their credentials.
pub(super) async fn partners(State(app): State<App>) -> Result<Page<Partners>, Problem> {
    let facts = |portal: &Portal| PartnerFacts {
        name: Portal::NAME,
        url: portal.url.clone(),
        client_id: Portal::CLIENT_ID,
        client_secret: Portal::CLIENT_SECRET,
        redirect_uri: portal.redirect_uri(),
    };
    Ok(Page(Partners {
        issuer: app.config.public_url.clone(),
        partners: ground(&app)?.portal.iter().map(facts).collect(),
    }))
}
