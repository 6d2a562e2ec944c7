use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;

use super::super::{Draft, Kind, Piece, Submission, figures, law, store};
use super::*;
use crate::accounts::{self, Account, Change, Identity, Level, NewAccount, PASSAGES, Stage};
use crate::applications::tests::officer;
use crate::applications::{Applicant, ApplicationId, Contents, Declared, Findings, Subject, evidence};
use crate::eid;
use crate::officers::Role;
use crate::shell::ids::PersonId;
use crate::statistics;
use crate::testing::{Client, TestApp};

#[test]
fn each_event_has_one_outcome_and_an_end_is_an_end() {
    for (at, row) in TRANSITIONS.iter().enumerate() {
        let same = |other: &Transition| other.from == row.from && other.event == row.event;

        assert!(!TRANSITIONS[at + 1..].iter().any(same), "{row:?} stands twice");
        assert!(row.from.is_live(), "{row:?} happens after the end");
    }
}

#[test]
fn the_diagram_in_the_documents_is_that_of_the_tables() {
    const DOCUMENT: &str = include_str!("../../../../../docs/states.md");

    for (name, drawn) in [("application", diagram()), ("account", accounts::diagram())] {
        assert!(
            DOCUMENT.contains(&drawn),
            "put this under the {name} in docs/states.md:\n{drawn}"
        );
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    proptest::sample::select(Event::ALL)
}

proptest! {
    #[test]
    fn no_sequence_of_events_reaches_a_forbidden_state(events in proptest::collection::vec(any_event(), 0..60)) {
        let mut state = State::Draft;
        let mut happened = Vec::new();
        for event in events {
            let Some(next) = state.after(event) else { continue };
            prop_assert!(state.is_live(), "{:?} happened after the end {:?}", event, state);
            if matches!(event, Event::Refuse | Event::Ask | Event::Propose) {
                prop_assert_eq!(state, State::Claimed, "decided by nobody");
            }
            if event == Event::Approve {
                prop_assert!(matches!(state, State::Claimed | State::Proposed), "approved by nobody");
            }
            if next == State::Activated {
                prop_assert_eq!(happened.last(), Some(&Event::Approve));
                prop_assert!(!happened.contains(&Event::Refuse));
            }
            happened.push(event);
            state = next;
        }
        let decisions = happened.iter().filter(|event| matches!(event, Event::Approve | Event::Refuse)).count();
        prop_assert!(decisions <= 1, "decided twice");
    }
}

/// Something that somebody tries; most of it is refused most of the time.
#[derive(Clone, Copy, Debug)]
enum Try {
    Apply(Level, bool),
    Claim(usize),
    Release(usize),
    Decide(usize, &'static str),
    Confirm(usize, &'static str),
    Activate,
    Wait(i64),
}

fn any_try() -> impl Strategy<Value = Try> {
    let level = || prop_oneof![Just(Level::One), Just(Level::Two)];
    prop_oneof![
        3 => (level(), any::<bool>()).prop_map(|(level, doubtful)| Try::Apply(level, doubtful)),
        4 => (0..2_usize).prop_map(Try::Claim),
        1 => (0..2_usize).prop_map(Try::Release),
        4 => (0..2_usize, proptest::sample::select(vec!["approve", "approve", "refuse", "more"])).prop_map(|(who, what)| Try::Decide(who, what)),
        2 => (0..2_usize, proptest::sample::select(vec!["yes", "no"])).prop_map(|(who, what)| Try::Confirm(who, what)),
        2 => Just(Try::Activate),
        2 => proptest::sample::select(vec![1_i64, 6, 30, 24 * 4, 24 * 9]).prop_map(Try::Wait),
    ]
}

/// One person, two reviewers, and what was seen of each application so far.
struct World {
    app: TestApp,
    person: PersonId,
    subject: Subject,
    findings: Findings,
    reviewers: [Client; 2],
    seen: Vec<(ApplicationId, State, Option<jiff::Timestamp>)>,
    stage: Stage,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::start_with(|config| config.session_hours = 24).await;
        let citizen = app.citizen();
        let declared = Declared {
            number: citizen.number.clone(),
            full_name: citizen.full_name.clone(),
            date_of_birth: citizen.date_of_birth,
            sex: citizen.sex,
            residence: None,
            issued_on: None,
        };
        let (findings, _) = evidence::examine(&app, Level::Two, Applicant::Own, &declared, None)
            .await
            .unwrap();
        let phone = citizen.phone.clone().unwrap();
        let identity = Identity {
            number: declared.number.clone(),
            full_name: declared.full_name.clone(),
            date_of_birth: declared.date_of_birth,
            sex: declared.sex,
        };
        let account = NewAccount::draw(&app, PersonId::draw(&app.chance), &identity, &phone).unwrap();
        let person = account.person();
        app.db.write(move |tx| accounts::open(tx, &account)).await.unwrap();
        let reviewers = [
            officer(&app, "mot", Role::Reviewer).await,
            officer(&app, "hai", Role::Reviewer).await,
        ];
        Self {
            subject: Subject {
                declared,
                phone,
                email: None,
                guardian: None,
            },
            app,
            person,
            findings,
            reviewers,
            seen: Vec::new(),
            stage: Stage::New,
        }
    }

    /// Opens an application, or goes on with an open one, and sends it in.
    async fn apply(&self, level: Level, doubtful: bool) {
        let mut findings = self.findings.clone();
        findings.fields[0].agrees = !doubtful;
        let (vault, person) = (self.app.vault.clone(), self.person);
        let live = self
            .app
            .db
            .read(move |conn| crate::applications::find_live(conn, &vault, &person, level))
            .await
            .unwrap();
        let id = match live {
            Some(live) => live.id,
            None => {
                let draft = Draft::draw(&self.app, person, level, &self.subject, None).unwrap();
                let id = draft.id();
                self.app
                    .db
                    .write(move |tx| crate::applications::open(tx, &draft))
                    .await
                    .unwrap();
                id
            }
        };
        let portrait = Piece {
            kind: Kind::Portrait,
            media_type: "image/jpeg".to_owned(),
            content: vec![0xff, 0xd8, 0xff],
        };
        let contents = Contents::draw(&self.app, (person, id), &self.subject, &findings, &[portrait])
            .await
            .unwrap();
        let vault = self.app.vault.clone();
        let found = self
            .app
            .db
            .read(move |conn| crate::applications::find(conn, &vault, &id))
            .await
            .unwrap()
            .unwrap();
        let case = if level == Level::One {
            law::Case::LevelOne
        } else {
            law::Case::LevelTwo
        };
        let Ok(submission) = Submission::draw(&self.app, &found, case, None) else {
            return;
        };
        // Refused where it is not open any more.
        drop(
            self.app
                .db
                .write(move |tx| {
                    crate::applications::put(tx, &contents)?;
                    crate::applications::submit(tx, &submission)
                })
                .await,
        );
    }

    async fn post(&mut self, who: usize, what: &str, body: serde_json::Value) {
        let Some((id, ..)) = self.seen.iter().rev().find(|(_, state, _)| state.waits()) else {
            return;
        };
        let path = format!("/officers/applications/{id}/{what}");
        self.reviewers[who].post(&path, &body).await;
    }

    async fn activate(&self) {
        let (person, now) = (self.person, self.app.now());
        let approved = self
            .seen
            .iter()
            .rev()
            .find(|(_, state, _)| *state == State::Approved)
            .map(|(id, ..)| *id);
        let Some(id) = approved else { return };
        self.app
            .db
            .write(move |tx| {
                if accounts::activate(tx, &person, now)? {
                    store::end(tx, &id, (State::Approved, State::Activated), now)?;
                    figures::settle(tx, &id, now)?;
                }
                Ok::<_, db::Error>(())
            })
            .await
            .unwrap();
    }

    async fn step(&mut self, step: Try) {
        match step {
            Try::Apply(level, doubtful) => {
                let account = self.account().await;
                if account.is_some_and(|account| account.level < level) {
                    self.apply(level, doubtful).await;
                }
            }
            Try::Claim(who) => self.post(who, "claim", json!({})).await,
            Try::Release(who) => self.post(who, "release", json!({})).await,
            Try::Decide(who, what) => {
                let body = json!({ "decision": what, "reasons": ["portrait-poor"], "remark": "x" });
                self.post(who, "decision", body).await;
            }
            Try::Confirm(who, what) => self.post(who, "confirmation", json!({ "confirm": what })).await,
            Try::Activate => self.activate().await,
            Try::Wait(hours) => self.app.advance(SignedDuration::from_hours(hours)),
        }
        self.app.run_jobs().await;
    }

    async fn account(&self) -> Option<Account> {
        let (vault, person) = (self.app.vault.clone(), self.person);
        self.app
            .db
            .read(move |conn| accounts::find(conn, &vault, &person))
            .await
            .unwrap()
    }

    /// Looks at everything, and complains of what may not be.
    async fn look(&mut self, step: Try) -> Result<(), TestCaseError> {
        let person = self.person;
        let rows = self
            .app
            .db
            .read(move |conn| store::list(conn, &person, 100))
            .await
            .unwrap();
        for level in [Level::One, Level::Two] {
            let live = rows
                .iter()
                .filter(|row| row.level == level && row.state.is_live())
                .count();
            prop_assert!(live <= 1, "two live applications for level {level} after {step:?}");
        }
        for row in &rows {
            let before = self.seen.iter().find(|(id, ..)| *id == row.application);
            if let Some((_, state, deadline)) = before {
                prop_assert!(leads(*state, row.state), "{state:?} became {:?} by {step:?}", row.state);
                prop_assert!(row.deadline_at >= *deadline, "a deadline moved backwards by {step:?}");
            }
        }
        self.seen = rows
            .iter()
            .rev()
            .map(|row| (row.application, row.state, row.deadline_at))
            .collect();

        let account = self.account().await;
        let stage = account
            .as_ref()
            .map_or(Stage::Removed, |account| account.standing(self.app.now()).stage());
        prop_assert!(
            passes(self.stage, stage),
            "the account went from {:?} to {stage:?} by {step:?}",
            self.stage
        );
        self.stage = stage;
        let has_card = self
            .app
            .db
            .read(move |conn| eid::is_issued(conn, &person))
            .await
            .unwrap();
        let granted = account.map_or(Level::Zero, |account| account.granted);
        prop_assert_eq!(has_card, granted == Level::Two, "level 2 and the card come together");
        let differences = statistics::recount(&self.app).await.unwrap();
        prop_assert!(differences.is_empty(), "miscounted after {step:?}: {differences:?}");
        Ok(())
    }
}

/// Whether a state may follow another in a step, with the jobs that it causes: a decision, and what time does, at most.
fn leads(from: State, to: State) -> bool {
    let next = |state: State| {
        TRANSITIONS
            .iter()
            .filter(move |row| row.from == state)
            .map(|row| row.to)
    };
    from == to || next(from).any(|once| once == to || next(once).any(|twice| twice == to))
}

fn passes(from: Stage, to: Stage) -> bool {
    let next = |stage: Stage| PASSAGES.iter().filter(move |row| row.from == stage).map(|row| row.to);
    let through_time = |stage| {
        PASSAGES
            .iter()
            .any(|row| row.from == stage && row.change == Change::Time && row.to == to)
    };
    from == to || next(from).any(|once| once == to || through_time(once))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_deeds_reaches_a_forbidden_state(deeds in proptest::collection::vec(any_try(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for step in deeds {
                world.step(step).await;
                world.look(step).await?;
            }
            Ok::<_, TestCaseError>(())
        })?;
    }
}
