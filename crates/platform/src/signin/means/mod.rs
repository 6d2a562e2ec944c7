//! The means by which somebody was authenticated, and how strong they are together (Decree 69/2024, article 20.1).

use oidc::assurance::{Assurance, Factor};

/// One means of authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// The password.
    Password,
    /// The passcode.
    Passcode,
    /// A code sent to the phone.
    SmsCode,
    /// The key of the person's device.
    DeviceKey,
    /// A passkey whose authenticator verified its holder: by a code or by the body, we are not told which.
    Passkey,
    /// The chip of the identity card.
    Card,
    /// The face, compared with the one on record.
    Face,
}

impl Means {
    const ALL: [Self; 7] = [
        Self::Password,
        Self::Passcode,
        Self::SmsCode,
        Self::DeviceKey,
        Self::Passkey,
        Self::Card,
        Self::Face,
    ];

    /// The mark by which a session keeps it, as RFC 8176 names it; a passkey is what its holder's presence was tested for.
    fn mark(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Passcode => "pin",
            Self::SmsCode => "sms",
            Self::DeviceKey => "swk",
            Self::Passkey => "user",
            Self::Card => "sc",
            Self::Face => "face",
        }
    }

    /// The factors of this means, if an authenticator that verifies its holder does it by `verified`.
    fn factors(self, verified: Factor) -> Vec<Factor> {
        match self {
            Self::Password => vec![Factor::Password],
            Self::Passcode => vec![Factor::Passcode],
            Self::SmsCode => vec![Factor::SmsCode],
            Self::DeviceKey => vec![Factor::SoftwareKey],
            Self::Passkey => vec![Factor::HardwareKey, verified],
            Self::Card => vec![Factor::Card],
            Self::Face => vec![Factor::Face],
        }
    }
}

/// The means that a session's methods name.
pub(crate) fn read(methods: &str) -> Vec<Means> {
    let named: Vec<&str> = methods.split(' ').collect();
    let by_passkey = named.contains(&"user");
    Means::ALL
        .into_iter()
        .filter(|means| named.contains(&means.mark()))
        // The key of a passkey that is copied between devices is written like the key of a device.
        .filter(|means| *means != Means::DeviceKey || !by_passkey || named.contains(&"hwk"))
        .collect()
}

/// The assurance that means reach together: 1 to 4. Where we are not told how an authenticator verified its holder, the weaker counts.
pub(crate) fn level(means: &[Means]) -> i64 {
    let reached = |verified: Factor| {
        let factors: Vec<Factor> = means.iter().flat_map(|means| means.factors(verified)).collect();
        Assurance::of(&factors)
    };
    let weaker = [Factor::Passcode, Factor::Fingerprint]
        .map(reached)
        .into_iter()
        .min()
        .flatten();
    let place = weaker.and_then(|level| Assurance::ALL.iter().position(|known| *known == level));
    place.map_or(1, |place| i64::try_from(place).unwrap_or(0) + 1)
}

/// A session's methods with one more means.
pub(crate) fn joined(methods: &str, more: &str) -> String {
    let mut all: Vec<&str> = methods
        .split(' ')
        .chain(more.split(' '))
        .filter(|one| !one.is_empty())
        .collect();
    all.push("mfa");
    all.sort_unstable();
    all.dedup();
    if level(&read(&all.join(" "))) < 2 {
        all.retain(|one| *one != "mfa");
    }
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_of_article_20_come_from_different_kinds_of_means() {
        for (methods, expected) in [
            ("pwd", 1),
            ("pwd pin", 1),
            ("sms", 1),
            ("pwd sms mfa", 2),
            ("mfa pwd swk", 2),
            ("hwk user mfa", 2),
            ("swk user mfa", 2),
            ("hwk mfa user face", 3),
            ("face sc mfa", 3),
            ("pwd face", 3),
            ("face mfa pin sc", 4),
            ("", 1),
        ] {
            assert_eq!(level(&read(methods)), expected, "{methods}");
        }
    }

    #[test]
    fn methods_are_joined_once_each() {
        assert_eq!(joined("pwd", "sms"), "mfa pwd sms");
        assert_eq!(joined("mfa pwd sms", "sms"), "mfa pwd sms");
        assert_eq!(joined("pwd", "pin"), "pin pwd");
        assert_eq!(joined("pwd", "hwk user mfa"), "hwk mfa pwd user");
    }
}
