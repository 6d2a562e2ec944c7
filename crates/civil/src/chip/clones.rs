//! Chip authentication asked by us, through whoever holds the card (ICAO 9303-11 section 6.2, BSI TR-03110-1 section 3.4).
//!
//! The chip holds a private key whose public half is in the signed DG14. We draw a key of our own, the chip agrees with
//! it on the keys of a session, and answers one command under them. Only the chip and we can make that answer: the
//! reader in between has neither private key.
//!
//! # What this proves, and to whom
//!
//! To us, live: the MAC of the answer is of keys that nobody knows but we and the holder of the chip's private key; we
//! did not make it. So the chip is no copy of the files. The command is ours and its keys are used once, so an old answer
//! is none to a new question.
//!
//! To nobody else, afterwards: with our private number we could have made the answer ourselves. So what is kept is our own
//! statement that it was checked at that time, not a proof to a third party; that only active authentication gives, whose
//! signature anybody can verify. A transcript that a reader made with a key of *its own* proves nothing even to us, and
//! is not taken.
//!
//! **Invariant:** the question is asked with the key of a DG14 that passive authentication found unchanged, and answered
//! under keys drawn for it alone (`a_copy_of_the_files_cannot_answer`).

use crypto::agreement::{Curve as On, PrivateKey};
use crypto::block::Suite;
use der::asn1::ObjectIdentifier as Oid;
use serde::{Deserialize, Serialize};

use super::curves::Curve;
use super::reader::ReadRefusal;
use super::reader::apdu::{Command, Response};
use super::reader::messaging::Messaging;
use super::{Authentic, ChipFile, ChipFiles, CloneRefusal, DataGroup, SchemeRefusal, dg14, identifiers as id, tlv};

/// What a reader passes on to the chip. In JSON its members are standard base64 but for the protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The protocol by its object identifier.
    pub protocol: String,
    /// Which key of the chip, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<ChipFile>,
    /// Our public key: an uncompressed point.
    pub key: ChipFile,
    /// The command that the chip answers under the agreed keys, as it is sent.
    pub command: ChipFile,
}

/// Eight bytes of EF.COM, by its short name: something that every chip can be asked for.
const READ_COM: [u8; 4] = [0, 0xb0, 0x9e, 0];

/// What DG14 says of chip authentication: protocol, public key, number of the key.
struct Offer<'a> {
    protocol: Oid,
    suite: Suite,
    curve: On,
    point: &'a [u8],
    key_id: Option<&'a [u8]>,
}

/// The question to a chip; `None` when the chip has no key for it that is known here. `random` is drawn for this question
/// alone and kept until the answer.
///
/// # Errors
/// [`CloneRefusal`] when DG14 is not signed or cannot be read.
pub fn question(files: &ChipFiles, authentic: &Authentic, random: &[u8; 32]) -> Result<Option<Question>, CloneRefusal> {
    let file = signed(files, authentic)?;
    let Some(offer) = offer(file)? else { return Ok(None) };
    let (key, mut session) = session(&offer, random)?;
    let command = session.protect(&com()).map_err(|_key| CloneRefusal::KeyUnreadable)?;
    Ok(Some(Question {
        protocol: offer.protocol.to_string(),
        key_id: offer.key_id.map(|id| id.to_vec().into()),
        key: key.into(),
        command: command.to_bytes().into(),
    }))
}

/// Checks the answer to the question that was asked with the same random bytes.
///
/// # Errors
/// [`CloneRefusal::Answer`] for a chip that does not hold the key.
pub fn verify_answer(
    files: &ChipFiles,
    authentic: &Authentic,
    random: &[u8; 32],
    answer: &[u8],
) -> Result<(), CloneRefusal> {
    let file = signed(files, authentic)?;
    let offer = offer(file)?.ok_or(CloneRefusal::KeyMissing)?;
    let (_, mut session) = session(&offer, random)?;
    // The counter goes on as the command moved it.
    session.protect(&com()).map_err(|_key| CloneRefusal::KeyUnreadable)?;
    let answer = Response::parse(answer).and_then(|answer| session.open(&answer));
    answer.map(drop).map_err(|_refusal: ReadRefusal| CloneRefusal::Answer)
}

