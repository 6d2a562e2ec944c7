//! What the state knows already, so that nobody is asked for it: facts of the account and of the population database, each with its provenance.
//!
//! **Invariant:** a fact is shown with who says it and from when; what is sent in is asked of the source at that moment.

use std::collections::BTreeMap;

use ::http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::description::Whom;
use super::filling::Content;
use crate::accounts::{self, Account, Level};
use crate::app::App;
use crate::documents;
use crate::history::{self, Look, Purpose, Who};
use crate::registries::{self, Answer, Person, Source};
use crate::shell::ids::PersonId;
use crate::shell::problem::Problem;
use crate::shell::texts::Lang;
use crate::shell::words::words;

/// For what the sources are asked.
const PURPOSE: &str = "procedure";

words! {
    /// A fact that the state knows. The *subject* is for whom something is asked, the *applicant* who asks.
    Fact {
        /// *Họ, chữ đệm và tên*.
        Name = "subject.full_name",
        /// *Số định danh cá nhân*.
        Number = "subject.number",
        /// *Ngày sinh*.
        Birth = "subject.birth",
        /// *Giới tính*.
        Sex = "subject.sex",
        /// *Nơi sinh*.
        Birthplace = "subject.birthplace",
        /// *Dân tộc*.
        Ethnicity = "subject.ethnicity",
        /// *Quốc tịch*.
        Nationality = "subject.nationality",
        /// *Quê quán*.
        Origin = "subject.origin",
        /// *Nơi thường trú*.
        Permanent = "subject.permanent",
        /// The commune of the permanent residence, by its code.
        PermanentCommune = "subject.permanent_commune",
        /// *Nơi ở hiện tại*.
        Current = "subject.current",
        /// *Nơi tạm trú*.
        Temporary = "subject.temporary",
        /// *Cha*.
        Father = "subject.father",
        /// *Mẹ*.
        Mother = "subject.mother",
        /// *Vợ hoặc chồng*.
        Spouse = "subject.spouse",
        /// *Chủ hộ*.
        Head = "subject.household_head",
        /// The applicant's name.
        ApplicantName = "applicant.full_name",
        /// The applicant's number.
        ApplicantNumber = "applicant.number",
        /// The applicant's birth.
        ApplicantBirth = "applicant.birth",
        /// The applicant's phone.
        ApplicantPhone = "applicant.phone",
        /// The applicant's e-mail address.
        ApplicantEmail = "applicant.email",
        /// The applicant's permanent residence.
        ApplicantPermanent = "applicant.permanent",
        /// Its commune, by its code.
        ApplicantCommune = "applicant.permanent_commune",
        /// The applicant's spouse.
        ApplicantSpouse = "applicant.spouse",
        /// The number of the applicant's spouse.
        ApplicantSpouseNumber = "applicant.spouse_number",
        /// Of applicant and spouse, the woman's name.
        MotherName = "parents.mother_name",
        /// Her number.
        MotherNumber = "parents.mother_number",
        /// Of applicant and spouse, the man's name.
        FatherName = "parents.father_name",
        /// His number.
        FatherNumber = "parents.father_number",
    }
}

impl Fact {
    /// The sentence that names it.
    pub fn label(self) -> String {
        format!("procedures-fact-{}", self.word().replace(['.', '_'], "-"))
    }
}

/// A fact with its provenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What it says.
    pub value: String,
    /// The source; none for what the account itself holds.
    pub source: Option<Source>,
    /// It is as it was at this instant.
    pub as_of: Timestamp,
    /// Whether the source vouches for it now.
    pub fresh: bool,
}

impl Told {
    /// The sentence that names who says it.
    pub fn sentence(&self) -> String {
        match self.source {
            Some(source) => format!("documents-source-{}", source.text()),
            None => "procedures-from-account".to_owned(),
        }
    }
}

/// All that is known for a request.
#[derive(Clone, Debug)]
pub struct Known {
    /// Who asks.
    pub applicant: Account,
    /// The facts.
    pub facts: BTreeMap<String, Told>,
}

