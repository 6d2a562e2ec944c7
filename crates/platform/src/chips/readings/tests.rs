use ::http::StatusCode;
use civil::chip::clones::Question;
use civil::chip::reader::Session;
use civil::chip::{Challenge, ChipFile, Reading};
use jiff::SignedDuration;
use nation::Person;
use nation::chip::SimulatedCard;
use serde_json::{Value, json};

use super::*;
use crate::chips::reader::{access_number, dice};
use crate::chips::{Active, Agreement, CardAccess};
use crate::testing::{Answer, Client, TestApp};

const MATTER: [u8; 16] = [7; 16];

/// A page that has invited a reader, and a person with the card on it.
struct Desk {
    app: TestApp,
    citizen: Person,
    person: PersonId,
    address: String,
    client: Client,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let (citizen, person, client) = (app.citizen(), PersonId::draw(&app.chance), app.client());
        let address = invite(&app, person).await;
        Self {
            app,
            citizen,
            person,
            address,
            client,
        }
    }

    fn card(&self) -> SimulatedCard {
        let card = self.citizen.valid_card(self.app.clock.today()).unwrap();
        let issuer = &self.app.sandbox.as_ref().unwrap().issuer;
        SimulatedCard::new(self.app.nation(), &self.citizen, card, issuer).unwrap()
    }

    async fn challenge(&mut self) -> Challenge {
        let told = self.client.get(&self.address).await.json();
        let file: ChipFile = serde_json::from_value(told["challenge"].clone()).unwrap();
        Challenge(*file.as_array().unwrap())
    }

    fn read(&self, card: &mut SimulatedCard, challenge: Challenge) -> Reading {
        let mut dice = dice(&self.app.chance);
        let mut session = Session::open(card, &access_number(&self.citizen.number), &mut dice).unwrap();
        session.read(Some(challenge)).unwrap()
    }

    async fn bring(&mut self, reading: &Reading) -> Answer {
        let body = serde_json::to_value(reading).unwrap();
        self.client.post(&self.address, &body).await
    }

    /// Lets a card, laid down anew, answer what the platform asked.
    async fn answer(&mut self, mut card: SimulatedCard, asked: &Answer) -> Answer {
        let question: Question = serde_json::from_value(asked.json()["chip_authentication"].clone()).unwrap();
        let mut dice = dice(&self.app.chance);
        let mut session = Session::open(&mut card, &access_number(&self.citizen.number), &mut dice).unwrap();
        let response = ChipFile::from(session.answer(&question).unwrap());
        let path = format!("{}/answer", self.address);
        self.client.post(&path, &json!({ "response": response })).await
    }

    async fn received(&self) -> Option<Received> {
        let (vault, person) = (self.app.vault.clone(), self.person);
        let read = self.app.db.read(move |conn| received(conn, &vault, &person, &MATTER));
        read.await.unwrap()
    }
}

async fn invite(app: &TestApp, person: PersonId) -> String {
    let invitation = Invitation::draw(app, person, MATTER).unwrap();
    let address = invitation.address();
    app.db.write(move |tx| super::invite(tx, &invitation)).await.unwrap();
    address
}

#[tokio::test]
async fn a_chip_that_is_brought_proves_itself_twice() {
    let mut desk = Desk::new().await;
    let mut card = desk.card();

    let challenge = desk.challenge().await;
    let reading = desk.read(&mut card, challenge);
    let asked = desk.bring(&reading).await;
    let before = desk.received().await.unwrap().verdict;
    let told = desk.answer(desk.card(), &asked).await;
    let after = desk.received().await.unwrap();

    assert_eq!(asked.at("/state"), "asked", "{asked}");
    assert!(before.fresh && before.is_original());
    assert_eq!(before.agreement, Agreement::Asked);
    assert_eq!(told.at("/state"), "received", "{told}");
    assert_eq!(told.at("/found"), "original");
    assert_eq!(after.verdict.agreement, Agreement::Original);
    assert_eq!(after.verdict.card_access, CardAccess::Signed);
    assert_eq!(serde_json::from_slice::<Reading>(&after.reading).unwrap(), reading);
}

#[tokio::test]
async fn a_copy_is_found_by_each_of_the_two() {
    let mut desk = Desk::new().await;
    let mut copy = desk.card().copied().unwrap();

    let challenge = desk.challenge().await;
    let mut reading = desk.read(&mut copy, challenge);
    reading.active = None;
    let asked = desk.bring(&reading).await;
    let told = desk.answer(desk.card().copied().unwrap(), &asked).await;
    let by_agreement = desk.received().await.unwrap().verdict;
    desk.address = invite(&desk.app, desk.person).await;
    let challenge = desk.challenge().await;
    let reading = desk.read(&mut desk.card().copied().unwrap(), challenge);
    desk.bring(&reading).await;
    let by_signature = desk.received().await.unwrap().verdict;

    assert_eq!(told.at("/found"), "copy", "{told}");
    assert!(matches!(by_agreement.agreement, Agreement::Refused { .. }) && !by_agreement.is_original());
    assert!(matches!(by_signature.active, Active::Refused { .. }) && !by_signature.accepted);
}

