//! What a password, a passcode and the answers to security questions must be like.

use civil::names;
use crypto::secret::Secret;
use serde::{Deserialize, Serialize};
use zxcvbn::{Score, zxcvbn};

use crate::accounts::Account;
use crate::shell::problem::Fault;

/// How many wrong attempts in a row lock a means of signing in.
pub(super) const MOST_FAILURES: i64 = 5;

/// A password that is good enough: 8 to 20 characters with a digit, a small letter, a capital and a sign, and not easily guessed.
#[derive(Clone, Debug)]
pub struct Password(Secret<String>);

/// Words that people in Viet Nam make passwords of, which the English lists of the estimator do not know.
const WORDS: &[&str] = &[
    "nguyen",
    "tran",
    "le",
    "pham",
    "hoang",
    "huynh",
    "phan",
    "vu",
    "vo",
    "dang",
    "bui",
    "do",
    "ho",
    "ngo",
    "duong",
    "ly",
    "thi",
    "van",
    "anh",
    "hoa",
    "lan",
    "hung",
    "dung",
    "minh",
    "tuan",
    "linh",
    "huong",
    "trang",
    "thao",
    "phuong",
    "quang",
    "vietnam",
    "viet",
    "nam",
    "hanoi",
    "saigon",
    "danang",
    "haiphong",
    "cantho",
    "hue",
    "matkhau",
    "mat",
    "khau",
    "anhyeuem",
    "emyeuanh",
    "yeu",
    "em",
    "con",
    "me",
    "bo",
    "gia",
    "dinh",
    "vneid",
    "cccd",
    "cancuoc",
    "dinhdanh",
    "congan",
    "khongbiet",
    "xinchao",
    "chao",
    "deptrai",
    "xinh",
    "tinhyeu",
    "toi",
    "ban",
    "hocsinh",
    "sinhvien",
];

