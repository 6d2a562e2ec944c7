//! What a certificate says, its number and code, and how it stands: no I/O, no clock, no dice.

use civil::Sex;
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Granted;
use crate::registries::{Ban, CivilStatus, Conviction, JudicialRecord, Person};
use crate::shell::problem::Problem;
use crate::shell::words::words;

/// Letters and digits that are not taken for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// What every number begins with.
const PREFIX: &str = "LLTP";
/// How many letters a number has after that, and a code: 60 and 80 bits.
const NUMBER: usize = 12;
const CODE: usize = 16;
/// Letters of a group.
const GROUP: usize = 4;

words! {
    /// Which certificate it is (Luật Lý lịch tư pháp 2009, article 41).
    Kind {
        /// *Số 1*: for people and organisations.
        One = "1",
        /// *Số 2*: for people themselves, and for courts and prosecutors.
        Two = "2",
    }
}

words! {
    /// How a certificate stands.
    Standing {
        /// It can be relied upon.
        Valid = "valid",
        /// Its time is over.
        Expired = "expired",
        /// The body that issued it has taken it back.
        Revoked = "revoked",
    }
}

impl Standing {
    pub(super) fn of(revoked_at: Option<Timestamp>, valid_until: Option<Timestamp>, now: Timestamp) -> Self {
        if revoked_at.is_some() {
            Self::Revoked
        } else if valid_until.is_some_and(|until| until <= now) {
            Self::Expired
        } else {
            Self::Valid
        }
    }
}

/// Why a certificate is not issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Number 2 is for its holder alone (Luật Lý lịch tư pháp 2009, article 41).
    #[error("certificate number 2 is not for organisations")]
    NotForOrganisations,
    /// Number 2 is issued on the person's own request.
    #[error("certificate number 2 is not for anybody else")]
    NotForOthers,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let slug = match refusal {
            Refusal::NotForOrganisations => "certificates-not-for-organisations",
            Refusal::NotForOthers => "certificates-not-for-others",
        };
        Problem::new(slug, StatusCode::UNPROCESSABLE_ENTITY).caused_by(refusal)
    }
}

impl Granted {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        match (self.kind, &self.organisation, &self.subject) {
            (Kind::Two, Some(_), _) => Err(Refusal::NotForOrganisations),
            (Kind::Two, _, Some(_)) => Err(Refusal::NotForOthers),
            _ => Ok(()),
        }
    }
}

/// What a certificate says (Luật Lý lịch tư pháp 2009, articles 42 and 43). It is kept as it was issued, whatever the sources say later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) kind: Kind,
    pub(super) number: String,
    pub(super) code: String,
    pub(super) full_name: String,
    pub(super) sex: Sex,
    pub(super) date_of_birth: Date,
    pub(super) birthplace: String,
    pub(super) nationality: String,
    pub(super) permanent_residence: Option<String>,
    pub(super) temporary_residence: Option<String>,
    pub(super) personal_number: String,
    /// Number 2 alone.
    pub(super) family: Option<Family>,
    /// Number 1: those that are not cleared; number 2: all.
    pub(super) convictions: Vec<Conviction>,
    /// `None`: number 1 without them.
    pub(super) bans: Option<Vec<Ban>>,
    pub(super) purpose: String,
    pub(super) organisation: Option<String>,
    pub(super) issued_by: String,
    pub(super) issued_on: Date,
}

/// The names of the family.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Family {
    pub(super) father: Option<String>,
    pub(super) mother: Option<String>,
    pub(super) spouse: Option<String>,
}

impl Family {
    /// As the civil-status database has it: the registration of the birth and of the marriage first, then the relations.
    pub(super) fn of(register: &CivilStatus) -> Self {
        let related = |what: &str| {
            let found = register.relations.iter().find(|other| other.relation == what);
            found.map(|other| other.full_name.clone())
        };
        let birth = register.birth.as_ref();
        let marriage = register.marriage.as_ref();
        Self {
            father: birth
                .and_then(|birth| birth.father.clone())
                .or_else(|| related("father")),
            mother: birth
                .and_then(|birth| birth.mother.clone())
                .or_else(|| related("mother")),
            spouse: marriage
                .and_then(|marriage| marriage.spouse.clone())
                .or_else(|| related("spouse")),
        }
    }
}

