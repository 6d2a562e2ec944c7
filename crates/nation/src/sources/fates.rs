//! What befalls people after the nation was made: a death, a card held or revoked or given back, a licence taken, a move, a child, a paper that
//! a source keeps under a wrong name. Each of them stands in the change feeds of the sources that learn of it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use civil::{PersonalNumber, Sex};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::bodies::Kept;
use super::dwellings::Dwelling;
use super::faults::Source;
use crate::card::CardState;
use crate::licence::LicenceState;
use crate::people::Person;

/// What befell somebody; the default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fate {
    /// The day of death.
    pub died_on: Option<Date>,
    /// What the newest card is worth, and since when; `valid` is a card given back.
    pub card: Option<(CardState, Date)>,
    /// What the driving licence is worth, and since when.
    pub licence: Option<(LicenceState, Date)>,
    /// The day of a move to another permanent residence.
    pub moved_on: Option<Date>,
    /// The day on which a child was born.
    pub child_on: Option<Date>,
    /// The former register of licences says other than the driving-licence database.
    pub licence_in_two: bool,
    /// The source that keeps the person's paper under a misspelt name and another date of birth.
    pub misfiled: Option<Source>,
}

/// A record that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its place in the feed of its source, from 1.
    pub sequence: u64,
    /// Whose record it is.
    pub personal_number: String,
    /// `death`, `card`, `licence`, `address`, `child` or `corrected`.
    pub kind: String,
}

/// A correction that was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Correction {
    pub(super) number: String,
    pub(super) source: Source,
    pub(super) received: jiff::Timestamp,
    pub(super) accepted: bool,
}

/// A child whose birth was registered after the nation was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Child {
    pub(super) number: PersonalNumber,
    pub(super) full_name: String,
    pub(super) born: Date,
    pub(super) sex: Sex,
    /// The personal numbers of mother and father.
    pub(super) parents: Vec<String>,
    /// The index of the parent with whom the child lives.
    pub(super) like: u64,
    /// It has a health-insurance card.
    pub(super) insured: bool,
}

/// The fates of people, by their personal numbers; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Fates(Arc<Mutex<Book>>);

#[derive(Debug, Default, Serialize, Deserialize)]
struct Book {
    fates: BTreeMap<String, Fate>,
    changes: BTreeMap<Source, Vec<Change>>,
    corrections: Vec<Correction>,
    /// Where it is kept; nowhere for a nation that lives as long as the program.
    #[serde(skip)]
    file: Option<PathBuf>,
    #[serde(default)]
    children: Vec<Child>,
    #[serde(default)]
    dossiers: Vec<Kept>,
    #[serde(default)]
    dwellings: BTreeMap<String, Dwelling>,
}