impl Question {
    /// The commands that make the chip agree on keys, under the session that is open.
    pub(super) fn commands(&self) -> [Command; 2] {
        let protocol = Oid::new(&self.protocol).map_or(Vec::new(), |oid| oid.as_bytes().to_vec());
        let mut choice = tlv::write(0x80, &protocol);
        if let Some(id) = &self.key_id {
            choice.extend(tlv::write(0x84, id));
        }
        let ours = tlv::write(0x7c, &tlv::write(0x80, &self.key));
        [
            Command::new([0, 0x22, 0x41, 0xa4]).with(&choice),
            Command::new([0, 0x86, 0, 0]).with(&ours).expecting(256),
        ]
    }
}

fn com() -> Command {
    Command::new(READ_COM).expecting(8)
}

fn signed<'a>(files: &'a ChipFiles, authentic: &Authentic) -> Result<&'a [u8], CloneRefusal> {
    let file = files
        .dg14
        .as_ref()
        .filter(|_| authentic.groups.contains(&DataGroup::DG14));
    file.map(|file| &file[..]).ok_or(CloneRefusal::KeyMissing)
}

fn session(offer: &Offer<'_>, random: &[u8; 32]) -> Result<(Vec<u8>, Messaging), CloneRefusal> {
    let agreed = PrivateKey::derive(offer.curve, random)
        .and_then(|key| Ok((key.public()?, key.agree(offer.point)?)))
        .map_err(|_key| CloneRefusal::KeyUnreadable)?;
    let (key, secret) = agreed;
    Ok((key, Messaging::new(offer.suite, &secret, 0)))
}

/// The first protocol and the key for it.
fn offer(file: &[u8]) -> Result<Option<Offer<'_>>, CloneRefusal> {
    let infos = dg14::infos_of(file).map_err(|_error| CloneRefusal::KeyUnreadable)?;
    let chosen = infos.iter().find_map(|info| {
        let suite = suite_of(info.protocol).filter(|_| info.required.content == [1])?;
        Some((info.protocol, suite, info.optional.map(|id| id.content)))
    });
    let Some((protocol, suite, key_id)) = chosen else {
        return Ok(None);
    };
    let key = infos.iter().find(|info| {
        info.protocol == id::CHIP_KEY_ECDH && (key_id.is_none() || info.optional.map(|id| id.content) == key_id)
    });
    let key = key.ok_or(CloneRefusal::KeyMissing)?;
    let (curve, point) = dg14::point(&key.required).map_err(CloneRefusal::Scheme)?;
    Ok(Some(Offer {
        protocol,
        suite,
        curve: match curve {
            Curve::P256 => On::P256,
            Curve::P384 => On::P384,
            Curve::P521 => On::P521,
            Curve::Brainpool256 => On::Brainpool256,
            Curve::Brainpool384 => On::Brainpool384,
        },
        point,
        key_id,
    }))
}

/// Triple DES is left out: the key goes to the chip by another command there, and no card of Viet Nam is known to have it.
fn suite_of(protocol: Oid) -> Option<Suite> {
    match protocol.to_string().strip_prefix(id::CHIP_ECDH)? {
        ".2" => Some(Suite::Aes128),
        ".3" => Some(Suite::Aes192),
        ".4" => Some(Suite::Aes256),
        _ => None,
    }
}

/// Whether what EF.CardAccess told before anything was secured is what the state signed in DG14 (ICAO 9303-11 section
/// 4.4.5): somebody in between may have taken the stronger offers away.
///
/// # Errors
/// [`CloneRefusal::KeyMissing`] without a signed DG14, [`CloneRefusal::Downgraded`] when EF.CardAccess says something that
/// DG14 does not, or offers no longer what DG14 says of PACE.
pub fn card_access_agrees(files: &ChipFiles, authentic: &Authentic, card_access: &[u8]) -> Result<(), CloneRefusal> {
    let file = signed(files, authentic)?;
    let infos = dg14::infos_of(file).map_err(|_error| CloneRefusal::KeyUnreadable)?;
    let told = dg14::of_card_access(card_access).map_err(|_error| CloneRefusal::Downgraded)?;
    let is_pace = |info: &&dg14::SecurityInfo<'_>| info.protocol.to_string().starts_with(id::PACE);
    let all_signed = told.iter().all(|info| infos.contains(info));
    let all_told = infos.iter().filter(is_pace).all(|info| told.contains(info));
    if all_signed && all_told {
        Ok(())
    } else {
        Err(CloneRefusal::Downgraded)
    }
}

/// The kinds of keys that are not accepted are the same as everywhere.
impl From<SchemeRefusal> for CloneRefusal {
    fn from(refusal: SchemeRefusal) -> Self {
        Self::Scheme(refusal)
    }
}
