//! `vneid agent`.

use clap::Args;

use super::{Agent, PORT, at, serve};
use crate::chips::reader::Readers;
use crate::shell::chance::Chance;
use crate::shell::clock::Clock;
use crate::shell::server::{self, Failure};
use crate::shell::workshop::Workshop;

/// What can be said to the agent.
#[derive(Args)]
pub struct Command {
    /// The origin of the platform whose pages may use the devices, such as `https://id.example.vn`.
    #[arg(long)]
    origin: String,
    /// The port on this machine.
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Part of the name of the card reader; the first one, if it is not said.
    #[arg(long, conflicts_with = "simulate")]
    reader: Option<String>,
    /// Cards and fingers of the sandbox's synthetic nation instead of real devices.
    #[arg(long)]
    simulate: bool,
    /// How many people that nation has.
    #[arg(long, default_value_t = 100_000_000)]
    people: u64,
}

impl Command {
    /// Serves until it is told to stop.
    ///
    /// # Errors
    /// The port is taken, or the listener fails.
    pub async fn run(self, clock: Clock, chance: Chance) -> Result<(), Failure> {
        let readers = if self.simulate {
            Readers::simulated(self.people)?
        } else {
            Readers::Real(self.reader)
        };
        let agent = Agent {
            origin: self.origin.trim_end_matches('/').into(),
            readers,
            clock,
            chance,
            workshop: Workshop::new(1),
        };
        let listener = tokio::net::TcpListener::bind(at(self.port)).await?;
        serve(agent, listener, server::until_signal()?).await
    }
}
