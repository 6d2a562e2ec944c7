//! Text messages to an SMS centre by SMPP 3.4, over one session that is held open and made again when it breaks.
//!
//! **Invariant:** what was handed over without an answer is told apart from what was not handed over.
//! **Invariant:** whoever asks is answered in time, whatever the centre does or leaves undone.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crypto::secret::Secret;
use futures_util::{SinkExt as _, StreamExt as _};
use rusmpp::pdus::SubmitSm;
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::{Command, CommandStatus, Pdu};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::codec::Framed;

use super::Refused;
use crate::shell::pause::pause;

mod rules;
mod session;

#[cfg(test)]
pub(in crate::notices) mod tests;

pub use rules::{Fate, Ids, Receipt};
use session::{Served, Session};

/// Keeps a receipt; answers whether it is kept. One that is not kept is sent again by the centre.
pub type Keep = Arc<dyn Fn(Receipt) -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// How long things last on a line.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// A connection, a bind, a place in the window and an answer: no longer than this.
    patience: Duration,
    /// After how long a silent line is asked whether it is there, and a broken one is made again.
    quiet: Duration,
    /// What lies between a broken session and the next, so that a centre that hangs up at once is not called without end.
    breath: Duration,
    /// What lies between two tries of a part whose text is half handed over; twice as much before the next.
    respite: Duration,
}

const USUAL: Pace = Pace {
    patience: Duration::from_secs(10),
    quiet: Duration::from_secs(30),
    breath: Duration::from_millis(200),
    respite: Duration::from_secs(1),
};
/// How long the centre may take to read what is written.
const READS_WITHIN: Duration = Duration::from_secs(10);
/// How many messages may wait for their answers on one line.
const WINDOW: usize = 32;
/// How often a part is tried again whose text is half handed over: for a quarter of a minute.
const TRIES_AGAIN: u32 = 4;
/// What is said of a centre that does not answer.
const LATE: &str = "no answer in time";

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
    pace: Pace,
    asks: mpsc::Sender<Ask>,
}

/// What a centre took of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handed {
    /// What it calls the parts that it took: they are paid for.
    pub ids: Vec<String>,
    /// Why it did not take the rest, where there is one.
    pub rest: Option<Refused>,
}

#[derive(Debug)]
struct Ask {
    part: SubmitSm,
    /// Told before the part is written: until then nothing has left, and who gave up before then is heard.
    leaves: oneshot::Sender<()>,
    answer: oneshot::Sender<Result<String, Refused>>,
}

type Wire = Framed<TcpStream, CommandCodec>;

impl Centre {
    /// Begins to hold a session; receipts go to `keep`. It ends when the last copy is dropped.
    pub fn open(line: Line, keep: Keep) -> Self {
        Self::open_at(USUAL, line, keep)
    }

    fn open_at(pace: Pace, line: Line, keep: Keep) -> Self {
        let (asks, waiting) = mpsc::channel(WINDOW);
        let (address, sender, ids) = (line.address.clone(), line.sender.clone(), line.ids);
        tokio::spawn(hold((line, pace), waiting, keep));
        Self {
            address,
            ids,
            sender,
            pace,
            asks,
        }
    }

    /// Hands a text over; answers what the centre took of it.
    ///
    /// # Errors
    /// Why nothing of it was handed over.
    pub async fn submit(&self, to: &str, text: &str, reference: u8) -> Result<Handed, Refused> {
        let mut handed = Handed::default();
        for part in rules::parts(&self.sender, to, text, reference)? {
            let is_first = handed.ids.is_empty();
            let tries_again = if is_first { 0 } else { TRIES_AGAIN };
            match self.insist(part, tries_again).await {
                Ok(id) => handed.ids.push(id),
                Err(refused) if is_first => return Err(refused),
                Err(refused) => {
                    handed.rest = Some(refused);
                    break;
                }
            }
        }
        Ok(handed)
    }

    /// Hands a part over, and tries again where the centre cannot take it yet: half a text is of no use to anybody.
    async fn insist(&self, part: SubmitSm, tries_again: u32) -> Result<String, Refused> {
        for tried in 0..tries_again {
            match self.submit_part(part.clone()).await {
                Err(Refused::NotYet(_)) => pause(self.pace.respite * 2_u32.pow(tried)).await,
                told => return told,
            }
        }
        self.submit_part(part).await
    }

    async fn submit_part(&self, part: SubmitSm) -> Result<String, Refused> {
        let (leaves, mut left) = oneshot::channel();
        let (answer, mut answered) = oneshot::channel();
        let ask = Ask { part, leaves, answer };
        let leaving = timeout(self.pace.patience, async {
            self.asks.send(ask).await.is_ok() && (&mut left).await.is_ok()
        });
        let has_left = leaving.await.unwrap_or_else(|_late| {
            // From here on it cannot leave any more.
            left.close();
            left.try_recv().is_ok()
        });
        if !has_left {
            let no_room = |_| Err(Refused::NotYet("no room in time".to_owned()));
            return answered.try_recv().unwrap_or_else(no_room);
        }
        match timeout(self.pace.patience, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Refused::Unanswered("the session has ended".to_owned())),
            Err(_) => Err(Refused::Unanswered(LATE.to_owned())),
        }
    }
}

/// Keeps a session as long as somebody may ask for it.
async fn hold((line, pace): (Line, Pace), mut asks: mpsc::Receiver<Ask>, keep: Keep) {
    while let Some(wire) = reach(&line, pace, &mut asks).await {
        let session = Session::new(wire, pace, Arc::clone(&keep));
        if session.serve(&mut asks).await == Served::Done {
            return;
        }
        pause(pace.breath).await;
    }
}

/// Connects, however often it has to; who asks after the first failure is turned away at once. Nothing when nobody can ask any more.
async fn reach(line: &Line, pace: Pace, asks: &mut mpsc::Receiver<Ask>) -> Option<Wire> {
    let mut connected = connect(line, pace).await;
    loop {
        let refused = match connected {
            Ok(wire) => return Some(wire),
            Err(refused) => refused,
        };
        tracing::warn!(centre = line.address, %refused, "an SMS centre cannot be reached");
        let wanted = Notify::new();
        let again = async {
            tokio::select! {
                () = pause(pace.quiet) => {}
                () = wanted.notified() => {}
            }
            connect(line, pace).await
        };
        connected = tokio::select! {
            connected = again => connected,
            () = turn_away(asks, &refused, &wanted) => return None,
        };
    }
}

/// Tells everybody who asks that there is no session, until nobody can ask any more.
async fn turn_away(asks: &mut mpsc::Receiver<Ask>, refused: &Refused, wanted: &Notify) {
    let mut turned = 0;
    while let Some(ask) = asks.recv().await {
        let _gone = ask.answer.send(Err(refused.clone()));
        turned += 1;
        // Whoever asks makes us look again soon.
        if turned == WINDOW {
            wanted.notify_one();
        }
    }
}

async fn connect(line: &Line, pace: Pace) -> Result<Wire, Refused> {
    let late = |_elapsed| Refused::NotYet(LATE.to_owned());
    let stream = timeout(pace.patience, TcpStream::connect(&line.address))
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
    match timeout(pace.patience, wire.next()).await.map_err(late)? {
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
    match timeout(READS_WITHIN, wire.send(command)).await {
        Ok(sent) => sent.map_err(|error| error.to_string()),
        Err(_) => Err("the centre does not read".to_owned()),
    }
}
