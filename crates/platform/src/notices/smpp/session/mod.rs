//! One open session: what is handed over, what is heard, who waits for which answer.

use std::collections::HashMap;
use std::future::poll_fn;
use std::task::Poll;

use futures_util::StreamExt as _;
use rusmpp::pdus::DeliverSmResp;
use rusmpp::{Command, CommandStatus, Pdu};
use tokio::sync::{mpsc, oneshot};

use super::{Ask, Keep, LATE, Pace, WINDOW, Wire, rules, say, send};
use crate::notices::Refused;
use crate::shell::pause::pause;

/// Who waits for an answer, by the number of the message.
type Waiting = HashMap<u32, oneshot::Sender<Result<String, Refused>>>;

#[derive(PartialEq, Eq)]
pub(super) enum Served {
    /// Nobody can ask any more.
    Done,
    /// The line broke.
    Broken,
}

/// An open session.
pub(super) struct Session {
    wire: Wire,
    pace: Pace,
    keep: Keep,
    waiting: Waiting,
    number: u32,
    /// Whether the line was asked if it is there, and has not answered.
    asked: bool,
    /// Whether an answer did not come in time: then nothing more is handed over here, and the session ends when nobody waits any more.
    is_late: bool,
}

impl Session {
    pub(super) fn new(wire: Wire, pace: Pace, keep: Keep) -> Self {
        Self {
            wire,
            pace,
            keep,
            waiting: HashMap::new(),
            number: 1,
            asked: false,
            is_late: false,
        }
    }

    /// Serves those who ask, until the line breaks.
    pub(super) async fn serve(mut self, asks: &mut mpsc::Receiver<Ask>) -> Served {
        let why = loop {
            if self.is_over() {
                let number = self.next();
                let _polite = say(&mut self.wire, number, Pdu::Unbind).await;
                break LATE.to_owned();
            }
            let has_room = !self.is_late && self.waiting.len() < WINDOW;
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
                () = any_gives_up(&mut self.waiting) => Ok(()),
                () = pause(self.pace.quiet) => self.ask_whether_there().await,
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

    /// Forgets those who gave up waiting; answers whether the session has to end.
    fn is_over(&mut self) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|_, answer| !answer.is_closed());
        self.is_late |= self.waiting.len() < before;
        self.is_late && self.waiting.is_empty()
    }

    async fn submit(&mut self, ask: Ask) -> Result<(), String> {
        if ask.leaves.send(()).is_err() {
            return Ok(());
        }
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

/// Ends when one of them waits no longer.
async fn any_gives_up(waiting: &mut Waiting) {
    poll_fn(|context| {
        let mut answers = waiting.values_mut();
        if answers.any(|answer| answer.poll_closed(context).is_ready()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
