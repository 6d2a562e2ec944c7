//! Text messages to an SMS centre by SMPP 3.4, over one session that is held open and made again when it breaks.
//!
//! **Invariant:** what was handed over without an answer is told apart from what was not handed over.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crypto::secret::Secret;
use futures_util::{SinkExt as _, StreamExt as _};
use rusmpp::pdus::{DeliverSmResp, SubmitSm};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::{Command, CommandStatus, Pdu};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::codec::Framed;

use super::Refused;
use crate::shell::pause::pause;

mod rules;

#[cfg(test)]
pub(in crate::notices) mod tests;

pub use rules::{Fate, Ids, Receipt};

/// Keeps a receipt; answers whether it is kept. One that is not kept is sent again by the centre.
pub type Keep = Arc<dyn Fn(Receipt) -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// How long a connection, a bind and an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// After how long a silent line is asked whether it is there, and a broken one is made again.
const QUIET: Duration = Duration::from_secs(30);
/// What lies between a broken session and the next, so that a centre that hangs up at once is not called without end.
const BREATH: Duration = Duration::from_millis(200);
/// How many messages may wait for their answers on one line.
const WINDOW: usize = 32;

/// How a centre is reached.
#[derive(Clone, Debug)]
pub struct Line {
    /// Host and port.
    pub address: String,
    /// Our name there.
    pub system_id: String,
    /// Our password there.
    pub password: Secret<String>,
    /// What the phone shows as sender: at most 11 letters and digits.
    pub sender: String,
    /// How its receipts name messages.
    pub ids: Ids,
}

/// A centre to which messages can be handed; copies share the session.
#[derive(Clone, Debug)]
pub struct Centre {
    /// Where it is.
    pub address: String,
    /// How its receipts name messages.
    pub ids: Ids,
    sender: String,
    asks: mpsc::Sender<Ask>,
}

#[derive(Debug)]
struct Ask {
    part: SubmitSm,
    answer: oneshot::Sender<Result<String, Refused>>,
}

type Wire = Framed<TcpStream, CommandCodec>;

impl Centre {
    /// Begins to hold a session; receipts go to `keep`. It ends when the last copy is dropped.
    pub fn open(line: Line, keep: Keep) -> Self {
        let (asks, waiting) = mpsc::channel(WINDOW);
        let (address, sender, ids) = (line.address.clone(), line.sender.clone(), line.ids);
        tokio::spawn(hold(line, waiting, keep));
        Self {
            address,
            ids,
            sender,
            asks,
        }
    }

    /// Hands a text over; answers what the centre calls each of its parts.
    ///
    /// # Errors
    /// Why it was not handed over. When some parts were taken and then one was not, it counts as unanswered.
    pub async fn submit(&self, to: &str, text: &str, reference: u8) -> Result<Vec<String>, Refused> {
        let mut ids = Vec::new();
        for part in rules::parts(&self.sender, to, text, reference)? {
            match self.submit_part(part).await {
                Ok(id) => ids.push(id),
                Err(refused) if ids.is_empty() => return Err(refused),
                Err(refused) => return Err(Refused::Unanswered(refused.to_string())),
            }
        }
        Ok(ids)
    }

    async fn submit_part(&self, part: SubmitSm) -> Result<String, Refused> {
        let gone = || Refused::NotYet("the session has ended".to_owned());
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask { part, answer }).await.map_err(|_closed| gone())?;
        match timeout(PATIENCE * 2, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(gone()),
            Err(_) => Err(Refused::Unanswered("no answer in time".to_owned())),
        }
    }
}

/// Keeps a session as long as somebody may ask for it.
async fn hold(line: Line, mut asks: mpsc::Receiver<Ask>, keep: Keep) {
    loop {
        match connect(&line).await {
            Ok(wire) => {
                let served = Session::new(wire, Arc::clone(&keep)).serve(&mut asks).await;
                if served == Served::Done {
                    return;
                }
                pause(BREATH).await;
            }
            Err(refused) => {
                tracing::warn!(centre = line.address, %refused, "an SMS centre cannot be reached");
                if !turn_away(&mut asks, &refused).await {
                    return;
                }
            }
        }
    }
}

/// Tells everybody who asks within the next while that there is no session; false when nobody can ask any more.
async fn turn_away(asks: &mut mpsc::Receiver<Ask>, refused: &Refused) -> bool {
    let again = pause(QUIET);
    tokio::pin!(again);
    let mut turned = 0;
    loop {
        tokio::select! {
            () = &mut again => return true,
            ask = asks.recv() => match ask {
                None => return false,
                Some(ask) => {
                    let _gone = ask.answer.send(Err(refused.clone()));
                    turned += 1;
                    // Whoever asks makes us look again soon.
                    if turned == WINDOW { return true; }
                }
            }
        }
    }
}