/// What the sources say, at one moment.
pub(super) struct Facts {
    pub(super) person: Person,
    pub(super) family: Family,
    pub(super) record: JudicialRecord,
}

impl Content {
    /// What the law lets a certificate of its kind say.
    pub(super) fn compose(granted: &Granted, (number, code): (String, String), facts: &Facts, today: Date) -> Self {
        let (person, record) = (&facts.person, &facts.record);
        let whole = granted.kind == Kind::Two;
        let convictions = match granted.kind {
            Kind::One => record.standing(today).cloned().collect(),
            Kind::Two => record.convictions.clone(),
        };
        let bans = match granted.kind {
            Kind::One => granted.with_bans.then(|| record.in_force(today).cloned().collect()),
            Kind::Two => Some(record.bans.clone()),
        };
        let stay = person.temporary_residence.as_ref().filter(|stay| stay.to >= today);
        Self {
            kind: granted.kind,
            number,
            code,
            full_name: person.full_name.clone(),
            sex: person.sex,
            date_of_birth: person.date_of_birth,
            birthplace: person.birthplace.clone(),
            nationality: person.nationality.clone(),
            permanent_residence: person.permanent_residence.as_ref().map(|home| home.text.clone()),
            temporary_residence: stay.map(|stay| stay.address.text.clone()),
            personal_number: person.number.as_str().to_owned(),
            family: whole.then(|| facts.family.clone()),
            convictions,
            bans,
            purpose: granted.purpose.clone(),
            organisation: granted.organisation.clone(),
            issued_by: granted.issued_by.clone(),
            issued_on: today,
        }
    }

    /// Whether a certificate says that nothing stands against the holder.
    pub(super) fn is_clean(&self) -> bool {
        self.convictions.is_empty()
    }
}

/// A number, of random bytes.
pub(super) fn number(drawn: &[u8; NUMBER]) -> String {
    format!("{PREFIX}-{}", grouped(&letters(drawn)))
}

/// A code, of random bytes.
pub(super) fn code(drawn: &[u8; CODE]) -> String {
    grouped(&letters(drawn))
}

/// A number as somebody types it, as it is kept; `None` if it is none.
pub(super) fn read_number(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_uppercase();
    let read = read(plain.strip_prefix(PREFIX).unwrap_or(&plain), NUMBER)?;
    Some(format!("{PREFIX}-{read}"))
}

/// A code as somebody types it, as it is kept; `None` if it is none.
pub(super) fn read_code(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    read(&plain.to_ascii_uppercase(), CODE)
}

fn letters(drawn: &[u8]) -> String {
    let letter = |byte: &u8| ALPHABET.get(usize::from(byte & 31)).copied().unwrap_or_default();
    drawn.iter().map(|byte| char::from(letter(byte))).collect()
}

