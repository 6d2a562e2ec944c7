//! A registration under way: its steps, and what the population database says to the card.

use civil::card_qr::CardField;
use civil::{CardQr, PersonalNumber, Phone, names};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::DraftId;
use crate::accounts::Identity;
use crate::registries::{Life, Person};

/// How long a registration may take.
pub(super) const DRAFT_LIVES: SignedDuration = SignedDuration::from_hours(1);
/// How long a code can be used.
pub(super) const CODE_LIVES: SignedDuration = SignedDuration::from_mins(5);
/// A second click on "send again" within this time sends nothing.
pub(super) const CODE_RESTS: SignedDuration = SignedDuration::from_secs(30);
/// How many wrong codes are taken before a new one is needed.
pub(super) const MOST_TRIES: i64 = 5;
/// How many codes are sent to one phone in a day.
pub(super) const MOST_CODES: i64 = 5;
/// How many cards that do not agree are compared for one number in a day, so that nobody finds out a stranger's data by guessing.
pub(super) const MOST_CHECKS: i64 = 20;
/// From this age people register by themselves (Decree 69/2024, article 7).
const OWN_AGE: i32 = 14;

/// Who wants to register.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Asker {
    pub(super) number: PersonalNumber,
    pub(super) phone: Phone,
}

/// A registration under way.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) id: DraftId,
    pub(super) asker: Asker,
    pub(super) card: Option<CardQr>,
    /// The card as it is kept, by which it is known not to have been replaced meanwhile.
    pub(super) card_sealed: Option<Vec<u8>>,
    pub(super) verdict: Option<Verdict>,
    pub(super) identity: Option<Identity>,
    pub(super) code_sent_at: Option<Timestamp>,
    pub(super) confirmed: bool,
    pub(super) finished: bool,
    pub(super) expires_at: Timestamp,
}

/// What has to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Step {
    /// Give the card's data.
    Card,
    /// See whether they agree with the population database; accept the terms.
    Check,
    /// Enter the code that was sent to the phone.
    Code,
    /// Set a password.
    Password,
    /// Nothing: it is finished.
    Done,
}

impl Step {
    /// Its last part in addresses.
    pub(super) fn slug(self) -> &'static str {
        match self {
            Step::Card => "card",
            Step::Check => "check",
            Step::Code => "code",
            Step::Password => "password",
            Step::Done => "done",
        }
    }

    /// Its address.
    pub(super) fn address(self, draft: &DraftId) -> String {
        format!("/registration/{draft}/{}", self.slug())
    }
}

impl Draft {
    /// What has to be done next.
    pub(super) fn step(&self) -> Step {
        if self.finished {
            Step::Done
        } else if self.confirmed {
            Step::Password
        } else if self.code_sent_at.is_some() {
            Step::Code
        } else if self.card.is_some() {
            Step::Check
        } else {
            Step::Card
        }
    }

    /// What the person is called, numbered and reached by: nothing of it belongs into a password.
    pub(super) fn own_words(&self) -> Vec<String> {
        let mut words = vec![self.asker.number.as_str().to_owned(), self.asker.phone.national()];
        if let Some(identity) = &self.identity {
            let birth = identity.date_of_birth;
            words.push(identity.full_name.clone());
            words.extend(["%d%m%Y", "%Y%m%d", "%d%m%y"].map(|form| birth.strftime(form).to_string()));
        }
        words
    }
}

/// What the population database says to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The data agree, and the person may register.
    Agrees,
    /// These fields of the card are not as the database has them.
    Differs(Vec<CardField>),
    /// The database does not know the number.
    Unknown,
    /// The person is dead.
    Dead,
    /// The person has been declared missing.
    Missing,
    /// The person is younger than 14: the guardian registers.
    UnderAge,
    /// The person acts through a legal representative.
    Ward,
}

/// The fields that are compared, with their names in forms and in the database.
pub(super) const COMPARED: [(CardField, &str); 4] = [
    (CardField::FullName, "full_name"),
    (CardField::DateOfBirth, "date_of_birth"),
    (CardField::Sex, "sex"),
    (CardField::OldNumber, "old_number"),
];

/// Compares a card with the population database.
///
/// The address is not compared: a card keeps the one of the day it was issued. What somebody is or is not allowed is told only where all
/// data agree, so that nobody learns it of a stranger.
pub(super) fn judge(card: &CardQr, person: Option<&Person>, today: Date) -> Verdict {
    let Some(person) = person else {
        return Verdict::Unknown;
    };
    let old_numbers_differ =
        matches!((&card.old_number, &person.old_number), (Some(card), Some(known)) if card != known);
    let differing = [
        !names::same(&card.full_name, &person.full_name),
        card.date_of_birth != person.date_of_birth,
        card.sex != person.sex,
        old_numbers_differ,
    ];
    let differs: Vec<CardField> = COMPARED
        .iter()
        .zip(differing)
        .filter_map(|((field, _), differs)| differs.then_some(*field))
        .collect();
    if !differs.is_empty() {
        return Verdict::Differs(differs);
    }
    match person.life {
        Life::Dead => Verdict::Dead,
        Life::Missing => Verdict::Missing,
        Life::Alive | Life::Emigrated if age(person.date_of_birth, today) < OWN_AGE => Verdict::UnderAge,
        Life::Alive | Life::Emigrated if person.incapable => Verdict::Ward,
        Life::Alive | Life::Emigrated => Verdict::Agrees,
    }
}

