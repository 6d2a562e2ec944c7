//! A service asks, the person approves on another device (OpenID Connect CIBA Core 1.0, FAPI-CIBA).
//!
//! The service posts a [`Asked`] request, which names the person and a short message that both screens show. It gets a
//! name for it ([`Started`]), and asks for tokens with that name until the person has answered: [`Pending::turn`] says
//! what it is told. In ping mode it is called first: [`ping`].

use crypto::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::client::{Client, Delivery};
use crate::error::{Error, ErrorCode};

mod request;

pub use request::{Asked, Hint, RequestId};

/// How long a client waits between two questions at least, in seconds (CIBA 7.3).
pub const INTERVAL: u32 = 5;

/// The good answer (CIBA 7.3); to be sent with `Cache-Control: no-store`.
#[derive(Debug, Serialize)]
pub struct Started {
    /// The name of the request: 32 random bytes in base64url.
    pub auth_req_id: String,
    /// How long the person has, in seconds.
    pub expires_in: u32,
    /// How long to wait between two questions, in seconds.
    pub interval: u32,
}

/// What the person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// A request that waits for the person, as far as the token endpoint must know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The client that asked.
    pub client_id: String,
    /// The end.
    pub expires_at: Timestamp,
    /// How long to wait between two questions by now, in seconds: longer after each question too soon.
    pub interval: u32,
    /// When the client last asked for tokens.
    pub asked_at: Option<Timestamp>,
    /// What the person said, if anything yet.
    pub said: Option<Said>,
}

/// What becomes of a question for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Tokens are given, once; the request is used up.
    Give,
    /// Refused. The request stays, with this interval, and was asked for now.
    Wait {
        /// What the client is told: `authorization_pending` or `slow_down`.
        error: Error,
        /// The interval from now on, in seconds.
        interval: u32,
    },
    /// Refused for good: `access_denied` or `expired_token`; the request can be forgotten.
    Over(Error),
}

impl Pending {
    /// What a client that has proved who it is is told now (CIBA 11).
    ///
    /// # Errors
    /// `invalid_grant` for another client.
    pub fn turn(&self, client: &Client, now: Timestamp) -> Result<Turn, Error> {
        if self.client_id != client.id() {
            return Err(UNKNOWN);
        }
        if now >= self.expires_at {
            let late = Error::new(ErrorCode::ExpiredToken, "the person did not answer in time");
            return Ok(Turn::Over(late));
        }
        match self.said {
            Some(Said::Yes) => Ok(Turn::Give),
            Some(Said::No) => {
                let refused = Error::new(ErrorCode::AccessDenied, "the person said no");
                Ok(Turn::Over(refused))
            }
            None => Ok(self.wait(now)),
        }
    }

    fn wait(&self, now: Timestamp) -> Turn {
        let interval = SignedDuration::from_secs(self.interval.into());
        let too_soon = self.asked_at.is_some_and(|asked| now.duration_since(asked) < interval);
        if too_soon {
            return Turn::Wait {
                error: Error::new(ErrorCode::SlowDown, "wait longer before asking again"),
                interval: self.interval.saturating_add(INTERVAL),
            };
        }
        Turn::Wait {
            error: Error::new(ErrorCode::AuthorizationPending, "the person has not answered yet"),
            interval: self.interval,
        }
    }
}

/// The name is unknown, used up, or another client's: the same words for each.
pub const UNKNOWN: Error = Error::new(ErrorCode::InvalidGrant, "the auth_req_id is not valid for this client");

/// A call to a client in ping mode: the person has answered, whatever it was (CIBA 10.2).
#[derive(Debug)]
pub struct Ping {
    /// Where to post.
    pub endpoint: String,
    /// The `Authorization` header.
    pub authorization: Secret<String>,
    /// The JSON body.
    pub body: Value,
}

/// The call for a client in ping mode, with the token that its request carried; nothing for one in poll mode.
pub fn ping(client: &Client, notification_token: &Secret<String>, auth_req_id: &str) -> Option<Ping> {
    let registered = &client.metadata().backchannel;
    if registered.backchannel_token_delivery_mode != Some(Delivery::Ping) {
        return None;
    }
    Some(Ping {
        endpoint: registered.backchannel_client_notification_endpoint.clone()?,
        authorization: Secret::new(format!("Bearer {}", notification_token.expose())),
        body: json!({"auth_req_id": auth_req_id}),
    })
}

/// Whether a call may be tried again after this answer. The body of an answer is never read, redirects are not followed,
/// and who says that the token is wrong is not asked again (CIBA 10.2, FAPI-CIBA 5.2.2).
pub const fn may_ping_again(status: u16) -> bool {
    status >= 500 || status == 429
}

#[cfg(test)]
mod tests;
