//! What a new device needs. The handlers and the model of attackers ask the same rules.

use serde::Serialize;

/// How a device became a person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Way {
    /// There was none before.
    First,
    /// The old device showed a code.
    OldDevice,
    /// The chip of the card was read.
    Card,
    /// An officer, or a recovery.
    Recovery,
}

impl Way {
    pub(super) fn word(self) -> &'static str {
        match self {
            Way::First => "first",
            Way::OldDevice => "old-device",
            Way::Card => "card",
            Way::Recovery => "recovery",
        }
    }
}

/// What somebody has shown who wants a browser to be the person's device.
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that was shown or not")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The person has a device already.
    pub(crate) has_device: bool,
    /// The passcode was right.
    pub(crate) passcode: bool,
    /// The code that the old device shows was right.
    pub(crate) old_device: bool,
    /// The code sent to the phone was right.
    pub(crate) phone: bool,
    /// The person's card was read, and its chip is the original.
    pub(crate) card: bool,
    /// The phone number was changed, or the password reset by phone, so short a time ago that the phone proves little.
    pub(crate) phone_is_fresh: bool,
}

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The passcode.
    Passcode,
    /// A code: from the old device, or, with the card or for the first device, from the phone.
    Code,
    /// The chip of the card.
    Card,
    /// The phone is too fresh: the old device, the counter, or time.
    Time,
}

/// By which way a new device may be bound.
pub(crate) fn way(shown: Shown) -> Result<Way, Missing> {
    if !shown.passcode {
        return Err(Missing::Passcode);
    }
    if shown.has_device && shown.old_device {
        return Ok(Way::OldDevice);
    }
    if !shown.phone {
        return Err(Missing::Code);
    }
    if shown.phone_is_fresh {
        return Err(Missing::Time);
    }
    match (shown.has_device, shown.card) {
        (false, _) => Ok(Way::First),
        (true, true) => Ok(Way::Card),
        (true, false) => Err(Missing::Card),
    }
}

/// What somebody has shown who signs in in a browser that is not the person's device.
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that was shown or not")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The person has a device, which is another one.
    pub(crate) device_elsewhere: bool,
    /// The password was right.
    pub(crate) password: bool,
    /// A passkey was proved.
    pub(crate) passkey: bool,
    /// The code sent to the phone was right.
    pub(crate) phone: bool,
    /// The code that the device shows was right.
    pub(crate) old_device: bool,
    /// As in [`Shown::phone_is_fresh`].
    pub(crate) phone_is_fresh: bool,
}

/// Whether somebody is let in. Where the person has a device, the password alone is not enough elsewhere.
pub(crate) fn may_enter(entry: Entry) -> bool {
    let second = entry.old_device || (entry.phone && !entry.phone_is_fresh);
    entry.passkey || (entry.password && (!entry.device_elsewhere || second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_device_needs_the_old_one_or_the_card_and_the_phone() {
        let all = Shown {
            has_device: true,
            passcode: true,
            old_device: true,
            phone: true,
            card: true,
            phone_is_fresh: false,
        };
        let but = |change: fn(&mut Shown)| {
            let mut shown = Shown {
                old_device: false,
                ..all
            };
            change(&mut shown);
            way(shown)
        };

        assert_eq!(way(all), Ok(Way::OldDevice));
        assert_eq!(but(|_| ()), Ok(Way::Card));
        assert_eq!(but(|shown| shown.passcode = false), Err(Missing::Passcode));
        assert_eq!(but(|shown| shown.card = false), Err(Missing::Card));
        assert_eq!(but(|shown| shown.phone = false), Err(Missing::Code));
        assert_eq!(but(|shown| shown.phone_is_fresh = true), Err(Missing::Time));
        let first = |shown: &mut Shown| (shown.has_device, shown.card) = (false, false);
        assert_eq!(but(first), Ok(Way::First));
        assert_eq!(
            but(|shown| (shown.has_device, shown.old_device, shown.phone) = (false, true, false)),
            Err(Missing::Code)
        );
    }

    #[test]
    fn a_password_alone_does_not_let_in_beside_the_device() {
        let but = |change: fn(&mut Entry)| {
            let mut entry = Entry {
                device_elsewhere: true,
                password: true,
                ..Entry::default()
            };
            change(&mut entry);
            may_enter(entry)
        };

        assert!(!but(|_| ()));
        assert!(but(|entry| entry.device_elsewhere = false));
        assert!(but(|entry| entry.phone = true));
        assert!(!but(|entry| (entry.phone, entry.phone_is_fresh) = (true, true)));
        assert!(but(|entry| (entry.old_device, entry.phone_is_fresh) = (true, true)));
        assert!(!but(
            |entry| (entry.password, entry.phone, entry.old_device) = (false, true, true)
        ));
        assert!(but(|entry| (entry.password, entry.passkey) = (false, true)));
    }
}
