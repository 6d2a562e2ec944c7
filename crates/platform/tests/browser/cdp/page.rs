//! One page of one visitor, with the hands of a person: real clicks and real keys.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, interval, timeout};

use super::wire::Wire;
use super::{Answer, Failure, PATIENCE};

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(25);

/// Finds an element that a person could see.
const VISIBLE: &str =
    "(s => { const e = document.querySelector(s); return e && e.getClientRects().length ? e : null })";

/// Brings an element into view and says where its middle is, or what covers it.
const MIDDLE: &str = "(e => {
    e.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    const r = e.getClientRects()[0], x = r.x + r.width / 2, y = r.y + r.height / 2, hit = document.elementFromPoint(x, y);
    const free = hit && (hit === e || e.contains(hit) || hit.contains(e) || hit.closest('label')?.control === e);
    return free ? { x, y } : { covered: hit ? hit.outerHTML.slice(0, 120) : 'the edge of the window' };
})";

/// Empties a field and takes the focus to it; a field without free text gets its value at once.
const PREPARE: &str = "((e, text) => {
    e.focus();
    const picked = ['date', 'month', 'time', 'datetime-local', 'color', 'range'].includes(e.type) || e.localName === 'select';
    e.value = picked ? text : '';
    if (picked) for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, { bubbles: true }));
    return !picked;
})";

/// A page. Selectors are CSS selectors; every call waits for its element first.
pub struct Page {
    wire: Wire,
    session: String,
}

impl Page {
    pub(super) fn new(wire: Wire, session: String) -> Page {
        Page { wire, session }
    }

    /// Opens an address and waits until it is loaded.
    pub async fn goto(&self, url: &str) -> Answer<()> {
        let mut events = self.wire.events();
        let answer = self.call("Page.navigate", json!({ "url": url })).await?;
        if let Some(why) = answer["errorText"].as_str() {
            return Err(Failure::new(format!("{url}: {why}")));
        }
        self.loaded(&mut events, url).await
    }

