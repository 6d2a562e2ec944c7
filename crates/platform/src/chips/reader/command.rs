//! `vneid reader` on the command line.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use civil::PersonalNumber;
use civil::chip::Challenge;
use civil::chip::reader::{Password, Session};
use clap::Args;

use super::{Readers, access_number, dice, http};
use crate::shell::chance::Chance;
use crate::shell::clock::Clock;
use crate::shell::server::Failure;

/// What can be said to the reader.
#[derive(Args)]
pub struct Command {
    /// The twelve digits of the card: its last six open the chip.
    #[arg(long)]
    number: String,
    /// What opens an older chip, which has basic access control alone: document number, date of birth (YYMMDD) and last
    /// day (YYMMDD) as they stand in the zone, each with its check digit, without spaces.
    #[arg(long)]
    zone: Option<String>,
    /// Bring the chip to this address, which a page of the platform shows.
    #[arg(
        long,
        value_name = "ADDRESS",
        conflicts_with = "save",
        required_unless_present = "save"
    )]
    post: Option<String>,
    /// Write the chip to this file.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// What the chip shall sign when it is written to a file: eight bytes in base64, as a page shows them.
    #[arg(long, requires = "save")]
    challenge: Option<String>,
    /// Part of the name of the card reader; the first one, if it is not said.
    #[arg(long, conflicts_with = "simulate")]
    reader: Option<String>,
    /// Read a card of the sandbox's synthetic nation instead of a real one.
    #[arg(long)]
    simulate: bool,
    /// How many people that nation has.
    #[arg(long, default_value_t = 100_000_000)]
    people: u64,
}

impl Command {
    /// Reads the card; answers what to print, and whether the chip was accepted.
    ///
    /// # Errors
    /// When the card or the platform cannot be spoken to, or one refuses the other.
    pub async fn run(self, clock: &Clock, chance: &Chance) -> Result<(String, bool), Failure> {
        let number = PersonalNumber::parse(&self.number)?;
        let readers = if self.simulate {
            Readers::simulated(self.people)?
        } else {
            Readers::Real(self.reader.clone())
        };
        let mut slot = readers.card(&number, clock.today())?;
        let password = self.zone.clone().map_or_else(|| access_number(&number), Password::Zone);
        if let Some(address) = &self.post {
            let found = http::bring(address, &mut slot, &password, chance).await?;
            let accepted = matches!(found.as_str(), "original" | "authentic");
            return Ok((format!("The chip was brought: {found}.\n"), accepted));
        }
        let challenge = self.challenge()?;
        let mut dice = dice(chance);
        let reading = Session::open(&mut slot, &password, &mut dice)?.read(challenge)?;
        let file = self.save.unwrap_or_default();
        std::fs::write(&file, serde_json::to_vec(&reading)?)?;
        Ok((format!("The chip was written to {}.\n", file.display()), true))
    }

    fn challenge(&self) -> Result<Option<Challenge>, Failure> {
        let Some(text) = &self.challenge else {
            return Ok(None);
        };
        let bytes = STANDARD.decode(text)?;
        let bytes = bytes.as_array().ok_or("a challenge has eight bytes")?;
        Ok(Some(Challenge(*bytes)))
    }
}
