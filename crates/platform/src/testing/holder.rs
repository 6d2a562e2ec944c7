//! A citizen with an account, signed in.

use axum::http::header;
use nation::Person;

use super::{Answer, Client, TestApp};
use crate::accounts::{self, Identity, Level, NewAccount};
use crate::shell::ids::PersonId;
use crate::shell::session::{Kind, Opening};
use crate::signin::{self, Passcode, Password};

/// The password of the tests.
pub(crate) const PASSWORD: &str = "Xe#Dap-Xanh7";
/// The passcode of the tests.
pub(crate) const PASSCODE: &str = "739154";

/// A citizen with an account of some level, signed in by password.
pub(crate) struct Holder {
    pub(crate) person: PersonId,
    pub(crate) citizen: Person,
    pub(crate) client: Client,
}

impl TestApp {
    /// Gives a citizen of the nation an account, activated at a level, and signs in.
    pub(crate) async fn holder(&self, citizen: Person, level: Level) -> Holder {
        let person = PersonId::draw(&self.chance);
        let identity = Identity {
            number: citizen.number.clone(),
            full_name: citizen.full_name.clone(),
            date_of_birth: citizen.date_of_birth,
            sex: citizen.sex,
        };
        let phone = citizen.phone.clone().unwrap();
        let account = NewAccount::draw(self, person, &identity, &phone).unwrap();
        let now = self.now();
        self.db
            .write(move |tx| {
                accounts::open(tx, &account)?;
                if level != Level::Zero {
                    accounts::applied(tx, &person)?;
                    accounts::grant(tx, &person, level, now, now)?;
                    assert!(accounts::activate(tx, &person, now)?);
                }
                Ok::<_, db::Error>(())
            })
            .await
            .unwrap();
        let mut holder = Holder {
            person,
            citizen,
            client: self.client(),
        };
        self.sign_in(&mut holder).await;
        holder
    }

    /// Gives somebody the password and the passcode of the tests.
    pub(crate) async fn secrets(&self, holder: &Holder) {
        let password = signin::hash(self, &Password::check(PASSWORD, &[]).unwrap())
            .await
            .unwrap();
        let passcode = signin::hash_passcode(self, &Passcode::check(PASSCODE, &[]).unwrap())
            .await
            .unwrap();
        let (vault, person, now) = (self.vault.clone(), holder.person, self.now());
        self.db
            .write(move |tx| {
                signin::set_password(tx, &vault, &person, &password, now)?;
                signin::set_passcode(tx, &vault, &person, &passcode, now)
            })
            .await
            .unwrap();
    }

    /// A reader follows an invitation and brings the chip of somebody's card.
    pub(crate) async fn bring_chip(&self, address: &str, whose: &Person) -> Answer {
        let told = self.client().get(address).await.json();
        let file: civil::chip::ChipFile = serde_json::from_value(told["challenge"].clone()).unwrap();
        let digits = hex::encode(file.iter().copied().collect::<Vec<u8>>());
        let reading: serde_json::Value = serde_json::from_slice(&self.reading(whose, &digits)).unwrap();
        self.client().post(address, &reading).await
    }

    /// The last code that was sent to somebody's phone.
    pub(crate) async fn code_to(&self, phone: &civil::Phone) -> String {
        // Sent a second later than those before, so that it is the newest.
        self.advance(jiff::SignedDuration::from_secs(1));
        let messages = self.mailbox(&phone.e164()).await;
        let digits = |text: &str| {
            text.split(|letter: char| !letter.is_ascii_digit())
                .find(|digits| digits.len() == 6 || digits.len() == 12)
                .map(str::to_owned)
        };
        messages.iter().find_map(|message| digits(&message.text)).unwrap()
    }

    /// Opens a new session for somebody, as the sign-in page does.
    pub(crate) async fn sign_in(&self, holder: &mut Holder) {
        let session = Opening::draw(self, Kind::Citizen, *holder.person.bytes(), 1, "pwd");
        let [(name, cookie)] = session.cookie(self);
        assert_eq!(name, header::SET_COOKIE);
        self.db.write(move |tx| session.insert(tx)).await.unwrap();
        holder.client.keep(&cookie);
    }
}