    /// Clicks with the mouse in the middle of an element.
    pub async fn click(&self, selector: &str) -> Answer<()> {
        self.wait_for(selector).await?;
        let place = self
            .evaluate(&format!("{MIDDLE}({VISIBLE}({}))", quoted(selector)))
            .await?;
        if let Some(cover) = place["covered"].as_str() {
            return Err(Failure::new(format!(
                "{selector} cannot be clicked: it is covered by {cover}"
            )));
        }
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place["x"], "y": place["y"], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await?;
        }
        Ok(())
    }

    /// Clicks on what leads to another page, and waits until that is loaded.
    pub async fn follow(&self, selector: &str) -> Answer<()> {
        let mut events = self.wire.events();
        self.click(selector).await?;
        self.loaded(&mut events, selector).await
    }

    /// Writes a text into a field, in place of what was there; a date is written `2001-12-31`, a choice by its value.
    pub async fn fill(&self, selector: &str, text: &str) -> Answer<()> {
        self.wait_for(selector).await?;
        let prepare = format!("{PREPARE}({VISIBLE}({}), {})", quoted(selector), quoted(text));
        if self.evaluate(&prepare).await? == true {
            self.call("Input.insertText", json!({ "text": text })).await?;
        }
        Ok(())
    }

    /// Chooses a file of this machine in a file field, which may be hidden behind a nicer button.
    pub async fn choose_file(&self, selector: &str, path: &Path) -> Answer<()> {
        self.wait_until(&format!("document.querySelector({}) !== null", quoted(selector)))
            .await?;
        let document = self.call("DOM.getDocument", json!({ "depth": 0 })).await?;
        let wanted = json!({ "nodeId": document["root"]["nodeId"], "selector": selector });
        let field = self.call("DOM.querySelector", wanted).await?;
        let wanted = json!({ "nodeId": field["nodeId"], "files": [path] });
        self.call("DOM.setFileInputFiles", wanted).await?;
        Ok(())
    }

    /// The text of an element as a person reads it.
    pub async fn text(&self, selector: &str) -> Answer<String> {
        self.wait_for(selector).await?;
        self.evaluate_text(&format!("{VISIBLE}({}).innerText", quoted(selector)))
            .await
    }

    /// Waits until an element can be seen.
    pub async fn wait_for(&self, selector: &str) -> Answer<()> {
        self.wait_until(&format!("{VISIBLE}({}) !== null", quoted(selector)))
            .await
    }

    /// Waits until a JavaScript expression is true. When it never becomes so, the failure says where the page stands.
    pub async fn wait_until(&self, expression: &str) -> Answer<()> {
        let end = Instant::now() + PATIENCE;
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            // While one page makes room for the next there is nothing to ask.
            let seen = self.evaluate(expression).await;
            if matches!(seen, Ok(Value::Bool(true))) {
                return Ok(());
            }
            if Instant::now() > end {
                let reason = seen.err().map_or_else(String::new, |failure| format!(" ({failure})"));
                let url = self.url().await.unwrap_or_default();
                let text = self
                    .evaluate_text("document.body.innerText.slice(0, 600)")
                    .await
                    .unwrap_or_default();
                return Err(Failure::new(format!(
                    "never true: {expression}{reason}; {url} shows: {text}"
                )));
            }
        }
    }

    /// The value of a JavaScript expression; a promise is waited for. Works on pages without script too, but for promises.
    pub async fn evaluate(&self, expression: &str) -> Answer<Value> {
        let wanted =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let mut answer = self.call("Runtime.evaluate", wanted).await?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            let what = thrown["exception"]["description"].as_str().or(thrown["text"].as_str());
            return Err(Failure::new(what.unwrap_or("thrown without a text")));
        }
        Ok(answer["result"]["value"].take())
    }

    /// The address of the page.
    pub async fn url(&self) -> Answer<String> {
        self.evaluate_text("location.href").await
    }

    /// The cookies that the page would send, as the protocol describes them (`name`, `value`, `httpOnly`, `secure`, `sameSite`).
    pub async fn cookies(&self) -> Answer<Vec<Value>> {
        let answer = self.call("Network.getCookies", json!({})).await?;
        Ok(answer["cookies"].as_array().cloned().unwrap_or_default())
    }

    /// Writes a picture (PNG) of the whole page.
    pub async fn screenshot(&self, path: &Path) -> Answer<()> {
        let mut whole = self.call("Page.getLayoutMetrics", json!({})).await?["cssContentSize"].take();
        whole["scale"] = 1.into();
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": whole });
        let picture = self.call("Page.captureScreenshot", wanted).await?;
        std::fs::write(path, STANDARD.decode(picture["data"].as_str().unwrap_or_default())?)?;
        Ok(())
    }

    /// Errors of scripts and breaches of the content security policy up to now. A good page has none.
    pub fn complaints(&self) -> Vec<String> {
        self.wire.complaints(&self.session)
    }

    /// Closes the page.
    pub async fn close(self) -> Answer<()> {
        self.call("Page.close", json!({})).await?;
        Ok(())
    }

    /// Calls any method of the protocol on this page, such as `WebAuthn.addVirtualAuthenticator`.
    pub async fn call(&self, method: &str, wanted: Value) -> Answer<Value> {
        self.wire.call(Some(&self.session), method, wanted).await
    }

    async fn evaluate_text(&self, expression: &str) -> Answer<String> {
        Ok(self.evaluate(expression).await?.as_str().unwrap_or_default().to_owned())
    }

    async fn loaded(&self, events: &mut broadcast::Receiver<Value>, what: &str) -> Answer<()> {
        let load = async {
            loop {
                match events.recv().await {
                    Ok(event)
                        if event["method"] == "Page.loadEventFired" && event["sessionId"] == self.session.as_str() =>
                    {
                        return true;
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return false,
                }
            }
        };
        match timeout(PATIENCE, load).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::new(format!("{what}: the browser has ended"))),
            Err(_) => Err(Failure::new(format!("{what}: no page was loaded in time"))),
        }
    }
}

/// A text as a JavaScript literal.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
