//! Basic access control (ICAO 9303-11 section 4.3): who knows the data of the zone may read.

use crypto::block::{MAC_LENGTH, Suite, access_seed};

use super::apdu::Command;
use super::messaging::Messaging;
use super::{Card, Dice, ReadRefusal, plain};

const SUITE: Suite = Suite::TripleDes;
const IV: [u8; 8] = [0; 8];

/// Proves to the chip that the zone is known, and agrees on the keys of a session. `zone` is document number, date of
/// birth and last day, each with its check digit.
pub(super) fn establish(card: &mut dyn Card, zone: &str, dice: Dice<'_>) -> Result<Messaging, ReadRefusal> {
    let seed = access_seed(zone.as_bytes());
    let (encrypting, authenticating) = (SUITE.derive(&seed, 1), SUITE.derive(&seed, 2));
    let challenge = plain(card, &Command::new([0, 0x84, 0, 0]).expecting(8))?.expect("GET CHALLENGE")?;
    let theirs: [u8; 8] = *challenge.as_array().ok_or(ReadRefusal::Answer("GET CHALLENGE"))?;
    let mut drawn = [0; 24];
    dice(&mut drawn);
    let (ours, key) = drawn.split_at(8);

    let said = SUITE.encrypt(&encrypting, &IV, &[ours, &theirs, key].concat())?;
    let mac = SUITE.mac(&authenticating, &SUITE.padded(&said))?;
    let command = Command::new([0, 0x82, 0, 0]).with(&[&said[..], &mac].concat());
    let answer = plain(card, &command.expecting(40))?;
    // The chip says in no other way that the zone is another one.
    let answer = answer
        .expect("EXTERNAL AUTHENTICATE")
        .map_err(|refusal| match refusal {
            ReadRefusal::Status(..) => ReadRefusal::WrongPassword,
            other => other,
        })?;
    let (said, mac) = answer
        .split_at_checked(32)
        .filter(|(_, mac)| mac.len() == MAC_LENGTH)
        .ok_or(ReadRefusal::Answer("EXTERNAL AUTHENTICATE"))?;
    if !crypto::equal(mac, &SUITE.mac(&authenticating, &SUITE.padded(said))?) {
        return Err(ReadRefusal::Forged);
    }
    let said = SUITE.decrypt(&encrypting, &IV, said)?;
    let their_key = said
        .get(16..)
        .filter(|_| said.starts_with(&[&theirs[..], ours].concat()));
    let secret: Vec<u8> = key
        .iter()
        .zip(their_key.ok_or(ReadRefusal::Forged)?)
        .map(|(one, other)| one ^ other)
        .collect();
    Ok(Messaging::new(SUITE, &secret, counter(theirs, ours)))
}

/// The counter begins with the last halves of what both sides drew.
fn counter(theirs: [u8; 8], ours: &[u8]) -> u64 {
    let halves = [theirs.get(4..).unwrap_or_default(), ours.get(4..).unwrap_or_default()].concat();
    halves.as_array().copied().map_or(0, u64::from_be_bytes)
}
