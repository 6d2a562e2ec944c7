//! Reading a chip: what a terminal says to it and what it makes of the answers (ICAO 9303-10, 9303-11).
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`apdu`] | commands and responses (ISO/IEC 7816-4) |
//! | [`messaging`] | secure messaging, AES and Triple DES (ICAO 9303-11 section 9.8) |
//! | [`bac`] | basic access control (section 4.3) |
//! | [`pace`] | PACE with the card access number or the zone, ECDH with generic mapping (section 4.4) |
//!
//! How bytes reach the chip is behind [`Card`]: a reader on PC/SC, or a simulated card. Random bytes are an argument.
//!
//! **Invariant:** a card that answers anything at all costs a bounded number of commands, and nothing panics
//! (`whatever_a_card_answers_reading_ends`).

pub mod apdu;
pub mod bac;
pub mod messaging;
pub mod pace;

use thiserror::Error;

use super::clones::Question;
use super::{ActiveAnswer, Challenge, ChipFile, ChipFiles, Com, DataGroup, Reading, dg14};
use apdu::{Command, Response};
use messaging::Messaging;

/// Something that carries commands to a chip and its responses back.
pub trait Card {
    /// Sends one command, brings its response.
    ///
    /// # Errors
    /// [`Silent`] when there is none.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Silent>;
}

/// No answer came from the chip: it was taken away, or the reader failed. The text is the reader's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the chip does not answer: {0}")]
pub struct Silent(pub String);

/// Random bytes, as many as the slice has.
pub type Dice<'a> = &'a mut dyn FnMut(&mut [u8]);

/// What opens a chip: both are printed on the card.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// The card access number, six digits: the last six of the personal number.
    AccessNumber(String),
    /// Document number, date of birth and last day as they stand in the zone, each with its check digit.
    Zone(String),
}

