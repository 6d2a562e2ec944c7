//! A card that answers commands like a real one (ICAO 9303-10, 9303-11): for testing readers without hardware.
//!
//! It keeps its files behind PACE or basic access control, speaks by secure messaging only, signs challenges (active
//! authentication) and agrees on keys (chip authentication). Its side of the protocols is written here, from the
//! standard, and shares nothing but the ciphers with the reader's side.

use std::collections::BTreeMap;

use civil::chip::reader::apdu::{Command, DONE, Response};
use civil::chip::reader::{Card as Responds, Silent};
use civil::chip::{ChipFile, ChipFiles, DataGroup, tlv};
use crypto::agreement::{Curve, Mapped, PrivateKey};
use crypto::block::{Suite, access_seed, zone_password};
use crypto::digest::sha256;
use crypto::sign::{BadKey, Signer as _, SoftKey};

use super::{CARD_ACCESS, ChipError, Issuer, agreement_key, files, generation, private_key};
use crate::card::Card;
use crate::people::{Nation, Person};

mod messaging;

use messaging::Messaging;

const WRONG_PASSWORD: u16 = 0x6300;
const WRONG_LENGTH: u16 = 0x6700;
const NOT_ALLOWED: u16 = 0x6982;
const BAD_MESSAGING: u16 = 0x6988;
const WRONG_DATA: u16 = 0x6a80;
const NO_FILE: u16 = 0x6a82;
const WRONG_PLACE: u16 = 0x6b00;
const NO_INSTRUCTION: u16 = 0x6d00;

const PACE: [u8; 10] = [4, 0, 127, 0, 7, 2, 2, 4, 2, 2];
const APPLICATION: [u8; 7] = [0xa0, 0, 0, 2, 0x47, 0x10, 0x01];
const ACCESS: u16 = 0x011c;
const AES: Suite = Suite::Aes128;

/// What a command comes to: data, or the status of a refusal.
type Outcome = Result<Vec<u8>, u16>;

/// A simulated card in the field of a simulated reader.
pub struct SimulatedCard {
    elementary: BTreeMap<u16, Vec<u8>>,
    access_number: String,
    zone: String,
    signing: SoftKey,
    agreeing: PrivateKey,
    has_pace: bool,
    dice: Dice,
    selected: Option<u16>,
    in_application: bool,
    session: Option<Messaging>,
    next: Option<Messaging>,
    challenge: [u8; 8],
    pace: Pace,
    left: Option<usize>,
}

/// How far PACE has come.
enum Pace {
    Idle,
    Chosen(Vec<u8>),
    Nonce([u8; 16]),
    Mapped(Mapped),
    Agreed {
        secret: Vec<u8>,
        ours: Vec<u8>,
        theirs: Vec<u8>,
    },
}

/// Random bytes that follow from a seed.
struct Dice([u8; 32]);

impl Dice {
    fn throw(&mut self) -> [u8; 32] {
        self.0 = sha256(&self.0);
        sha256(&[&self.0[..], b"thrown"].concat())
    }
}

impl SimulatedCard {
    /// The card of a person.
    ///
    /// # Errors
    /// [`ChipError::NoChip`] for a nine-digit card; the others do not happen with people of a nation.
    pub fn new(nation: &Nation, person: &Person, card: &Card, issuer: &Issuer) -> Result<Self, ChipError> {
        let zone = card.zone(person).ok_or(ChipError::NoChip)?;
        let number = person.number.as_str();
        Ok(Self {
            elementary: elementary(&files(nation, person, card, issuer)?),
            access_number: number.get(6..).unwrap_or_default().to_owned(),
            zone: zone.access_information(),
            signing: private_key(issuer.seed, generation(card), person.index)?,
            agreeing: agreement_key(person, card, issuer)?,
            has_pace: true,
            dice: Dice(sha256(number.as_bytes())),
            selected: None,
            in_application: false,
            session: None,
            next: None,
            challenge: [0; 8],
            pace: Pace::Idle,
            left: None,
        })
    }

