//! One WebSocket to the browser: calls with answers, and events for whoever listens.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{SinkExt, Stream, StreamExt};
use serde_json::{Value, json};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{self, Message};

use super::{Answer, Failure, PATIENCE};

/// How many events a slow listener may be behind.
const BACKLOG: usize = 4096;

/// The connection; clones share it.
#[derive(Clone)]
pub struct Wire {
    outgoing: mpsc::UnboundedSender<Message>,
    shared: Arc<Shared>,
}

struct Shared {
    last: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Value>>>,
    events: broadcast::Sender<Value>,
    complaints: Mutex<Vec<(String, String)>>,
}

impl Wire {
    pub async fn connect(address: &str) -> Answer<Wire> {
        let (socket, _) = tokio_tungstenite::connect_async(address).await?;
        let (mut sink, stream) = socket.split();
        let (outgoing, mut queue) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(message) = queue.recv().await {
                if sink.send(message).await.is_err() {
                    break;
                }
            }
        });
        let shared = Arc::new(Shared {
            last: AtomicU64::new(0),
            waiting: Mutex::default(),
            events: broadcast::channel(BACKLOG).0,
            complaints: Mutex::default(),
        });
        tokio::spawn(listen(stream, Arc::clone(&shared)));
        Ok(Wire { outgoing, shared })
    }

    /// Calls a method of the protocol, on a page (its session) or on the browser itself.
    pub async fn call(&self, session: Option<&str>, method: &str, wanted: Value) -> Answer<Value> {
        let id = self.shared.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (answer, answered) = oneshot::channel();
        locked(&self.shared.waiting).insert(id, answer);
        let mut message = json!({ "id": id, "method": method, "params": wanted });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        self.outgoing.send(Message::text(message.to_string()))?;
        let mut answer = timeout(PATIENCE, answered)
            .await
            .map_err(|_elapsed| Failure::new(format!("{method}: no answer in time")))?
            .map_err(|_closed| Failure::new(format!("{method}: the browser has ended")))?;
        match answer.get("error") {
            Some(error) => Err(Failure::new(format!("{method}: {error}"))),
            None => Ok(answer["result"].take()),
        }
    }

    /// The events from now on.
    pub fn events(&self) -> broadcast::Receiver<Value> {
        self.shared.events.subscribe()
    }

    /// What the pages of a session complained about up to now.
    pub fn complaints(&self, session: &str) -> Vec<String> {
        let all = locked(&self.shared.complaints);
        all.iter()
            .filter(|(whose, _)| whose == session)
            .map(|(_, what)| what.clone())
            .collect()
    }
}

async fn listen(mut stream: impl Stream<Item = tungstenite::Result<Message>> + Unpin, shared: Arc<Shared>) {
    while let Some(Ok(message)) = stream.next().await {
        let Ok(message) = message.to_text().map(serde_json::from_str::<Value>) else {
            continue;
        };
        let Ok(message) = message else { continue };
        if let Some(id) = message["id"].as_u64() {
            if let Some(answer) = locked(&shared.waiting).remove(&id) {
                // Whoever asked may have given up.
                drop(answer.send(message));
            }
            continue;
        }
        if let Some(what) = complaint(&message) {
            let whose = message["sessionId"].as_str().unwrap_or_default().to_owned();
            locked(&shared.complaints).push((whose, what));
        }
        drop(shared.events.send(message));
    }
    locked(&shared.waiting).clear();
}

/// Errors of scripts and breaches of the content security policy; a refused request is an answer, not a complaint.
fn complaint(event: &Value) -> Option<String> {
    let params = &event["params"];
    let text = match event["method"].as_str()? {
        "Runtime.exceptionThrown" => &params["exceptionDetails"]["exception"]["description"],
        "Log.entryAdded" if params["entry"]["level"] == "error" && params["entry"]["source"] != "network" => {
            &params["entry"]["text"]
        }
        _ => return None,
    };
    Some(text.as_str().unwrap_or("an error without a text").to_owned())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
