//! What is shown of a history, how long it is kept, how it is written as a file: no I/O, no clock.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Span, Timestamp, ToSpan};

use super::Who;
use crate::shell::words::words;

words! {
    /// What a look was for. Each purpose has its sentence `history-purpose-…`.
    Purpose {
        /// Registration checked the card's data against the population database.
        Registration = "registration",
        /// An officer enrolled the person at the counter.
        Enrolment = "enrolment",
        /// An application was compared with the databases.
        Application = "application",
        /// An officer reviewed an application.
        Review = "review",
        /// The person signed in here.
        SignIn = "sign-in",
        /// The person signed in to a relying party, which received the data named.
        SignInElsewhere = "sign-in-elsewhere",
        /// The person looked at the own data, fetched from a source.
        OwnData = "own-data",
        /// An officer helped the person, who had asked for it.
        Support = "support",
        /// An officer looked into a complaint of the person.
        Complaint = "complaint",
        /// An officer locked or unlocked at a counter.
        Lock = "lock",
        /// A credential was issued to a wallet of the person's.
        Issuance = "issuance",
        /// An officer helped the person to recover access.
        Recovery = "recovery",
        /// The person presented data from the wallet to a verifier.
        Presentation = "presentation",
        /// An inspector of the police checked who the person is.
        InspectionPolice = "inspection-police",
        /// The traffic police checked the person as a driver.
        InspectionTraffic = "inspection-traffic",
        /// An airport checked the person as a passenger.
        InspectionAirport = "inspection-airport",
        /// A hospital admitted the person.
        InspectionHospital = "inspection-hospital",
        /// A hotel took what a stay notification needs.
        InspectionHotel = "inspection-hotel",
        /// A bank identified the person as a customer.
        InspectionBank = "inspection-bank",
        /// An investigator looked somebody up for a case.
        Investigation = "investigation",
        /// An inspector answered what its holder had contested.
        Contest = "contest",
        /// The platform compared the locks with the source databases, and something followed.
        LockReview = "lock-review",
        /// Somebody told the police that the person stays somewhere.
        Stay = "stay",
        /// The police looked at where the person stays.
        StayCheck = "stay-check",
        /// A portal's old account was compared with the population database.
        Linking = "linking",
        /// A relying party got a verified data bundle.
        Bundle = "bundle",
        /// A request for an administrative procedure was filled in, or decided on.
        Procedure = "procedure",
        /// A criminal record certificate was issued, or an officer of the issuing body looked at one.
        Certificate = "certificate",
        /// Somebody who holds a certificate checked it.
        CertificateCheck = "certificate-check",
        /// An officer saw who had sent a report.
        Report = "report",
        /// A checkpoint read the slip of a declaration.
        Checkpoint = "checkpoint",
        /// The platform learned when papers end, to tell their holder in time.
        Reminder = "reminder",
    }
}

impl Purpose {
    /// The last part of the purpose's sentence.
    pub fn slug(self) -> &'static str {
        self.word()
    }
}

/// How long a look is kept (Decree 69/2024, article 28.4; Decree 59/2022, article 21): so many years from its instant.
const KEPT_YEARS: i64 = 5;

/// The instant before which looks are gone.
pub(super) fn kept_since(now: Timestamp) -> Timestamp {
    let local = Offset::constant(7).to_datetime(now);
    let then = local.saturating_sub(Span::new().years(KEPT_YEARS));
    Offset::constant(7).to_timestamp(then).unwrap_or(Timestamp::MIN)
}

/// The months in which looks are being made, each from its first instant in UTC to that of the next: this one and some to come.
pub(super) fn months(now: Timestamp, count: usize) -> Vec<(i64, i64)> {
    let first = Offset::UTC.to_datetime(now).date().first_of_month();
    let starts: Vec<i64> = (0..=count)
        .filter_map(|at| {
            let day = first.saturating_add(i64::try_from(at).unwrap_or_default().months());
            let start = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
            Some(start.as_microsecond())
        })
        .collect();
    starts.iter().copied().zip(starts.iter().copied().skip(1)).collect()
}

/// Which looks a citizen wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Of this kind of person; empty for all.
    pub(super) who: &'static str,
    /// For this purpose; empty for all.
    pub(super) purpose: String,
    /// From the beginning of this day.
    pub(super) from: Option<Date>,
    /// To the end of this day.
    pub(super) to: Option<Date>,
    /// With this text in a name, a case or what is shown of them.
    pub(super) text: String,
}

impl Wanted {
    /// What a query asks for; what it asks in vain is passed over.
    pub(super) fn read(who: &str, purpose: &str, (from, to): (&str, &str), text: &str) -> Self {
        Self {
            who: Who::KINDS.into_iter().find(|kind| *kind == who).unwrap_or_default(),
            purpose: Purpose::of_word(purpose)
                .map(Purpose::slug)
                .unwrap_or_default()
                .to_owned(),
            from: from.parse().ok(),
            to: to.parse().ok(),
            text: civil::names::fold(text.trim()).chars().take(100).collect(),
        }
    }

    /// The instants between which it lies: from the first on, before the second.
    pub(super) fn bounds(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let start = |day: Date| Offset::constant(7).to_timestamp(day.at(0, 0, 0, 0)).ok();
        let from = self.from.and_then(start).unwrap_or(Timestamp::MIN);
        let after = self
            .to
            .and_then(|day| start(day.tomorrow().ok()?))
            .unwrap_or(Timestamp::MAX);
        (from.max(kept_since(now)), after)
    }

    /// Whether a look with these texts is wanted.
    pub(super) fn fits(&self, texts: &[&str]) -> bool {
        self.text.is_empty() || texts.iter().any(|text| civil::names::fold(text).contains(&self.text))
    }
}

/// A field of a file of values separated by commas (RFC 4180). What a spreadsheet would run as a formula is made a text.
pub(super) fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_kept_for_five_years_to_the_instant_leap_days_too() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();

        assert_eq!(kept_since(at("2026-11-23T02:00:00Z")), at("2021-11-23T02:00:00Z"));
        assert_eq!(kept_since(at("2028-02-29T02:00:00Z")), at("2023-02-28T02:00:00Z"));
    }

    #[test]
    fn months_follow_each_other_over_the_new_year() {
        let months = months("2026-11-23T02:00:00Z".parse().unwrap(), 3);

        let starts: Vec<String> = months
            .iter()
            .map(|(from, _)| Timestamp::from_microsecond(*from).unwrap().to_string())
            .collect();
        assert_eq!(
            starts,
            ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"]
        );
        assert!(months.windows(2).all(|two| two[0].1 == two[1].0));
    }

    #[test]
    fn what_is_asked_in_vain_is_passed_over_and_a_text_needs_no_accents() {
        let wanted = Wanted::read("nobody", "'; DROP", ("2026-13-01", ""), " Cường ");

        assert_eq!((wanted.who, wanted.purpose.as_str(), wanted.from), ("", "", None));
        assert!(wanted.fits(&["", "Lê Văn Cường, Công an Phường"]));
        assert!(wanted.fits(&["le van cuong"]));
        assert!(!wanted.fits(&["Lê Văn An"]));
    }

    #[test]
    fn a_field_of_a_file_never_runs_in_a_spreadsheet() {
        assert_eq!(field("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("Lê Văn An"), "Lê Văn An");
    }
}