    /// An older card, which has basic access control alone.
    #[must_use]
    pub fn without_pace(mut self) -> Self {
        self.has_pace = false;
        self.elementary.remove(&ACCESS);
        self
    }

    /// A copy of all files on another chip, which has not the private keys.
    ///
    /// # Errors
    /// [`ChipError::Key`]; does not happen.
    pub fn copied(mut self) -> Result<Self, ChipError> {
        let strange = sha256(b"a chip bought elsewhere");
        self.signing = private_key(0, "a chip bought elsewhere", 0)?;
        self.agreeing = PrivateKey::derive(Curve::Brainpool256, &strange).map_err(|_key| ChipError::Key)?;
        Ok(self)
    }

    /// A card on which one file is another one.
    #[must_use]
    pub fn with_file(mut self, name: u16, content: Vec<u8>) -> Self {
        self.elementary.insert(name, content);
        self
    }

    /// A card that is taken away after so many commands.
    #[must_use]
    pub fn taken_away_after(mut self, commands: usize) -> Self {
        self.left = Some(commands);
        self
    }

    fn answer(&mut self, bytes: &[u8]) -> Response {
        let Some(command) = Command::parse(bytes) else {
            return refusal(WRONG_LENGTH);
        };
        let [class, ..] = command.header;
        if class & 0x0c == 0x0c {
            return self.answer_secured(&command);
        }
        // A command in plain ends a session.
        if self.session.take().is_some() {
            return refusal(BAD_MESSAGING);
        }
        response(self.carry_out(&command, false))
    }

    fn answer_secured(&mut self, command: &Command) -> Response {
        let Some(mut session) = self.session.take() else {
            return refusal(BAD_MESSAGING);
        };
        let Ok(command) = session.open(command) else {
            return refusal(BAD_MESSAGING);
        };
        let answer = response(self.carry_out(&command, true));
        let [_, instruction, ..] = command.header;
        let Ok(answer) = session.protect(instruction % 2 == 1, &answer) else {
            return refusal(BAD_MESSAGING);
        };
        // The keys of chip authentication hold from the next command on.
        self.session = Some(self.next.take().unwrap_or(session));
        answer
    }

    fn carry_out(&mut self, command: &Command, secured: bool) -> Outcome {
        let [_, instruction, p1, p2] = command.header;
        match (instruction, p1, p2) {
            (0xa4, 0x04, _) => self.select_application(&command.data, secured),
            (0xa4, 0x02, _) => self.select(&command.data, secured),
            (0xb0, ..) => self.read(command, secured),
            (0xb1, ..) => self.read_far(command, secured),
            (0x84, ..) => Ok(self.draw().to_vec()),
            (0x82, ..) => self.authenticate(&command.data),
            (0x22, 0xc1, 0xa4) if self.has_pace => self.choose_pace(&command.data),
            (0x86, ..) if secured => self.agree(&command.data),
            (0x86, ..) => self.go_on_with_pace(&command.data),
            (0x22, 0x41, 0xa4) if secured => Ok(Vec::new()),
            (0x88, ..) if secured => self.signing.sign(&command.data).map_err(|_key| WRONG_DATA),
            _ => Err(NO_INSTRUCTION),
        }
    }

    fn select_application(&mut self, name: &[u8], secured: bool) -> Outcome {
        if name != APPLICATION {
            return Err(NO_FILE);
        }
        if self.has_pace && !secured {
            return Err(NOT_ALLOWED);
        }
        (self.in_application, self.selected) = (true, None);
        Ok(Vec::new())
    }

    fn select(&mut self, name: &[u8], secured: bool) -> Outcome {
        let name = name.as_array().copied().map(u16::from_be_bytes).ok_or(WRONG_DATA)?;
        if !self.elementary.contains_key(&name) {
            return Err(NO_FILE);
        }
        if name != ACCESS && !(secured && self.in_application) {
            return Err(NOT_ALLOWED);
        }
        self.selected = Some(name);
        Ok(Vec::new())
    }