async fn connect(line: &Line) -> Result<Wire, Refused> {
    let late = |_elapsed| Refused::NotYet("no answer in time".to_owned());
    let stream = timeout(PATIENCE, TcpStream::connect(&line.address))
        .await
        .map_err(late)?
        .map_err(|error| Refused::NotYet(error.to_string()))?;
    // A message is one small packet: held back until the one before is acknowledged, each would wait 40 ms.
    stream
        .set_nodelay(true)
        .map_err(|error| Refused::NotYet(error.to_string()))?;
    let mut wire = Framed::new(stream, CommandCodec::new());
    let bind = rules::bind(&line.system_id, line.password.expose())?;
    say(&mut wire, 1, bind).await.map_err(Refused::NotYet)?;
    match timeout(PATIENCE, wire.next()).await.map_err(late)? {
        Some(Ok(answer)) => rules::is_open(answer.status(), answer.pdu())?,
        Some(Err(error)) => return Err(Refused::NotYet(error.to_string())),
        None => return Err(Refused::NotYet("the line was closed".to_owned())),
    }
    Ok(wire)
}

async fn say(wire: &mut Wire, number: u32, pdu: impl Into<Pdu>) -> Result<(), String> {
    send(wire, Command::new(CommandStatus::EsmeRok, number, pdu)).await
}

async fn send(wire: &mut Wire, command: Command) -> Result<(), String> {
    wire.send(command).await.map_err(|error| error.to_string())
}

#[derive(PartialEq, Eq)]
enum Served {
    /// Nobody can ask any more.
    Done,
    /// The line broke.
    Broken,
}

/// An open session.
struct Session {
    wire: Wire,
    keep: Keep,
    waiting: HashMap<u32, oneshot::Sender<Result<String, Refused>>>,
    number: u32,
    /// Whether the line was asked if it is there, and has not answered.
    asked: bool,
}

impl Session {
    fn new(wire: Wire, keep: Keep) -> Self {
        Self {
            wire,
            keep,
            waiting: HashMap::new(),
            number: 1,
            asked: false,
        }
    }

    async fn serve(mut self, asks: &mut mpsc::Receiver<Ask>) -> Served {
        let why = loop {
            let has_room = self.waiting.len() < WINDOW;
            let done = tokio::select! {
                command = self.wire.next() => match command {
                    Some(Ok(command)) => self.hear(command).await,
                    Some(Err(error)) => Err(error.to_string()),
                    None => Err("the line was closed".to_owned()),
                },
                ask = asks.recv(), if has_room => match ask {
                    Some(ask) => self.submit(ask).await,
                    None => {
                        let number = self.next();
                        let _polite = say(&mut self.wire, number, Pdu::Unbind).await;
                        return Served::Done;
                    }
                },
                () = pause(QUIET) => self.ask_whether_there().await,
            };
            if let Err(why) = done {
                break why;
            }
        };
        tracing::warn!(why, "the session with an SMS centre broke");
        for (_, answer) in self.waiting.drain() {
            let _gone = answer.send(Err(Refused::Unanswered(why.clone())));
        }
        Served::Broken
    }

    fn next(&mut self) -> u32 {
        // Numbers go from 1 to 0x7FFFFFFF [3.2].
        self.number = self.number % 0x7FFF_FFFF + 1;
        self.number
    }

    async fn submit(&mut self, ask: Ask) -> Result<(), String> {
        self.waiting.retain(|_, answer| !answer.is_closed());
        let number = self.next();
        self.waiting.insert(number, ask.answer);
        say(&mut self.wire, number, ask.part).await
    }

    async fn ask_whether_there(&mut self) -> Result<(), String> {
        if self.asked {
            return Err("the line is silent".to_owned());
        }
        self.asked = true;
        let number = self.next();
        say(&mut self.wire, number, Pdu::EnquireLink).await
    }

    async fn hear(&mut self, command: Command) -> Result<(), String> {
        self.asked = false;
        let (status, number) = (command.status(), command.sequence_number());
        match command.pdu() {
            Some(Pdu::EnquireLink) => say(&mut self.wire, number, Pdu::EnquireLinkResp).await,
            Some(Pdu::DeliverSm(message)) => {
                let is_kept = match rules::receipt(message) {
                    Some(receipt) => (self.keep)(receipt).await,
                    None => true,
                };
                let status = if is_kept {
                    CommandStatus::EsmeRok
                } else {
                    CommandStatus::EsmeRxTAppn
                };
                send(&mut self.wire, Command::new(status, number, DeliverSmResp::default())).await
            }
            Some(Pdu::Unbind) => {
                let _polite = say(&mut self.wire, number, Pdu::UnbindResp).await;
                Err("the centre ended the session".to_owned())
            }
            pdu => {
                if let Some(answer) = self.waiting.remove(&number) {
                    let id = match pdu {
                        Some(Pdu::SubmitSmResp(taken)) => taken.message_id().to_string(),
                        _ => String::new(),
                    };
                    let _gone = answer.send(rules::judge(status).map(|()| id));
                }
                Ok(())
            }
        }
    }
}
