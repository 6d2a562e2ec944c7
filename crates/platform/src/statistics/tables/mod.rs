//! The tables of the pages, put together from the counts: whole for officers, with small numbers withheld for everybody.

use civil::units::{self, Province};
use jiff::civil::Date;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::drawing::{Bars, Chart, Columns, Map};
use super::rules::{Count, days_before, sum};
use super::secrecy;
use crate::applications::Decided;
use crate::home;
use crate::officers::{self, Rank};
use crate::shell::scene::Scene;
use crate::shell::texts::{Lang, Texts};

mod applications;
mod services;
mod shares;

use shares::Share;

/// How many days the chart of activations shows.
const DAYS: i32 = 30;
/// How many days are told one by one elsewhere.
const FEW_DAYS: i32 = 7;
/// How many units, clients and utilities a table has at most.
const MOST_ROWS: usize = 400;

/// What was read. For everybody each stock is that of last midnight already.
pub(super) struct Numbers {
    /// The stock of accounts.
    pub(super) accounts: Vec<Count>,
    pub(super) activations: Vec<Count>,
    pub(super) applications: Vec<Count>,
    pub(super) decided: Vec<Decided>,
    /// The stock of dossiers and of their decisions.
    pub(super) dossiers: Vec<Count>,
    pub(super) decisions: Vec<Count>,
    /// The stock of stay notifications, and those of each day.
    pub(super) stays: Vec<Count>,
    pub(super) stays_by_day: Vec<Count>,
    pub(super) reports: Vec<Count>,
    pub(super) uses: Vec<Count>,
    pub(super) sign_ins: Vec<Count>,
    pub(super) messages: Vec<Count>,
    /// The names of clients.
    pub(super) names: Vec<(String, String)>,
}

/// Who looks.
pub(super) enum Reach {
    /// Everybody: as of last midnight, small numbers withheld.
    Public,
    /// An officer: of this moment, of the own jurisdiction.
    Officer(String),
}

impl Reach {
    fn is_public(&self) -> bool {
        matches!(self, Self::Public)
    }

    /// Whether the whole country is looked at.
    pub(super) fn is_whole(&self) -> bool {
        match self {
            Self::Public => true,
            Self::Officer(unit) => Rank::of(unit) == Rank::Ministry,
        }
    }

    /// The last days that are looked at: for an officer with today.
    fn days(&self, today: Date, count: i32) -> Vec<String> {
        let end = if self.is_public() { Ok(today) } else { today.tomorrow() };
        days_before(end.unwrap_or(today), count)
    }

    /// Whether what is counted at a place is looked at.
    fn covers(&self, place: &str) -> bool {
        let Self::Officer(unit) = self else { return true };
        let (province, commune) = place.split_once('/').unwrap_or((place, ""));
        match Rank::of(unit) {
            Rank::Ministry => true,
            Rank::Province => province == unit,
            Rank::Commune => commune == unit,
        }
    }

    /// Whether provinces as a whole are looked at.
    fn sees_provinces(&self) -> bool {
        match self {
            Self::Public => true,
            Self::Officer(unit) => Rank::of(unit) != Rank::Commune,
        }
    }
}

/// A name in both languages, or a sentence of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Said(String),
    Named(String),
    Both(String, String),
}

impl Label {
    /// The name in a language.
    pub(super) fn in_language(&self, texts: &Texts, lang: Lang) -> String {
        match (self, lang) {
            (Self::Said(id), _) => texts.say(lang, id, &[]),
            (Self::Named(name), _) | (Self::Both(name, _), Lang::Vi) | (Self::Both(_, name), Lang::En) => name.clone(),
        }
    }

    /// The name on a page.
    pub(super) fn on(&self, scene: &Scene) -> String {
        self.in_language(&scene.texts, scene.lang)
    }
}

/// A name as programs are told it.
impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (vi, en) = match self {
            Self::Said(name) | Self::Named(name) => (name, name),
            Self::Both(vi, en) => (vi, en),
        };
        let mut both = serializer.serialize_struct("Label", 2)?;
        both.serialize_field("name", vi)?;
        both.serialize_field("name_en", en)?;
        both.end()
    }
}

/// A row of a table; numbers that are not told are `null`.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) code: String,
    #[serde(flatten)]
    pub(super) name: Label,
    pub(super) numbers: Vec<Option<i64>>,
    /// What was in time of all that is counted, as people read it: in tables of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) share: Option<String>,
}