impl Password {
    /// Takes a password that fulfils the rules; `own` is what the person is called, numbered and reached by.
    ///
    /// # Errors
    /// Everything that is wrong with it, as faults of the field `password`.
    pub fn check(text: &str, own: &[&str]) -> Result<Self, Vec<Fault>> {
        let fault = |text| Fault::new("password", text);
        let length = text.chars().count();
        let has = |kind: fn(char) -> bool| text.chars().any(kind);
        let rules = [
            ((8..=20).contains(&length), "signin-password-length"),
            (has(|c| c.is_ascii_digit()), "signin-password-digit"),
            (has(char::is_uppercase), "signin-password-upper"),
            (has(char::is_lowercase), "signin-password-lower"),
            (has(|c| !c.is_alphanumeric() && !c.is_control()), "signin-password-sign"),
        ];
        let mut faults: Vec<Fault> = rules
            .iter()
            .filter(|(kept, _)| !kept)
            .map(|(_, text)| fault(text))
            .collect();
        if length <= 20 && !text.is_empty() {
            if holds_own(text, own) {
                faults.push(fault("signin-password-own"));
            } else if is_guessable(text, own) {
                faults.push(fault("signin-password-guessable"));
            }
        }
        if faults.is_empty() {
            Ok(Self(Secret::new(text.to_owned())))
        } else {
            Err(faults)
        }
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Whether a password contains a piece of own data: four or more digits or letters of it, or its last name part and a year.
fn holds_own(password: &str, own: &[&str]) -> bool {
    let folded = squeezed(password);
    own.iter()
        .map(|text| squeezed(text))
        .any(|text| text.len() >= 4 && (folded.contains(&text) || runs(&text, 6).any(|run| folded.contains(run))))
}

/// Every run of `length` characters of an ASCII text.
fn runs(text: &str, length: usize) -> impl Iterator<Item = &str> {
    (0..text.len()).filter_map(move |from| text.get(from..from + length))
}

/// Without diacritics, capitals and anything but letters and digits.
fn squeezed(text: &str) -> String {
    names::fold(text).chars().filter(char::is_ascii_alphanumeric).collect()
}

fn is_guessable(password: &str, own: &[&str]) -> bool {
    let folded = names::fold(password);
    let own = own.iter().map(|text| names::fold(text)).collect::<Vec<_>>().join(" ");
    let known: Vec<&str> = WORDS.iter().copied().chain(own.split(' ')).collect();
    zxcvbn(&folded, &known).score() < Score::Three || rest(&folded, &known).chars().count() < 5
}

/// What is left of a password without the words everybody tries, and without a year.
fn rest(password: &str, known: &[&str]) -> String {
    let mut words: Vec<&str> = known.iter().copied().filter(|word| word.len() >= 3).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words
        .iter()
        .fold(password.to_owned(), |rest, word| rest.replace(word, ""));
    (1940..2040).fold(rest, |rest: String, year: i32| rest.replace(&year.to_string(), ""))
}

/// What belongs to a person and so into no secret of the person's: number, name, phone, date of birth in the ways in which people write it.
pub(crate) fn own_words(account: &Account) -> Vec<String> {
    const SHAPES: [&str; 9] = [
        "%Y-%m-%d", "%d%m%y", "%m%d%y", "%y%m%d", "%y%d%m", "%d%m%Y", "%Y%m%d", "%m%Y", "%Y%m",
    ];
    let born = SHAPES
        .iter()
        .map(|shape| account.date_of_birth.strftime(shape).to_string());
    let own = [
        account.number.as_str().to_owned(),
        account.full_name.clone(),
        account.phone.national(),
    ];
    own.into_iter().chain(born).collect()
}

/// A passcode: six digits that are neither a run, a repetition nor a date of the holder's.
#[derive(Clone, Debug)]
pub struct Passcode(Secret<String>);

impl Passcode {
    /// Takes a passcode that fulfils the rules; `own` is the holder's own digits: personal number, phone, date of birth.
    ///
    /// # Errors
    /// What is wrong with it, as a fault of the field `passcode`.
    pub fn check(text: &str, own: &[&str]) -> Result<Self, Vec<Fault>> {
        let digits = text.as_bytes();
        let wrong = if digits.len() != 6 || !digits.iter().all(u8::is_ascii_digit) {
            Some("signin-passcode-form")
        } else if is_pattern(digits) || own.iter().any(|own| squeezed(own).contains(text)) {
            Some("signin-passcode-guessable")
        } else {
            None
        };
        match wrong {
            Some(wrong) => Err(vec![Fault::new("passcode", wrong)]),
            None => Ok(Self(Secret::new(text.to_owned()))),
        }
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// 000000, 123456, 987654, 121212, 123123 and their like.
fn is_pattern(digits: &[u8]) -> bool {
    let steps: Vec<u8> = digits
        .windows(2)
        .filter_map(|pair| match pair {
            [one, next] => Some(next.wrapping_sub(*one)),
            _ => None,
        })
        .collect();
    let even = steps.windows(2).all(|pair| pair.first() == pair.last());
    let repeats = |length: usize| {
        digits
            .chunks(length)
            .all(|chunk| digits.get(..length).is_some_and(|first| first == chunk))
    };
    even || repeats(2) || repeats(3)
}

/// A question that only the holder can answer; used when access is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// The first school.
    FirstSchool,
    /// The best friend of childhood.
    ChildhoodFriend,
    /// The first pet.
    FirstPet,
    /// The teacher remembered best.
    Teacher,
    /// The dish liked best.
    Dish,
    /// The first workplace.
    FirstWork,
    /// The book or song liked best.
    Song,
    /// The place of the first journey.
    Journey,
}

impl Question {
    /// All questions, in the order in which they are offered.
    pub const ALL: [Question; 8] = [
        Question::FirstSchool,
        Question::ChildhoodFriend,
        Question::FirstPet,
        Question::Teacher,
        Question::Dish,
        Question::FirstWork,
        Question::Song,
        Question::Journey,
    ];

    /// Its name in forms and in the database.
    pub fn slug(self) -> &'static str {
        match self {
            Question::FirstSchool => "first-school",
            Question::ChildhoodFriend => "childhood-friend",
            Question::FirstPet => "first-pet",
            Question::Teacher => "teacher",
            Question::Dish => "dish",
            Question::FirstWork => "first-work",
            Question::Song => "song",
            Question::Journey => "journey",
        }
    }

    /// The question of a name.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| question.slug() == slug)
    }

    /// The sentence that asks it.
    pub fn sentence(self) -> String {
        format!("signin-question-{}", self.slug())
    }
}

/// The longest answer that is looked at, in bytes.
const LONGEST_ANSWER: usize = 400;

/// The one form in which answers are compared. Nobody's answer is long; a long text is not even looked at.
pub(super) fn answer_key(text: &str) -> String {
    if text.len() <= LONGEST_ANSWER {
        names::key(text)
    } else {
        String::new()
    }
}

/// Two different questions with their answers, each brought to the one form in which answers are compared.
#[derive(Clone, Debug)]
pub struct Answers(pub(super) [(Question, Secret<String>); 2]);

impl Answers {
    /// Takes two questions and answers: `(question, answer)` as the form `question_1`, `answer_1`, `question_2`, `answer_2` brought them.
    ///
    /// # Errors
    /// What is wrong, as faults of these fields.
    pub fn check(first: (&str, &str), second: (&str, &str)) -> Result<Self, Vec<Fault>> {
        let questions = (Question::from_slug(first.0), Question::from_slug(second.0));
        let answers = (answer_key(first.1), answer_key(second.1));
        let mut faults = Vec::new();
        let mut must = |kept: bool, field, text| {
            if !kept {
                faults.push(Fault::new(field, text));
            }
        };
        let fits = |answer: &str| (2..=100).contains(&answer.chars().count());
        must(questions.0.is_some(), "question_1", "signin-question-choose");
        must(questions.1.is_some(), "question_2", "signin-question-choose");
        must(
            questions.1.is_none() || questions.0 != questions.1,
            "question_2",
            "signin-question-other",
        );
        must(fits(&answers.0), "answer_1", "signin-answer-length");
        must(fits(&answers.1), "answer_2", "signin-answer-length");
        must(
            answers.0 != answers.1 || answers.0.is_empty(),
            "answer_2",
            "signin-answer-other",
        );
        match questions {
            (Some(one), Some(two)) if faults.is_empty() => {
                Ok(Self([(one, Secret::new(answers.0)), (two, Secret::new(answers.1))]))
            }
            _ => Err(faults),
        }
    }
}