impl Fates {
    /// Goes on from what a file says, and keeps everything in it from now on, before anybody is told.
    ///
    /// # Errors
    /// If the file cannot be read, or says something else.
    pub fn keep_in(&self, file: &Path) -> io::Result<()> {
        let mut kept = match fs::read(file) {
            Ok(text) => serde_json::from_slice::<Book>(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Book::default(),
            Err(error) => return Err(error),
        };
        kept.file = Some(file.to_owned());
        *self.book() = kept;
        Ok(())
    }

    /// Sets what befell somebody, in place of what did before.
    pub fn set(&self, number: &str, fate: Fate) {
        let mut book = self.book();
        let before = book.fates.insert(number.to_owned(), fate).unwrap_or_default();
        let mut tell = |changed: bool, sources: &[Source], kind| {
            for source in sources.iter().filter(|_| changed) {
                book.tell(*source, number, kind);
            }
        };
        tell(
            before.died_on != fate.died_on,
            &[Source::Population, Source::CivilStatus],
            "death",
        );
        tell(before.card != fate.card, &[Source::IdCard], "card");
        tell(before.licence != fate.licence, &[Source::DrivingLicence], "licence");
        tell(
            before.licence_in_two != fate.licence_in_two,
            &[Source::FormerLicence],
            "licence",
        );
        tell(
            before.moved_on != fate.moved_on,
            &[Source::Population, Source::Residence],
            "address",
        );
        tell(before.child_on != fate.child_on, &[Source::CivilStatus], "child");
        let misfiled: Vec<Source> = before.misfiled.into_iter().chain(fate.misfiled).collect();
        tell(before.misfiled != fate.misfiled, &misfiled, "corrected");
        book.keep();
    }

    /// What befell somebody.
    pub fn get(&self, number: &str) -> Fate {
        self.book().fates.get(number).copied().unwrap_or_default()
    }

    /// The newest place in the feed of a source, and what stands after a place.
    pub(super) fn changes(&self, source: Source, after: u64, most: usize) -> (u64, Vec<Change>) {
        let book = self.book();
        let all = book.changes.get(&source).map(Vec::as_slice).unwrap_or_default();
        let from = usize::try_from(after).unwrap_or(usize::MAX);
        (all.len() as u64, all.iter().skip(from).take(most).cloned().collect())
    }

    /// Takes a correction up; its number.
    pub(super) fn correct(&self, correction: Correction) -> usize {
        let mut book = self.book();
        book.corrections.push(correction);
        book.keep();
        book.corrections.len()
    }

    /// The correction of a number.
    pub(super) fn correction(&self, at: usize) -> Option<Correction> {
        self.book().corrections.get(at.checked_sub(1)?).cloned()
    }

    /// Mends a record that was kept under a wrong name.
    pub(super) fn mend(&self, number: &str, source: Source) {
        let fate = self.get(number);
        if fate.misfiled == Some(source) {
            self.set(number, Fate { misfiled: None, ..fate });
        }
    }

    /// Takes a dossier up, once; its number.
    pub(super) fn take_up(&self, kept: Kept) -> usize {
        let mut book = self.book();
        let known = |other: &Kept| other.source == kept.source && other.handed.number == kept.handed.number;
        if let Some(at) = book.dossiers.iter().position(known) {
            return at + 1;
        }
        book.dossiers.push(kept);
        book.keep();
        book.dossiers.len()
    }

    /// The applicant took a dossier back, by the number of who handed it over; its number here, 0 for one that was never handed over.
    pub(super) fn take_back(&self, source: Source, number: &str) -> usize {
        let mut book = self.book();
        let known = |kept: &Kept| kept.source == source && kept.handed.number == number;
        let Some(at) = book.dossiers.iter().position(known) else {
            return 0;
        };
        if let Some(kept) = book.dossiers.get_mut(at) {
            kept.withdrawn = true;
        }
        book.keep();
        at + 1
    }

    /// Whether a body was told that the dossier of a number was taken back.
    pub fn was_taken_back(&self, number: &str) -> bool {
        let book = self.book();
        let mut kept = book.dossiers.iter().filter(|kept| kept.handed.number == number);
        kept.any(|kept| kept.withdrawn)
    }

    /// The dossier of a number.
    pub(super) fn kept(&self, at: usize) -> Option<Kept> {
        self.book().dossiers.get(at.checked_sub(1)?).cloned()
    }

    /// Keeps what was decided on a dossier.
    pub(super) fn decide(
        &self,
        at: usize,
        decided: Result<BTreeMap<String, String>, String>,
    ) -> Result<BTreeMap<String, String>, String> {
        let mut book = self.book();
        if let Some(kept) = at.checked_sub(1).and_then(|at| book.dossiers.get_mut(at)) {
            kept.decided = Some(decided.clone());
        }
        book.keep();
        decided
    }

    /// A birth was registered.
    pub(super) fn bear(&self, child: Child) {
        let mut book = self.book();
        for parent in &child.parents {
            book.tell(Source::CivilStatus, parent, "child");
        }
        book.children.push(child);
        book.keep();
    }

    /// The police have registered where somebody lives, or is.
    pub(super) fn dwell(&self, number: &str, since: Dwelling) {
        let mut book = self.book();
        let before = book.dwellings.remove(number).unwrap_or_default();
        book.dwellings.insert(number.to_owned(), before.then(since));
        book.tell(Source::Population, number, "address");
        book.tell(Source::Residence, number, "address");
        book.keep();
    }

    /// What the police have registered of somebody.
    pub(super) fn dwelling(&self, number: &str) -> Dwelling {
        self.book().dwellings.get(number).cloned().unwrap_or_default()
    }

    /// The children of somebody whose births were registered.
    pub(super) fn children_of(&self, number: &str) -> Vec<Child> {
        let book = self.book();
        let of = |child: &&Child| child.parents.iter().any(|parent| parent == number);
        book.children.iter().filter(of).cloned().collect()
    }

    /// The child of a number.
    pub(super) fn child(&self, number: &str) -> Option<Child> {
        let book = self.book();
        book.children
            .iter()
            .find(|child| child.number.as_str() == number)
            .cloned()
    }

    /// Gives a child its health-insurance card; the number on it.
    pub(super) fn insure(&self, number: &str) -> Option<String> {
        let mut book = self.book();
        let child = book.children.iter_mut().find(|child| child.number.as_str() == number)?;
        child.insured = true;
        book.keep();
        let place = number.get(1..3).unwrap_or("01");
        Some(format!("TE1{place}{}", number.get(2..).unwrap_or_default()))
    }

    /// The person as the databases know them since.
    pub(super) fn befallen(&self, mut person: Person) -> Person {
        let fate = self.get(person.number.as_str());
        person.died_on = fate.died_on.or(person.died_on);
        if let (Some((state, since)), Some(card)) = (fate.card, person.cards.last_mut()) {
            card.ended = (state != CardState::Valid).then_some((state, since));
        }
        if fate.moved_on.is_some() {
            person.permanent_residence.house = format!("Số {} đường Tre Xanh", 1 + person.index % 97);
        }
        self.dwelling(person.number.as_str()).house(&mut person);
        person
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn keep(&self) {
        if let Some(Err(error)) = self.file.as_ref().map(|file| self.write(file)) {
            tracing::error!(%error, "what befell people is not kept");
        }
    }

    /// Writes the whole anew beside the old, and puts it in its place.
    fn write(&self, file: &Path) -> io::Result<()> {
        let beside = file.with_extension("new");
        let mut new = File::create(&beside)?;
        new.write_all(&serde_json::to_vec(self)?)?;
        new.sync_all()?;
        fs::rename(&beside, file)
    }

    fn tell(&mut self, source: Source, number: &str, kind: &str) {
        let feed = self.changes.entry(source).or_default();
        feed.push(Change {
            sequence: feed.len() as u64 + 1,
            personal_number: number.to_owned(),
            kind: kind.to_owned(),
        });
    }
}