    fn read(&mut self, command: &Command, secured: bool) -> Outcome {
        let [_, _, p1, p2] = command.header;
        let (name, offset) = if p1 & 0x80 == 0 {
            (self.selected.ok_or(NOT_ALLOWED)?, u16::from_be_bytes([p1, p2]).into())
        } else if secured && self.in_application {
            (0x0100 | u16::from(p1 & 0x1f), usize::from(p2))
        } else {
            return Err(NOT_ALLOWED);
        };
        self.part(name, offset, command.expected)
    }

    fn read_far(&mut self, command: &Command, secured: bool) -> Outcome {
        let place = tlv::only(0x54, &command.data).filter(|place| secured && place.len() <= 4);
        let digits = place.ok_or(WRONG_DATA)?.iter();
        let offset = digits.fold(0, |at, byte| at << 8 | usize::from(*byte));
        let wanted = command.expected.ok_or(WRONG_LENGTH)?.saturating_sub(4);
        let part = self.part(self.selected.ok_or(NOT_ALLOWED)?, offset, Some(wanted))?;
        Ok(tlv::write(0x53, &part))
    }

    fn part(&self, name: u16, offset: usize, wanted: Option<u32>) -> Outcome {
        let file = self.elementary.get(&name).ok_or(NO_FILE)?;
        let rest = file.get(offset..).ok_or(WRONG_PLACE)?;
        let wanted = wanted
            .and_then(|wanted| usize::try_from(wanted).ok())
            .ok_or(WRONG_LENGTH)?;
        Ok(rest.get(..wanted).unwrap_or(rest).to_vec())
    }

    fn draw(&mut self) -> [u8; 8] {
        let thrown = self.dice.throw();
        self.challenge = thrown.first_chunk().copied().unwrap_or_default();
        self.challenge
    }

    /// Basic access control (ICAO 9303-11 section 4.3.3).
    fn authenticate(&mut self, data: &[u8]) -> Outcome {
        let seed = access_seed(self.zone.as_bytes());
        let suite = Suite::TripleDes;
        let (encrypting, authenticating) = (suite.derive(&seed, 1), suite.derive(&seed, 2));
        let (said, mac) = data.split_at_checked(32).ok_or(WRONG_LENGTH)?;
        let bad = |_key: BadKey| WRONG_DATA;
        if suite.mac(&authenticating, &suite.padded(said)).map_err(bad)? != mac {
            return Err(WRONG_PASSWORD);
        }
        let said = suite.decrypt(&encrypting, &[0; 8], said).map_err(bad)?;
        let (theirs, rest) = said.split_at_checked(8).ok_or(WRONG_DATA)?;
        let key = rest.strip_prefix(&self.challenge).ok_or(WRONG_PASSWORD)?;
        let thrown = self.dice.throw();
        let our_key = thrown.first_chunk::<16>().ok_or(WRONG_DATA)?;

        let answer = [&self.challenge[..], theirs, our_key].concat();
        let answer = suite.encrypt(&encrypting, &[0; 8], &answer).map_err(bad)?;
        let mac = suite.mac(&authenticating, &suite.padded(&answer)).map_err(bad)?;
        let secret: Vec<u8> = key.iter().zip(our_key).map(|(one, other)| one ^ other).collect();
        let counter = [self.challenge.get(4..), theirs.get(4..)]
            .map(Option::unwrap_or_default)
            .concat();
        self.session = Some(Messaging::new(suite, &secret, &counter));
        Ok([&answer[..], &mac].concat())
    }

    fn choose_pace(&mut self, data: &[u8]) -> Outcome {
        let known = tlv::find(0x80, data).is_some_and(|protocol| protocol == PACE);
        let secret = match tlv::find(0x83, data).filter(|_| known) {
            Some([1]) => zone_password(self.zone.as_bytes()).to_vec(),
            Some([2]) => self.access_number.as_bytes().to_vec(),
            _ => return Err(WRONG_DATA),
        };
        self.pace = Pace::Chosen(secret);
        Ok(Vec::new())
    }