/// Why a chip could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadRefusal {
    /// No answer.
    #[error(transparent)]
    Silent(#[from] Silent),
    /// The chip refused a command; the two bytes are its reason (ISO/IEC 7816-4 table 5).
    #[error("the chip refuses {0}: {1:04X}")]
    Status(&'static str, u16),
    /// The chip answered something other than what the standard prescribes.
    #[error("the chip answers {0} against the standard")]
    Answer(&'static str),
    /// The password is not that of the card.
    #[error("the chip does not open: is the access number of this card right?")]
    WrongPassword,
    /// The chip offers no way in that is known here with the password that was given.
    #[error("the chip offers no way in that is known here with this password")]
    NoWayIn,
    /// A response was not made with the keys of the session: somebody stands between.
    #[error("a response was not made by the chip the session was opened with")]
    Forged,
    /// A file is larger than any is.
    #[error("a file of the chip is larger than any is")]
    TooLarge,
}

impl From<crypto::sign::BadKey> for ReadRefusal {
    fn from(_bad: crypto::sign::BadKey) -> Self {
        Self::Answer("a key")
    }
}

/// The application of electronic documents (ICAO 9303-10 section 3.11).
const APPLICATION: [u8; 7] = [0xa0, 0, 0, 2, 0x47, 0x10, 0x01];
const CARD_ACCESS: u16 = 0x011c;
const COM: u16 = 0x011e;
const SOD: u16 = 0x011d;
/// Tag and length of a file, but for the largest.
const HEAD: u16 = 4;
/// What is asked for at once: its response fits a short one under secure messaging, too.
const CHUNK: u16 = 0xdf;
/// DG15 is longer only with a key of RSA.
const LARGEST_CURVE_KEY: usize = 220;

/// A chip that has been opened.
pub struct Session<'c> {
    card: &'c mut dyn Card,
    messaging: Messaging,
    card_access: Option<ChipFile>,
}

impl<'c> Session<'c> {
    /// Opens a chip: by PACE where EF.CardAccess offers it, else by basic access control, for which the data of the zone
    /// are needed.
    ///
    /// # Errors
    /// [`ReadRefusal`].
    pub fn open(card: &'c mut dyn Card, password: &Password, dice: Dice<'_>) -> Result<Self, ReadRefusal> {
        let access = card_access(card)?;
        let offer = access.as_deref().and_then(pace::offered);
        let messaging = match (offer, password) {
            (Some(offer), password) => {
                let messaging = pace::establish(card, &offer, password, dice)?;
                let mut session = Self {
                    card,
                    messaging,
                    card_access: access,
                };
                session.select_application()?;
                return Ok(session);
            }
            (None, Password::Zone(zone)) => {
                let answer = plain(card, &select_application())?;
                answer.expect("SELECT")?;
                bac::establish(card, zone, dice)?
            }
            (None, Password::AccessNumber(_)) => return Err(ReadRefusal::NoWayIn),
        };
        Ok(Self {
            card,
            messaging,
            card_access: access,
        })
    }

    /// Reads every file that is needed, and lets the chip sign a challenge if it can.
    ///
    /// # Errors
    /// [`ReadRefusal`].
    pub fn read(&mut self, challenge: Option<Challenge>) -> Result<Reading, ReadRefusal> {
        let com = self.file(COM)?;
        let listed = Com::parse(&com).map_err(|_error| ReadRefusal::Answer("EF.COM"))?.groups;
        let optional = |session: &mut Self, group: DataGroup| {
            let here = listed.contains(&group);
            here.then(|| session.group(group)).transpose()
        };
        let files = ChipFiles {
            dg1: self.group(DataGroup::DG1)?,
            dg2: self.group(DataGroup::DG2)?,
            dg13: optional(self, DataGroup::DG13)?,
            dg14: optional(self, DataGroup::DG14)?,
            dg15: optional(self, DataGroup::DG15)?,
            sod: self.file(SOD)?,
            com,
        };
        let asked = challenge.zip(files.dg15.as_ref().map(|key| key.len()));
        let active = asked.map(|(challenge, key)| self.sign(challenge, key)).transpose()?;
        Ok(Reading {
            files,
            active,
            card_access: self.card_access.clone(),
        })
    }

    /// Makes the chip agree on keys with who asked the question, and brings its answer under them: chip authentication
    /// by somebody who is not here. After it the session speaks under keys that are not ours: nothing more can be said.
    ///
    /// # Errors
    /// [`ReadRefusal`].
    pub fn answer(&mut self, question: &Question) -> Result<Vec<u8>, ReadRefusal> {
        for command in question.commands() {
            self.exchange(&command)?.expect("chip authentication")?;
        }
        Ok(self.card.transmit(&question.command)?)
    }

    fn select_application(&mut self) -> Result<(), ReadRefusal> {
        self.exchange(&select_application())?.expect("SELECT").map(drop)
    }

    /// Active authentication (section 6.1).
    fn sign(&mut self, challenge: Challenge, key_length: usize) -> Result<ActiveAnswer, ReadRefusal> {
        // A signature of RSA does not fit a short response under secure messaging.
        let expected = if key_length > LARGEST_CURVE_KEY { 0x1_0000 } else { 256 };
        let command = Command::new([0, 0x88, 0, 0]).with(&challenge.0).expecting(expected);
        let answer = self.exchange(&command)?;
        Ok(ActiveAnswer {
            challenge: challenge.0.to_vec().into(),
            response: answer.expect("INTERNAL AUTHENTICATE")?.into(),
        })
    }

    fn group(&mut self, group: DataGroup) -> Result<ChipFile, ReadRefusal> {
        self.file(0x0100 + u16::from(group.number()))
    }

    fn file(&mut self, name: u16) -> Result<ChipFile, ReadRefusal> {
        self.exchange(&select_file(name))?.expect("SELECT")?;
        read_file(&mut |command| self.exchange(command))
    }

    fn exchange(&mut self, command: &Command) -> Result<Response, ReadRefusal> {
        let protected = self.messaging.protect(command)?;
        let answer = Response::parse(&self.card.transmit(&protected.to_bytes())?)?;
        self.messaging.open(&answer)
    }
}

/// EF.CardAccess lies outside of the application and is readable for everyone; chips without PACE have none.
fn card_access(card: &mut dyn Card) -> Result<Option<ChipFile>, ReadRefusal> {
    if plain(card, &select_file(CARD_ACCESS))?.expect("SELECT").is_err() {
        return Ok(None);
    }
    read_file(&mut |command| plain(card, command)).map(Some)
}

fn plain(card: &mut dyn Card, command: &Command) -> Result<Response, ReadRefusal> {
    Response::parse(&card.transmit(&command.to_bytes())?)
}

fn select_application() -> Command {
    Command::new([0, 0xa4, 0x04, 0x0c]).with(&APPLICATION)
}

fn select_file(name: u16) -> Command {
    Command::new([0, 0xa4, 0x02, 0x0c]).with(&name.to_be_bytes())
}

/// Reads the selected file: its first bytes say how long it is.
fn read_file(exchange: &mut dyn FnMut(&Command) -> Result<Response, ReadRefusal>) -> Result<ChipFile, ReadRefusal> {
    let mut bytes = exchange(&read_binary(0, HEAD)?)?.expect("READ BINARY")?;
    if total_length(&bytes).is_none() && bytes.len() == usize::from(HEAD) {
        bytes.extend(exchange(&read_binary(bytes.len(), HEAD)?)?.expect("READ BINARY")?);
    }
    let whole = total_length(&bytes).ok_or(ReadRefusal::Answer("READ BINARY"))?;
    if whole > ChipFile::MAX_SIZE {
        return Err(ReadRefusal::TooLarge);
    }
    bytes.truncate(whole);
    while bytes.len() < whole {
        let wanted = u16::try_from(whole - bytes.len()).map_or(CHUNK, |rest| rest.min(CHUNK));
        let part = exchange(&read_binary(bytes.len(), wanted)?)?.expect("READ BINARY")?;
        let part = if bytes.len() > FAR {
            super::tlv::only(0x53, &part)
                .ok_or(ReadRefusal::Answer("READ BINARY"))?
                .to_vec()
        } else {
            part
        };
        // A card that brings less than it was asked for could be asked for ever.
        if part.len() != usize::from(wanted) {
            return Err(ReadRefusal::Answer("READ BINARY"));
        }
        bytes.extend(part);
    }
    Ok(bytes.into())
}

/// Offsets above this need the odd instruction (ISO/IEC 7816-4 section 7.2.3).
const FAR: usize = 0x7fff;

fn read_binary(offset: usize, length: u16) -> Result<Command, ReadRefusal> {
    if let Ok(near) = u16::try_from(offset)
        && offset <= FAR
    {
        let [high, low] = near.to_be_bytes();
        return Ok(Command::new([0, 0xb0, high, low]).expecting(length.into()));
    }
    let offset = u32::try_from(offset).map_err(|_error| ReadRefusal::TooLarge)?;
    let place = super::tlv::write(0x54, &offset.to_be_bytes());
    // The data come inside an object, whose tag and length come on top.
    Ok(Command::new([0, 0xb1, 0, 0])
        .with(&place)
        .expecting(u32::from(length) + 4))
}

/// How long the object is that the bytes begin with: tag, length and content.
fn total_length(head: &[u8]) -> Option<usize> {
    let (_, rest) = super::tlv::tag(head)?;
    let (length, rest) = super::tlv::length(rest)?;
    Some(head.len() - rest.len() + length)
}

/// The security infos of DG14 or EF.CardAccess that offer PACE.
fn infos(file: &[u8]) -> Vec<dg14::SecurityInfo<'_>> {
    dg14::of_card_access(file).unwrap_or_default()
}

#[cfg(test)]
mod tests;