impl Known {
    /// A fact's value; empty where it is not known.
    pub fn value(&self, fact: Fact) -> &str {
        self.facts.get(fact.word()).map_or("", |told| told.value.as_str())
    }
}

/// Whether an answer is to be shown, or decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// Shown: while a source is silent, its last answer with its date.
    Showing,
    /// Sent in: only what the source says now.
    Sending,
}

/// The account of somebody who may ask for what needs a level.
pub(super) async fn applicant(app: &App, person: PersonId, level: i64) -> Result<Account, Problem> {
    let vault = app.vault.clone();
    let account = app.db.read(move |conn| accounts::own(conn, &vault, &person)).await?;
    let needed = if level >= 2 { Level::Two } else { Level::One };
    if account.level < needed {
        return Err(Problem::new("procedures-level-needed", StatusCode::FORBIDDEN).with("level", needed));
    }
    Ok(account)
}

/// Gathers what is known, and writes down who answered.
pub(super) async fn gather(
    app: &App,
    person: PersonId,
    level: i64,
    content: &Content,
    how: For,
) -> Result<Known, Problem> {
    let applicant = applicant(app, person, level).await?;
    let mut facts = BTreeMap::new();
    let own = ask(app, &applicant.number, how).await?;
    put_applicant(&mut facts, &applicant, own.as_ref(), app.clock.now());
    match (content.whom, &content.child) {
        (Whom::Own, _) => {
            put_account(&mut facts, &applicant, app.clock.now());
            put_subject(&mut facts, own.as_ref());
        }
        (Whom::Child, Some(number)) => {
            let dependants = documents::acted_for(app, &applicant).await?;
            let dependant = dependants.into_iter().find(|dependant| dependant.number == *number);
            let dependant = dependant.ok_or_else(|| Problem::new("procedures-not-acting", StatusCode::FORBIDDEN))?;
            let child = ask(app, &dependant.number, how).await?;
            put(&mut facts, Fact::Name, &dependant.full_name, None, app.clock.now());
            put(
                &mut facts,
                Fact::Number,
                dependant.number.as_str(),
                None,
                app.clock.now(),
            );
            put(
                &mut facts,
                Fact::Birth,
                &dependant.date_of_birth.to_string(),
                None,
                app.clock.now(),
            );
            put_subject(&mut facts, child.as_ref());
        }
        (Whom::Child | Whom::Other, _) => {}
    }

    let name = app.texts.say(
        Lang::Vi,
        &format!("documents-source-{}", Source::Population.text()),
        &[],
    );
    let look = Look::now(
        app,
        person,
        &Who::Registry(name),
        Purpose::Procedure,
        "number name birth sex address family",
    );
    app.db.write(move |tx| history::record(tx, &look)).await?;
    Ok(Known { applicant, facts })
}

async fn ask(app: &App, number: &civil::PersonalNumber, how: For) -> Result<Option<Answer<Person>>, Problem> {
    Ok(match how {
        For::Showing => registries::person_or_copy(app, number, PURPOSE).await?,
        For::Sending => registries::person(app, number, PURPOSE).await?,
    })
}

type Facts = BTreeMap<String, Told>;

fn put(facts: &mut Facts, fact: Fact, value: &str, from: Option<&Answer<Person>>, now: Timestamp) {
    if value.is_empty() {
        return;
    }
    let told = Told {
        value: value.to_owned(),
        source: from.map(|answer| answer.source),
        as_of: from.map_or(now, |answer| answer.as_of),
        fresh: from.is_none_or(|answer| answer.fresh),
    };
    facts.insert(fact.word().to_owned(), told);
}

fn put_account(facts: &mut Facts, account: &Account, now: Timestamp) {
    put(facts, Fact::Name, &account.full_name, None, now);
    put(facts, Fact::Number, account.number.as_str(), None, now);
    put(facts, Fact::Birth, &account.date_of_birth.to_string(), None, now);
    put(facts, Fact::Sex, account.sex.vietnamese(), None, now);
}