    /// The four steps of PACE (ICAO 9303-11 section 4.4.4).
    fn go_on_with_pace(&mut self, data: &[u8]) -> Outcome {
        let said = tlv::only(0x7c, data).ok_or(WRONG_DATA)?;
        let pace = std::mem::replace(&mut self.pace, Pace::Idle);
        let answer = self.step(pace, said).map_err(|_key| WRONG_PASSWORD)?;
        Ok(tlv::write(0x7c, &answer))
    }

    fn step(&mut self, pace: Pace, said: &[u8]) -> Result<Vec<u8>, BadKey> {
        let wanted = |tag| tlv::only(tag, said).ok_or(BadKey);
        let (pace, answer) = match pace {
            Pace::Chosen(secret) if said.is_empty() => {
                let thrown = self.dice.throw();
                let nonce = *thrown.first_chunk::<16>().ok_or(BadKey)?;
                let hidden = AES.encrypt(&AES.derive(&secret, 3), &[0; 16], &nonce)?;
                (Pace::Nonce(nonce), tlv::write(0x80, &hidden))
            }
            Pace::Nonce(nonce) => {
                let key = self.key()?;
                let mapped = Mapped::new(&key, wanted(0x81)?, &nonce)?;
                (Pace::Mapped(mapped), tlv::write(0x82, &key.public()?))
            }
            Pace::Mapped(mapped) => {
                let theirs = wanted(0x83)?.to_vec();
                let key = self.key()?;
                let ours = mapped.public(&key)?;
                let secret = key.agree(&theirs)?.to_vec();
                let answer = tlv::write(0x84, &ours);
                (Pace::Agreed { secret, ours, theirs }, answer)
            }
            Pace::Agreed { secret, ours, theirs } => {
                let token = |point: &[u8]| {
                    let parts = [tlv::write(0x06, &PACE), tlv::write(0x86, point)].concat();
                    AES.mac(&AES.derive(&secret, 2), &tlv::write(0x7f49, &parts))
                };
                if wanted(0x85)? != token(&ours)? {
                    return Err(BadKey);
                }
                self.session = Some(Messaging::new(AES, &secret, &[]));
                (Pace::Idle, tlv::write(0x86, &token(&theirs)?))
            }
            _ => return Err(BadKey),
        };
        self.pace = pace;
        Ok(answer)
    }

    /// Chip authentication (ICAO 9303-11 section 6.2.3).
    fn agree(&mut self, data: &[u8]) -> Outcome {
        let theirs = tlv::only(0x7c, data)
            .and_then(|said| tlv::only(0x80, said))
            .ok_or(WRONG_DATA)?;
        let secret = self.agreeing.agree(theirs).map_err(|_key| WRONG_DATA)?;
        self.next = Some(Messaging::new(AES, &secret, &[]));
        Ok(tlv::write(0x7c, &[]))
    }

    fn key(&mut self) -> Result<PrivateKey, BadKey> {
        PrivateKey::derive(Curve::Brainpool256, &self.dice.throw())
    }
}

impl Responds for SimulatedCard {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Silent> {
        if let Some(left) = &mut self.left {
            let gone = || Silent("the card was taken away".to_owned());
            *left = left.checked_sub(1).ok_or_else(gone)?;
        }
        Ok(self.answer(command).to_bytes())
    }
}

fn elementary(files: &ChipFiles) -> BTreeMap<u16, Vec<u8>> {
    let named = |(group, file): (DataGroup, &ChipFile)| (0x0100 + u16::from(group.number()), file.to_vec());
    let fixed = [
        (ACCESS, CARD_ACCESS.to_vec()),
        (0x011e, files.com.to_vec()),
        (0x011d, files.sod.to_vec()),
    ];
    files.groups().map(named).chain(fixed).collect()
}

fn response(outcome: Outcome) -> Response {
    match outcome {
        Ok(data) => Response { data, status: DONE },
        Err(status) => refusal(status),
    }
}

fn refusal(status: u16) -> Response {
    Response {
        data: Vec::new(),
        status,
    }
}

#[cfg(test)]
mod tests;