fn grouped(letters: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// What is easily mistaken counts as what it was taken for.
fn read(plain: &str, length: usize) -> Option<String> {
    let meant = |letter: char| match letter {
        'O' => '0',
        'I' | 'L' => '1',
        letter => letter,
    };
    let meant: String = plain.chars().map(meant).collect();
    let known = meant.bytes().all(|byte| ALPHABET.contains(&byte));
    (known && meant.len() == length).then(|| grouped(&meant))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 11, 23);

    fn conviction(offence: &str, cleared_on: Option<Date>) -> Conviction {
        Conviction {
            judgment: "1/2020/HS-ST".to_owned(),
            judged_on: date(2020, 1, 1),
            court: "Tòa án".to_owned(),
            offence: offence.to_owned(),
            provision: "Điều 173".to_owned(),
            penalty: "Tù".to_owned(),
            additional_penalty: None,
            civil_duties: None,
            cleared_on,
        }
    }

    fn facts() -> Facts {
        let person = serde_json::json!({
            "personal_number": "001090000012", "full_name": "Nguyễn Văn An", "date_of_birth": "1990-03-12", "sex": "male",
            "life": "alive", "incapable": false, "birthplace": "Hà Nội", "birth_registration_place": "Hà Nội", "origin": "Hà Nội",
            "ethnicity": "Kinh", "nationality": "Việt Nam", "household": [], "relatives": [],
        });
        let ban = |decision: &str, until| Ban {
            decision: decision.to_owned(),
            court: "Tòa án".to_owned(),
            positions: "Quản lý doanh nghiệp".to_owned(),
            from: date(2024, 1, 1),
            until,
        };
        Facts {
            person: serde_json::from_value(person).unwrap(),
            family: Family {
                father: Some("Nguyễn Văn Cha".to_owned()),
                mother: None,
                spouse: Some("Trần Thị Vợ".to_owned()),
            },
            record: JudicialRecord {
                convictions: vec![
                    conviction("đã xóa", Some(date(2022, 1, 1))),
                    conviction("chưa xóa", None),
                    conviction("sắp xóa", Some(date(2026, 11, 24))),
                ],
                bans: vec![ban("1", date(2025, 1, 1)), ban("2", date(2027, 1, 1))],
            },
        }
    }

    fn granted(kind: Kind, with_bans: bool) -> Granted {
        Granted {
            person: [1; 16].into(),
            subject: None,
            dossier: "1".to_owned(),
            kind,
            with_bans,
            purpose: "Xin việc".to_owned(),
            organisation: None,
            issued_by: "Công an thành phố Hà Nội".to_owned(),
            copies: None,
        }
    }

    fn composed(kind: Kind, with_bans: bool) -> Content {
        let drawn = (number(&[0; 12]), code(&[31; 16]));
        Content::compose(&granted(kind, with_bans), drawn, &facts(), TODAY)
    }

    #[test]
    fn number_1_says_what_is_not_cleared_and_bans_when_they_were_asked_for() {
        let (plain, asked) = (composed(Kind::One, false), composed(Kind::One, true));

        let offences: Vec<_> = plain.convictions.iter().map(|one| one.offence.as_str()).collect();
        assert_eq!(offences, ["chưa xóa", "sắp xóa"]);
        assert_eq!((plain.family, plain.bans), (None, None));
        assert_eq!(asked.bans.unwrap().len(), 1);
    }

    #[test]
    fn number_2_says_everything_and_names_parents_and_spouse() {
        let content = composed(Kind::Two, false);

        assert_eq!(content.convictions.len(), 3);
        assert_eq!(content.bans.unwrap().len(), 2);
        assert_eq!(content.family.unwrap().spouse.as_deref(), Some("Trần Thị Vợ"));
    }

    #[test]
    fn number_2_is_never_for_an_organisation() {
        let for_company = |kind| Granted {
            organisation: Some("Công ty".to_owned()),
            ..granted(kind, false)
        };

        assert_eq!(for_company(Kind::Two).check(), Err(Refusal::NotForOrganisations));
        assert_eq!(for_company(Kind::One).check(), Ok(()));
    }

    #[test]
    fn number_2_is_never_asked_for_by_somebody_else() {
        let person = facts().person;
        let child = crate::registries::Subject {
            number: person.number,
            full_name: person.full_name,
            date_of_birth: person.date_of_birth,
        };
        let of_child = |kind| Granted {
            subject: Some(child.clone()),
            ..granted(kind, false)
        };

        assert_eq!(of_child(Kind::Two).check(), Err(Refusal::NotForOthers));
        assert_eq!(of_child(Kind::One).check(), Ok(()));
    }

    #[test]
    fn a_revoked_certificate_is_revoked_also_when_its_time_is_over() {
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        let now = Timestamp::from_second(100).unwrap();

        let cases = [(None, None), (None, at(101)), (None, at(100)), (at(1), at(100))];

        assert_eq!(
            cases.map(|(revoked, until)| Standing::of(revoked, until, now)),
            [Standing::Valid, Standing::Valid, Standing::Expired, Standing::Revoked]
        );
    }

    proptest! {
        #[test]
        fn a_number_and_a_code_are_read_however_they_are_typed(one: [u8; 12], two: [u8; 16]) {
            let (number, code) = (number(&one), code(&two));

            let typed = number.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            let typed = typed.replacen("lltp", "LLTP", 1);
            prop_assert_eq!(read_number(&typed), Some(number.clone()));
            prop_assert_eq!(read_number(&number), Some(number));
            prop_assert_eq!(read_code(&code.replace('-', "")), Some(code));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = (read_number(&text), read_code(&text));
        }
    }
}