/// Completed years of age.
fn age(born: Date, today: Date) -> i32 {
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    i32::from(today.year() - born.year()) - i32::from(!had_birthday)
}

impl Verdict {
    /// As the table keeps it.
    pub(super) fn text(&self) -> String {
        match self {
            Verdict::Agrees => "agrees".to_owned(),
            Verdict::Differs(fields) => {
                let named = COMPARED.iter().filter(|(field, _)| fields.contains(field));
                named.fold("differs".to_owned(), |text, (_, name)| text + " " + name)
            }
            Verdict::Unknown => "unknown".to_owned(),
            Verdict::Dead => "dead".to_owned(),
            Verdict::Missing => "missing".to_owned(),
            Verdict::UnderAge => "under-age".to_owned(),
            Verdict::Ward => "ward".to_owned(),
        }
    }

    /// From what the table keeps.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        Some(match text {
            "agrees" => Verdict::Agrees,
            "unknown" => Verdict::Unknown,
            "dead" => Verdict::Dead,
            "missing" => Verdict::Missing,
            "under-age" => Verdict::UnderAge,
            "ward" => Verdict::Ward,
            _ => {
                let names: Vec<&str> = text.strip_prefix("differs ")?.split(' ').collect();
                let fields = COMPARED.iter().filter(|(_, name)| names.contains(name));
                Verdict::Differs(fields.map(|(field, _)| *field).collect())
            }
        })
    }
}

/// The name of a card's field in forms.
pub(super) fn field_name(field: CardField) -> &'static str {
    match field {
        CardField::Number => "number",
        CardField::OldNumber => "old_number",
        CardField::FullName => "full_name",
        CardField::DateOfBirth => "date_of_birth",
        CardField::Sex => "sex",
        CardField::Address => "address",
        CardField::IssuedOn => "issued_on",
        CardField::Extra => "extra",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_child_comes_of_age_on_the_birthday() {
        assert_eq!(age(date(2012, 11, 23), date(2026, 11, 22)), 13);
        assert_eq!(age(date(2012, 11, 23), date(2026, 11, 23)), 14);
    }

    /// The person of a card, as the population database has them.
    fn known(card: &CardQr) -> Person {
        serde_json::from_value(serde_json::json!({
            "personal_number": card.number, "full_name": card.full_name, "date_of_birth": card.date_of_birth, "sex": card.sex,
            "life": "alive", "incapable": false, "birthplace": "", "birth_registration_place": "", "origin": "", "ethnicity": "",
            "nationality": "", "old_number": card.old_number, "household": [], "relatives": [],
        }))
        .unwrap()
    }

    #[test]
    fn a_card_is_judged_by_its_data_first_and_then_by_who_its_holder_is() {
        let card = CardQr::parse("001199000001|012345678|Trần Thị Hòa|15011999|Nữ|Số 1, Hà Nội|20072022").unwrap();
        let today = date(2026, 11, 23);
        let verdict = |change: fn(&mut Person)| {
            let mut person = known(&card);
            change(&mut person);
            judge(&card, Some(&person), today)
        };

        assert_eq!(judge(&card, None, today), Verdict::Unknown);
        assert_eq!(verdict(|_| {}), Verdict::Agrees);
        assert_eq!(
            verdict(|person| person.full_name = "TRẦN THỊ HOÀ".to_owned()),
            Verdict::Agrees
        );
        assert_eq!(verdict(|person| person.old_number = None), Verdict::Agrees);
        assert_eq!(verdict(|person| person.life = Life::Emigrated), Verdict::Agrees);
        assert_eq!(verdict(|person| person.life = Life::Dead), Verdict::Dead);
        assert_eq!(verdict(|person| person.life = Life::Missing), Verdict::Missing);
        assert_eq!(verdict(|person| person.incapable = true), Verdict::Ward);
        let stranger = verdict(|person| {
            person.life = Life::Dead;
            person.full_name = "Trần Thị Hoa".to_owned();
            person.old_number = Some("987654321".to_owned());
        });
        assert_eq!(
            stranger,
            Verdict::Differs(vec![CardField::FullName, CardField::OldNumber])
        );
    }

    #[test]
    fn a_verdict_is_kept_and_read_again() {
        for verdict in [
            Verdict::Agrees,
            Verdict::Differs(vec![CardField::FullName, CardField::Sex]),
            Verdict::Unknown,
            Verdict::Dead,
            Verdict::Missing,
            Verdict::UnderAge,
            Verdict::Ward,
        ] {
            assert_eq!(Verdict::from_text(&verdict.text()), Some(verdict));
        }
    }
}