#[tokio::test]
async fn a_replayed_answer_is_refused() {
    let mut desk = Desk::new().await;
    let old = desk.read(&mut desk.card(), Challenge([1; 8]));

    let asked = desk.bring(&old).await;
    let verdict = desk.received().await.unwrap().verdict;

    assert_eq!(asked.status, StatusCode::OK);
    assert!(!verdict.fresh && !verdict.accepted && !verdict.is_original());
    assert!(matches!(verdict.active, Active::Refused { .. }));
}

#[tokio::test]
async fn an_invitation_is_used_once_and_in_time() {
    let mut desk = Desk::new().await;
    let challenge = desk.challenge().await;
    let reading = desk.read(&mut desk.card(), challenge);

    let first = desk.bring(&reading).await;
    let again = desk.bring(&reading).await;
    desk.address = invite(&desk.app, desk.person).await;
    desk.app.advance(SignedDuration::from_mins(10));
    let late = desk.bring(&reading).await;
    let answer = json!({ "response": "AA==" });
    let early = desk.client.post(&format!("{}/answer", desk.address), &answer).await;
    let unknown = desk.client.get("/chips/readings/AAAA").await;
    desk.app.advance(SignedDuration::from_hours(26));
    desk.app.run_jobs().await;

    assert_eq!(first.status, StatusCode::OK, "{first}");
    assert_eq!(again.at("/type"), "/problems/chips-reading-used");
    assert_eq!(late.at("/type"), "/problems/chips-reading-late");
    assert_eq!(early.status, StatusCode::GONE);
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(desk.received().await.is_none());
}

#[tokio::test]
async fn the_address_tells_nothing_of_the_card() {
    let mut desk = Desk::new().await;
    let challenge = desk.challenge().await;
    let reading = desk.read(&mut desk.card(), challenge);

    let asked = desk.bring(&reading).await;
    let shown = desk.client.get(&desk.address.clone()).await;
    let page = desk.client.clone().browser().get(&desk.address.clone()).await.text();

    for told in [asked.text(), shown.text(), page] {
        assert!(!told.contains(desk.citizen.number.as_str()), "{told}");
        assert!(!told.contains(&desk.citizen.full_name), "{told}");
    }
    assert_eq!(shown.json().get("challenge"), None::<&Value>);
}

#[tokio::test]
async fn what_is_no_chip_and_what_is_too_large_is_refused_by_name() {
    let mut desk = Desk::new().await;
    let large = json!({ "com": "A".repeat(13_000_000) });

    let form = desk.client.post(&desk.address, &json!({ "dg1": 5 })).await;
    let large = desk.client.post(&desk.address, &large).await;
    let still = desk.client.get(&desk.address).await;

    assert_eq!(form.at("/type"), "/problems/body-malformed");
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(still.at("/state"), "waiting");
}

#[tokio::test]
async fn of_two_readers_at_once_one_is_heard() {
    let mut desk = Desk::new().await;
    let challenge = desk.challenge().await;
    let reading = serde_json::to_value(desk.read(&mut desk.card(), challenge)).unwrap();
    let (mut one, mut other) = (desk.client.clone(), desk.client.clone());

    let (first, second) = tokio::join!(one.post(&desk.address, &reading), other.post(&desk.address, &reading));

    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn a_saved_file_uses_an_invitation_up_once() {
    let mut desk = Desk::new().await;
    let challenge = desk.challenge().await;
    let reading = desk.read(&mut desk.card(), challenge);
    let find = async |desk: &Desk| {
        let (vault, person, now) = (desk.app.vault.clone(), desk.person, desk.app.now());
        let found = desk
            .app
            .db
            .read(move |conn| invited(conn, &vault, (&person, &MATTER), now));
        found.await.unwrap()
    };
    let open = find(&desk).await.unwrap();
    let verdict = Verdict::against(&reading, &desk.app.trust, desk.app.now(), Some(open.challenge()));

    let now = desk.app.now();
    let spend = async |open: Invited| desk.app.db.write(move |tx| spend(tx, &open, now)).await.unwrap();
    let done = [spend(open.clone()).await, spend(open).await];

    assert!(verdict.is_original());
    assert_eq!(done, [true, false]);
    assert!(find(&desk).await.is_none());
}
