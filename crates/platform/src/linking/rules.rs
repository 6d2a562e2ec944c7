//! Which account of a portal is the person's.

use civil::names;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How many accounts are proposed at once, at most.
pub(super) const MOST_ACCOUNTS: usize = 10;
/// How many proposals a portal may make about one person in a day: what agrees must not be found out by trying.
pub(super) const MOST_A_DAY: i64 = 10;

/// An account as the portal knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    /// The portal's own identifier of it.
    pub(super) account: String,
    /// What its holder knows it by.
    #[serde(default)]
    pub(super) label: String,
    /// The personal number, or the old number of nine digits; empty where the portal has none.
    #[serde(default)]
    pub(super) number: String,
    #[serde(default)]
    pub(super) full_name: String,
    #[serde(default)]
    pub(super) date_of_birth: Option<Date>,
}

impl Account {
    pub(super) fn is_sound(&self) -> bool {
        let short = |text: &str, most: usize| text.chars().count() <= most && !text.chars().any(char::is_control);
        !self.account.is_empty()
            && short(&self.account, 128)
            && short(&self.label, 128)
            && short(&self.number, 12)
            && short(&self.full_name, 128)
    }

    /// What the person sees.
    pub(super) fn shown(&self) -> &str {
        if self.label.is_empty() {
            &self.account
        } else {
            &self.label
        }
    }
}

/// The person, as the population database knows them.
pub(super) struct Known<'a> {
    pub(super) number: &'a str,
    pub(super) old_number: Option<&'a str>,
    pub(super) full_name: &'a str,
    pub(super) date_of_birth: Date,
}

/// How an account agrees with the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// The number is the person's.
    Number,
    /// There is no number; name and date of birth are the person's.
    Name,
    /// The number is another person's.
    WrongPerson,
    /// Name or date of birth disagree, or are missing.
    Different,
}

impl Match {
    /// The word for it, in the table and to portals.
    pub(super) fn word(self) -> &'static str {
        match self {
            Match::Number => "number",
            Match::Name => "name",
            Match::WrongPerson => "wrong-person",
            Match::Different => "different",
        }
    }
}

/// Compares an account with the person.
pub(super) fn compare(account: &Account, known: &Known<'_>) -> Match {
    if !account.number.is_empty() {
        let is_own = account.number == known.number || known.old_number == Some(account.number.as_str());
        return if is_own { Match::Number } else { Match::WrongPerson };
    }
    let same = names::same(&account.full_name, known.full_name) && account.date_of_birth == Some(known.date_of_birth);
    if same { Match::Name } else { Match::Different }
}

/// What is to be done about a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// This one is linked at once.
    Link(Account),
    /// The person confirms the only one that fits.
    Confirm(Account),
    /// The person chooses.
    Choose(Vec<Account>),
    /// None fits.
    Refuse(Match),
}

/// Judges what was proposed: numbers before names.
pub(super) fn judge(accounts: &[Account], known: &Known<'_>) -> Verdict {
    let that = |wanted: Match| {
        let fits = accounts.iter().filter(move |account| compare(account, known) == wanted);
        fits.cloned().collect::<Vec<_>>()
    };
    let by_number = that(Match::Number);
    let by_name = that(Match::Name);
    match (by_number.as_slice(), by_name.as_slice()) {
        ([only], _) => Verdict::Link(only.clone()),
        ([], [only]) => Verdict::Confirm(only.clone()),
        ([], []) if !that(Match::WrongPerson).is_empty() => Verdict::Refuse(Match::WrongPerson),
        ([], []) => Verdict::Refuse(Match::Different),
        ([], several) | (several, _) => Verdict::Choose(several.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Known<'_> = Known {
        number: "001090000001",
        old_number: Some("012345678"),
        full_name: "Nguyễn Thúy An",
        date_of_birth: Date::constant(1990, 5, 1),
    };

    fn account(id: &str, number: &str, full_name: &str, born: Option<Date>) -> Account {
        Account {
            account: id.to_owned(),
            label: String::new(),
            number: number.to_owned(),
            full_name: full_name.to_owned(),
            date_of_birth: born,
        }
    }

    #[test]
    fn numbers_go_before_names_and_of_several_the_person_chooses() {
        let born = Some(KNOWN.date_of_birth);
        let new = account("a", "001090000001", "", None);
        let old = account("b", "012345678", "", None);
        let named = account("c", "", "NGUYỄN THUÝ  AN", born);
        let other = account("d", "001090000002", "Nguyễn Thúy An", born);
        let unlike = account("e", "", "Nguyễn Thúy An", None);

        assert_eq!(
            judge(&[other.clone(), new.clone(), named.clone()], &KNOWN),
            Verdict::Link(new.clone())
        );
        assert_eq!(
            judge(&[new.clone(), old.clone()], &KNOWN),
            Verdict::Choose(vec![new, old])
        );
        assert_eq!(
            judge(&[named.clone(), unlike.clone()], &KNOWN),
            Verdict::Confirm(named.clone())
        );
        let twin = Account {
            account: "f".to_owned(),
            ..named.clone()
        };
        assert_eq!(
            judge(&[named.clone(), twin.clone()], &KNOWN),
            Verdict::Choose(vec![named, twin])
        );
        assert_eq!(
            judge(std::slice::from_ref(&unlike), &KNOWN),
            Verdict::Refuse(Match::Different)
        );
        assert_eq!(judge(&[unlike, other], &KNOWN), Verdict::Refuse(Match::WrongPerson));
    }
}
