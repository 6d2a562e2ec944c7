//! `vneid reader`: reads the chip of a card, and saves what it says or brings it to an invitation.
//!
//! | command | what it does |
//! | --- | --- |
//! | `vneid reader --number NUMBER --post ADDRESS` | reads the card on the reader and brings it to a page's invitation |
//! | `vneid reader --number NUMBER --save FILE` | reads it into a file, for `vneid chip verify` or to be uploaded |
//! | `vneid reader … --simulate` | the same with a card of the synthetic nation, no hardware needed |
//!
//! Real readers are spoken to by PC/SC, in builds with the feature `reader` (needs `libpcsclite-dev` on Debian).

use civil::PersonalNumber;
use civil::chip::reader::{Card, Password, Silent};
use jiff::civil::Date;
use nation::Nation;
use nation::chip::{Issuer, SimulatedCard};

use crate::shell::chance::Chance;
use crate::shell::server::Failure;

pub mod command;
mod http;

/// A place where a card lies.
pub(crate) enum Slot {
    /// A simulated card.
    Simulated(Box<SimulatedCard>),
    /// A card in a reader of this machine.
    #[cfg(feature = "reader")]
    Real(Box<pcsc::Card>),
}

/// Where cards come from.
#[derive(Clone)]
pub(crate) enum Readers {
    /// The readers of this machine; the first whose name holds the text.
    Real(Option<String>),
    /// The cards of a synthetic nation: whichever card is asked for lies on the reader.
    Simulated(Nation, std::sync::Arc<Issuer>),
}

impl Readers {
    /// The nation of the sandbox.
    pub(crate) fn simulated(people: u64) -> Result<Self, Failure> {
        let issuer = Issuer::new(crate::sandbox::command::SEED)?;
        let nation = Nation::new(crate::sandbox::command::SEED, people);
        Ok(Self::Simulated(nation, std::sync::Arc::new(issuer)))
    }

    /// The card on the reader.
    pub(crate) fn card(&self, number: &PersonalNumber, today: Date) -> Result<Slot, Failure> {
        match self {
            Self::Real(name) => real(name.as_deref()),
            Self::Simulated(nation, issuer) => {
                let person = nation
                    .person_with(number)
                    .ok_or("there is no person with this number")?;
                let card = person.valid_card(today).ok_or("this person has no valid card")?;
                let card = SimulatedCard::new(nation, &person, card, issuer)?;
                Ok(Slot::Simulated(Box::new(card)))
            }
        }
    }

    /// The last part of what a program is told about it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Simulated(..) => "simulated",
            Self::Real(_) if cfg!(feature = "reader") => "pcsc",
            Self::Real(_) => "none",
        }
    }
}

impl Card for Slot {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Silent> {
        match self {
            Self::Simulated(card) => card.transmit(command),
            #[cfg(feature = "reader")]
            Self::Real(card) => {
                let mut buffer = vec![0; pcsc::MAX_BUFFER_SIZE_EXTENDED];
                let answer = card.transmit(command, &mut buffer);
                answer.map(<[u8]>::to_vec).map_err(|error| Silent(error.to_string()))
            }
        }
    }
}

#[cfg(not(feature = "reader"))]
fn real(_name: Option<&str>) -> Result<Slot, Failure> {
    Err("this build speaks to no card readers: build it with --features reader, or use --simulate".into())
}

#[cfg(feature = "reader")]
fn real(name: Option<&str>) -> Result<Slot, Failure> {
    let context = pcsc::Context::establish(pcsc::Scope::User)?;
    let readers = context.list_readers_owned()?;
    let found = readers
        .iter()
        .find(|reader| name.is_none_or(|name| reader.to_string_lossy().contains(name)));
    let reader = found.ok_or("no such card reader is connected")?;
    let card = context.connect(reader, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY)?;
    Ok(Slot::Real(Box::new(card)))
}

/// What opens the card of a person: the last six digits of the number.
pub(crate) fn access_number(number: &PersonalNumber) -> Password {
    Password::AccessNumber(number.as_str().get(6..).unwrap_or_default().to_owned())
}

/// Random bytes from the platform's one source.
pub(crate) fn dice(chance: &Chance) -> impl FnMut(&mut [u8]) {
    move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(32) {
            let drawn: [u8; 32] = chance.bytes();
            for (place, byte) in chunk.iter_mut().zip(drawn) {
                *place = byte;
            }
        }
    }
}