/// A table, and what it is drawn as.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub(super) id: &'static str,
    pub(super) columns: Vec<Label>,
    pub(super) rows: Vec<Row>,
    pub(super) totals: Option<Vec<Option<i64>>>,
    /// The share of the totals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_share: Option<String>,
    #[serde(skip)]
    pub(super) chart: Chart,
}

/// What a table is drawn as.
#[derive(Clone, Copy)]
enum Drawn {
    Bars,
    Columns,
    Map,
    /// What was in time of each row, whose numbers are what was in time and what was late.
    Shares,
    Not,
}

impl Table {
    /// The name of a row on a page.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    pub(super) fn name(&self, row: &usize, scene: &Scene) -> String {
        self.rows.get(*row).map(|row| row.name.on(scene)).unwrap_or_default()
    }

    /// The name of a column on a page.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    pub(super) fn column(&self, column: &usize, scene: &Scene) -> String {
        self.columns
            .get(*column)
            .map(|label| label.on(scene))
            .unwrap_or_default()
    }

    /// Whether each row has a share.
    pub(super) fn has_shares(&self) -> bool {
        self.rows.iter().any(|row| row.share.is_some())
    }

    /// The share of a row on a page.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    pub(super) fn share(&self, row: &usize) -> &str {
        let share = self.rows.get(*row).and_then(|row| row.share.as_deref());
        share.unwrap_or_default()
    }

    /// The table with each sentence of ours in words.
    pub(super) fn in_words(mut self, texts: &Texts) -> Self {
        let names = self.rows.iter_mut().map(|row| &mut row.name);
        for label in names.chain(&mut self.columns) {
            *label = Label::Both(label.in_language(texts, Lang::Vi), label.in_language(texts, Lang::En));
        }
        self
    }

    /// Whether there is no chart beside it.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.chart, Chart::None)
    }

    /// The table of some rows, with a column and a row of totals; withheld what has to be.
    fn of(
        id: &'static str,
        columns: Vec<Label>,
        rows: Vec<(String, Label, Vec<i64>)>,
        (reach, drawn): (&Reach, Drawn),
    ) -> Self {
        let numbers: Vec<Vec<i64>> = rows.iter().map(|(.., numbers)| numbers.clone()).collect();
        let whole = secrecy::with_totals(&numbers);
        let mut told: Vec<Vec<Option<i64>>> = if reach.is_public() {
            secrecy::told(&whole)
        } else {
            whole
                .iter()
                .map(|row| row.iter().copied().map(Some).collect())
                .collect()
        };
        let totals = told.pop().filter(|_| !rows.is_empty());
        let share_of = |numbers: &[Option<i64>]| matches!(drawn, Drawn::Shares).then(|| Share::of(numbers).said());
        let total_share = totals.as_deref().and_then(share_of);
        let named = rows.into_iter().zip(told);
        let rows: Vec<Row> = named
            .map(|((code, name, _), numbers)| Row {
                share: share_of(&numbers),
                code,
                name,
                numbers,
            })
            .collect();
        let last = |row: &Row| row.numbers.last().copied().flatten();
        let values: Vec<Option<i64>> = rows.iter().map(last).collect();
        let chart = match drawn {
            _ if rows.is_empty() => Chart::None,
            Drawn::Not => Chart::None,
            Drawn::Bars => Chart::Bars(Bars::of(&values)),
            Drawn::Shares => {
                let shares: Vec<Option<i64>> = rows.iter().map(|row| Share::of(&row.numbers).drawn()).collect();
                Chart::Bars(Bars::up_to(shares::WHOLE, &shares))
            }
            Drawn::Columns => Chart::Columns(Columns::of(&values)),
            Drawn::Map => {
                let provinces = rows.iter().map(|row| match &row.name {
                    Label::Named(name) => (row.code.as_str(), name.as_str(), last(row)),
                    _ => ("", "", None),
                });
                Chart::Map(Map::of(&provinces.collect::<Vec<_>>()))
            }
        };
        let total = Label::Said("statistics-total".to_owned());
        Self {
            id,
            columns: columns.into_iter().chain([total]).collect(),
            rows,
            totals,
            total_share,
            chart,
        }
    }
}

fn said(id: &str) -> Label {
    Label::Said(id.to_owned())
}

fn levels() -> Vec<Label> {
    vec![said("statistics-level-1"), said("statistics-level-2")]
}