fn put_applicant(facts: &mut Facts, account: &Account, own: Option<&Answer<Person>>, now: Timestamp) {
    let day: Date = account.date_of_birth;
    put(facts, Fact::ApplicantName, &account.full_name, None, now);
    put(facts, Fact::ApplicantNumber, account.number.as_str(), None, now);
    put(facts, Fact::ApplicantBirth, &day.to_string(), None, now);
    put(facts, Fact::ApplicantPhone, &account.phone.national(), None, now);
    put(
        facts,
        Fact::ApplicantEmail,
        account.email.as_deref().unwrap_or_default(),
        None,
        now,
    );
    let Some(answer) = own else { return };
    let home = answer.record.permanent_residence.as_ref();
    put(
        facts,
        Fact::ApplicantPermanent,
        home.map_or("", |home| &home.text),
        own,
        now,
    );
    put(
        facts,
        Fact::ApplicantCommune,
        home.map_or("", |home| &home.commune_code),
        own,
        now,
    );
    let spouse = answer
        .record
        .relatives
        .iter()
        .find(|relative| relative.relation == "spouse");
    put(
        facts,
        Fact::ApplicantSpouse,
        spouse.map_or("", |spouse| &spouse.full_name),
        own,
        now,
    );
    put(
        facts,
        Fact::ApplicantSpouseNumber,
        spouse.map_or("", |spouse| spouse.number.as_str()),
        own,
        now,
    );
    put_parents(facts, account, spouse, answer);
}

/// Of applicant and spouse, the mother and the father of their child.
fn put_parents(facts: &mut Facts, account: &Account, spouse: Option<&registries::Relative>, answer: &Answer<Person>) {
    let (own, now) = (Some(answer), answer.as_of);
    let (mut own_facts, mut spouse_facts) = (
        (Fact::MotherName, Fact::MotherNumber),
        (Fact::FatherName, Fact::FatherNumber),
    );
    if account.sex == civil::Sex::Male {
        std::mem::swap(&mut own_facts, &mut spouse_facts);
    }
    put(facts, own_facts.0, &account.full_name, None, now);
    put(facts, own_facts.1, account.number.as_str(), None, now);
    if let Some(spouse) = spouse {
        put(facts, spouse_facts.0, &spouse.full_name, own, now);
        put(facts, spouse_facts.1, spouse.number.as_str(), own, now);
    }
}

fn put_subject(facts: &mut Facts, answer: Option<&Answer<Person>>) {
    let Some(found) = answer else { return };
    let (record, now) = (&found.record, found.as_of);
    let related = |kind: &str| {
        let relative = record.relatives.iter().find(|relative| relative.relation == kind);
        relative.map_or(String::new(), |relative| relative.full_name.clone())
    };
    let home = record.permanent_residence.as_ref();
    let head = record.household.first().map_or("", |head| head.full_name.as_str());
    let text = |residence: Option<&registries::Residence>| residence.map_or(String::new(), |home| home.text.clone());
    let known = [
        (Fact::Name, record.full_name.clone()),
        (Fact::Number, record.number.as_str().to_owned()),
        (Fact::Birth, record.date_of_birth.to_string()),
        (Fact::Sex, record.sex.vietnamese().to_owned()),
        (Fact::Birthplace, record.birthplace.clone()),
        (Fact::Ethnicity, record.ethnicity.clone()),
        (Fact::Nationality, record.nationality.clone()),
        (Fact::Origin, record.origin.clone()),
        (Fact::Permanent, text(home)),
        (
            Fact::PermanentCommune,
            home.map_or(String::new(), |home| home.commune_code.clone()),
        ),
        (Fact::Current, text(record.current_residence.as_ref())),
        (
            Fact::Temporary,
            text(record.temporary_residence.as_ref().map(|stay| &stay.address)),
        ),
        (Fact::Father, related("father")),
        (Fact::Mother, related("mother")),
        (Fact::Spouse, related("spouse")),
        (Fact::Head, head.to_owned()),
    ];
    for (fact, value) in known {
        put(facts, fact, &value, answer, now);
    }
}
