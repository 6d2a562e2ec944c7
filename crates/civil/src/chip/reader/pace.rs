//! PACE, ECDH with generic mapping on brainpoolP256r1 (ICAO 9303-11 section 4.4): a password of six digits opens the
//! chip, and who listens cannot try passwords out.

use crypto::agreement::{Curve, Mapped, PrivateKey};
use crypto::block::{Suite, zone_password};
use der::asn1::ObjectIdentifier as Oid;

use super::super::{identifiers as id, tlv};
use super::apdu::Command;
use super::messaging::Messaging;
use super::{Card, Dice, Password, ReadRefusal, plain};

/// What EF.CardAccess offers.
pub(super) struct Offer {
    protocol: Oid,
    suite: Suite,
}

/// Domain parameters: brainpoolP256r1 (ICAO 9303-11 table 8).
const BRAINPOOL_256: [u8; 1] = [13];
const TEMPLATE: u16 = 0x7c;

/// The first offer that is known here.
pub(super) fn offered(card_access: &[u8]) -> Option<Offer> {
    super::infos(card_access).into_iter().find_map(|info| {
        let suite = suite_of(info.protocol)?;
        let domain = info.optional.filter(|domain| domain.tag == 0x02)?;
        (info.required.content == [2] && domain.content == BRAINPOOL_256).then_some(Offer {
            protocol: info.protocol,
            suite,
        })
    })
}

fn suite_of(protocol: Oid) -> Option<Suite> {
    match protocol.to_string().strip_prefix(id::PACE_ECDH_GM)? {
        ".2" => Some(Suite::Aes128),
        ".3" => Some(Suite::Aes192),
        ".4" => Some(Suite::Aes256),
        _ => None,
    }
}

/// Opens the chip and agrees on the keys of a session.
pub(super) fn establish(
    card: &mut dyn Card,
    offer: &Offer,
    password: &Password,
    dice: Dice<'_>,
) -> Result<Messaging, ReadRefusal> {
    let (reference, secret) = match password {
        Password::Zone(zone) => (1, zone_password(zone.as_bytes()).to_vec()),
        Password::AccessNumber(number) => (2, number.as_bytes().to_vec()),
    };
    let identifier = tlv::write(0x80, offer.protocol.as_bytes());
    let choice = Command::new([0, 0x22, 0xc1, 0xa4]).with(&[&identifier[..], &[0x83, 1, reference]].concat());
    plain(card, &choice)?.expect("MSE:Set AT")?;

    let nonce = step(card, &[], 0x80, false)?;
    let key = offer.suite.derive(&secret, 3);
    let zeros = vec![0; offer.suite.block()];
    let nonce = offer.suite.decrypt(&key, &zeros, &nonce)?;
    let nonce: &[u8; 16] = nonce.as_array().ok_or(ReadRefusal::Answer("the nonce"))?;

    let mut key = || {
        let mut random = [0; 32];
        dice(&mut random);
        PrivateKey::derive(Curve::Brainpool256, &random)
    };
    let (first, second) = (key()?, key()?);
    let theirs = step(card, &tlv::write(0x81, &first.public()?), 0x82, false)?;
    let mapped = Mapped::new(&first, &theirs, nonce)?;
    let ours = mapped.public(&second)?;
    let theirs = step(card, &tlv::write(0x83, &ours), 0x84, false)?;
    // A card that echoes our own point would learn nothing, but prove nothing either.
    if theirs == ours {
        return Err(ReadRefusal::Forged);
    }
    let secret = second.agree(&theirs)?;
    let authenticating = offer.suite.derive(&secret, 2);
    let token = |point: &[u8]| offer.suite.mac(&authenticating, &authenticated(offer.protocol, point));
    let answer = step(card, &tlv::write(0x85, &token(&theirs)?), 0x86, true);
    // A wrong password is noticed here, by the chip.
    let answer = answer.map_err(|refusal| match refusal {
        ReadRefusal::Status(..) => ReadRefusal::WrongPassword,
        other => other,
    })?;
    if !crypto::equal(&answer, &token(&ours)?) {
        return Err(ReadRefusal::WrongPassword);
    }
    Ok(Messaging::new(offer.suite, &secret, 0))
}

/// The public key as it is authenticated: with the protocol (section 9.4.3).
pub(super) fn authenticated(protocol: Oid, point: &[u8]) -> Vec<u8> {
    let parts = [tlv::write(0x06, protocol.as_bytes()), tlv::write(0x86, point)].concat();
    tlv::write(0x7f49, &parts)
}

/// One command of the chain, and the one object that is wanted of its answer.
fn step(card: &mut dyn Card, said: &[u8], wanted: u16, last: bool) -> Result<Vec<u8>, ReadRefusal> {
    let class = if last { 0 } else { 0x10 };
    let command = Command::new([class, 0x86, 0, 0]).with(&tlv::write(TEMPLATE, said));
    let answer = plain(card, &command.expecting(256))?.expect("GENERAL AUTHENTICATE")?;
    tlv::only(TEMPLATE, &answer)
        .and_then(|objects| tlv::find(wanted, objects))
        .map(<[u8]>::to_vec)
        .ok_or(ReadRefusal::Answer("GENERAL AUTHENTICATE"))
}