/// All tables that somebody may see.
pub(super) fn all(numbers: &Numbers, reach: &Reach, today: Date) -> Vec<Table> {
    let mut tables = Vec::new();
    if reach.sees_provinces() {
        tables.push(accounts(numbers, reach, today));
        tables.push(activations(numbers, reach, today));
    }
    tables.extend(applications::all(numbers, reach, today));
    tables.extend(services::all(numbers, reach, today));
    if reach.is_whole() {
        let utility = |id: &str| {
            home::tile(id).map_or_else(
                || Label::Named(id.to_owned()),
                |tile| Label::Both(tile.name(Lang::Vi).to_owned(), tile.name(Lang::En).to_owned()),
            )
        };
        let client = |id: &str| {
            let name = numbers.names.iter().find(|(known, _)| known == id);
            Label::Named(name.map_or_else(|| id.to_owned(), |(_, name)| name.clone()))
        };
        let channel = |id: &str| said(&format!("statistics-channel-{id}"));
        tables.push(by_day("uses", &numbers.uses, utility, (reach, today)));
        tables.push(by_day("sign-ins", &numbers.sign_ins, client, (reach, today)));
        tables.push(by_day("messages", &numbers.messages, channel, (reach, today)));
    }
    tables
}

/// The provinces that are looked at.
fn provinces(reach: &Reach, today: Date) -> Vec<&'static Province> {
    let mut provinces: Vec<_> = units::on(today)
        .filter(|province| reach.covers(province.code))
        .collect();
    provinces.sort_by_key(|province| province.code);
    provinces
}

/// Accounts in use, by province and level.
fn accounts(numbers: &Numbers, reach: &Reach, today: Date) -> Table {
    let standing = |level: &str, place: &str| {
        let fits = |count: &Count| count.spot.kind == level && count.spot.place == place;
        sum(&numbers.accounts, fits)
    };
    let of = |place: &str| vec![standing("1", place), standing("2", place)];
    let named = provinces(reach, today).into_iter();
    let mut rows: Vec<_> = named
        .map(|province| {
            (
                province.code.to_owned(),
                Label::Named(province.name.to_owned()),
                of(province.code),
            )
        })
        .collect();
    if reach.is_whole() {
        rows.push((String::new(), said("statistics-place-unknown"), of("")));
    }
    Table::of("accounts", levels(), rows, (reach, Drawn::Map))
}

/// Levels put to use on each of the last days.
fn activations(numbers: &Numbers, reach: &Reach, today: Date) -> Table {
    let rows = reach.days(today, DAYS).into_iter().map(|day| {
        let of = |level: &str| {
            sum(&numbers.activations, |count| {
                count.day == day && count.spot.kind == level && reach.covers(&count.spot.place)
            })
        };
        let numbers = vec![of("1"), of("2")];
        let name = Label::Named(spoken(&day));
        (day, name, numbers)
    });
    Table::of("activations", levels(), rows.collect(), (reach, Drawn::Columns))
}

/// `2026-11-30` as people write it: `30/11`.
fn spoken(day: &str) -> String {
    let mut parts = day.split('-').skip(1);
    let (month, day) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{day}/{month}")
}

/// What was counted on each of the last days, by kind; the most frequent first.
fn by_day(id: &'static str, counts: &[Count], name: impl Fn(&str) -> Label, (reach, today): (&Reach, Date)) -> Table {
    let days = reach.days(today, FEW_DAYS);
    let looked_at = counts
        .iter()
        .filter(|count| days.contains(&count.day) && reach.covers(&count.spot.place));
    let mut kinds: Vec<&str> = looked_at.map(|count| count.spot.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut rows: Vec<_> = kinds
        .into_iter()
        .map(|kind| {
            let of = |day: &String| {
                sum(counts, |count| {
                    count.day == *day && count.spot.kind == kind && reach.covers(&count.spot.place)
                })
            };
            (kind.to_owned(), name(kind), days.iter().map(of).collect::<Vec<i64>>())
        })
        .collect();
    rows.sort_by_key(|(.., numbers)| std::cmp::Reverse(numbers.iter().sum::<i64>()));
    rows.truncate(MOST_ROWS);
    let columns = days.iter().map(|day| Label::Named(spoken(day)));
    Table::of(id, columns.collect(), rows, (reach, Drawn::Bars))
}

/// The name of a province or of a unit.
fn place_name(place: &str, today: Date) -> Label {
    if place.is_empty() {
        return said("statistics-place-unknown");
    }
    let province = units::province(place, today).map(|province| province.name.to_owned());
    Label::Named(province.unwrap_or_else(|| officers::unit(place)))
}
