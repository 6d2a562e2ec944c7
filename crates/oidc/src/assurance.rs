//! Assurance levels of one authentication, with their `acr` and `amr` values.
//!
//! The level of an authentication (mức độ xác thực, Nghị định 69/2024/NĐ-CP Điều 20 khoản 1) says how sure we are,
//! this time, who is there. It is not the level of the account (mức độ định danh, Điều 7), which says how the person
//! was once identified and travels as a claim of its own.

use serde::{Deserialize, Serialize};

/// The level of one authentication. Ordered: [`Assurance::Four`] is the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Assurance {
    /// Mức độ 1: one factor, not a biometric one.
    #[serde(rename = "urn:vneid:assurance:1")]
    One,
    /// Mức độ 2: two different factors, none biometric.
    #[serde(rename = "urn:vneid:assurance:2")]
    Two,
    /// Mức độ 3: at least two different factors, at least one biometric.
    #[serde(rename = "urn:vneid:assurance:3")]
    Three,
    /// Mức độ 4: at least one biometric, one possessed and one known factor.
    #[serde(rename = "urn:vneid:assurance:4")]
    Four,
}

impl Assurance {
    /// All levels, weakest first.
    pub const ALL: &'static [Self] = &[Self::One, Self::Two, Self::Three, Self::Four];

    /// The `acr` value.
    pub const fn acr(self) -> &'static str {
        match self {
            Self::One => "urn:vneid:assurance:1",
            Self::Two => "urn:vneid:assurance:2",
            Self::Three => "urn:vneid:assurance:3",
            Self::Four => "urn:vneid:assurance:4",
        }
    }

    /// The level of an `acr` value; `None` for values that are not ours.
    pub fn from_acr(acr: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|level| level.acr() == acr)
    }

    /// The level that these factors reach together; `None` for none at all, or for a biometric factor alone, to which
    /// the decree gives no level.
    ///
    /// "Different factors" is read strictly: of different [`Kind`]s. Two passwords are one factor.
    pub fn of(factors: &[Factor]) -> Option<Self> {
        let has = |kind| factors.iter().any(|factor| factor.kind() == kind);
        match (has(Kind::Known), has(Kind::Possessed), has(Kind::Biometric)) {
            (true, true, true) => Some(Self::Four),
            (true, false, true) | (false, true, true) => Some(Self::Three),
            (true, true, false) => Some(Self::Two),
            (true, false, false) | (false, true, false) => Some(Self::One),
            (false, false, _) => None,
        }
    }
}

/// What a factor rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Something the person knows (password, secret code).
    Known,
    /// Something the person has (device, card, phone number).
    Possessed,
    /// Something the person is (face, finger, voice, iris).
    Biometric,
}

/// A means of authentication (phương tiện xác thực, Nghị định 69/2024/NĐ-CP Điều 3 khoản 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// The password (mật khẩu).
    Password,
    /// The six-digit passcode.
    Passcode,
    /// A one-time code sent to the phone.
    SmsCode,
    /// A key in the person's device, without hardware protection that was shown to us.
    SoftwareKey,
    /// A key in the person's device or token, held by hardware.
    HardwareKey,
    /// The chip of the identity card (thẻ căn cước).
    Card,
    /// The face, compared with the one on record.
    Face,
    /// A fingerprint, compared with the one on record.
    Fingerprint,
}

impl Factor {
    /// What the factor rests on.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Password | Self::Passcode => Kind::Known,
            Self::SmsCode | Self::SoftwareKey | Self::HardwareKey | Self::Card => Kind::Possessed,
            Self::Face | Self::Fingerprint => Kind::Biometric,
        }
    }

    /// The `amr` value (RFC 8176 section 2).
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Passcode => "pin",
            Self::SmsCode => "sms",
            Self::SoftwareKey => "swk",
            Self::HardwareKey => "hwk",
            Self::Card => "sc",
            Self::Face => "face",
            Self::Fingerprint => "fpt",
        }
    }
}

/// The `amr` claim for these factors: each once, and `mfa` where they are of different kinds (RFC 8176 section 2).
pub fn amr(factors: &[Factor]) -> Vec<&'static str> {
    let mut values: Vec<_> = factors.iter().map(|factor| factor.amr()).collect();
    if factors
        .iter()
        .any(|factor| factors.first().is_some_and(|first| first.kind() != factor.kind()))
    {
        values.push("mfa");
    }
    values.sort_unstable();
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_of_article_20() {
        use Factor::{Card, Face, Fingerprint, Passcode, Password, SmsCode};
        for (factors, level) in [
            (&[][..], None),
            (&[Password], Some(Assurance::One)),
            (&[SmsCode], Some(Assurance::One)),
            (&[Password, Passcode], Some(Assurance::One)),
            (&[Password, SmsCode], Some(Assurance::Two)),
            (&[Face], None),
            (&[Face, Fingerprint], None),
            (&[Password, Face], Some(Assurance::Three)),
            (&[Card, Fingerprint], Some(Assurance::Three)),
            (&[Card, Passcode, Face], Some(Assurance::Four)),
        ] {
            assert_eq!(Assurance::of(factors), level, "{factors:?}");
        }
    }

    #[test]
    fn acr_values_are_read_back_and_foreign_ones_are_not_ours() {
        for level in Assurance::ALL {
            assert_eq!(Assurance::from_acr(level.acr()), Some(*level));
            assert_eq!(serde_json::to_value(level).unwrap(), level.acr());
        }
        assert_eq!(Assurance::from_acr("urn:mace:incommon:iap:silver"), None);
        assert!(Assurance::One < Assurance::Four);
    }

    #[test]
    fn amr_names_each_means_once_and_mfa_for_different_kinds() {
        assert_eq!(amr(&[Factor::Password]), ["pwd"]);
        assert_eq!(
            amr(&[Factor::Password, Factor::Passcode, Factor::Password]),
            ["pin", "pwd"]
        );
        assert_eq!(amr(&[Factor::Password, Factor::SmsCode]), ["mfa", "pwd", "sms"]);
        assert!(amr(&[]).is_empty());
    }
}
