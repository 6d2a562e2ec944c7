//! E-mail to a mail server, by SMTP submission (RFC 6409) over TLS.

use std::time::Duration;

use crypto::secret::Secret;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use super::Refused;

/// How long the server may take for one message.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the server is reached.
#[derive(Clone, Debug)]
pub struct Line {
    /// The server's name, as in its certificate. TLS from the first byte, on port 465.
    pub server: String,
    /// Our name there.
    pub user: String,
    /// Our password there.
    pub password: Secret<String>,
    /// The sender of every message.
    pub from: String,
}

/// A mail server to which messages can be handed.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name.
    pub address: String,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Server {
    /// Prepares the line; it is opened with the first message.
    ///
    /// # Errors
    /// An address that is none, or no certificates to trust.
    pub fn open(line: &Line) -> Result<Self, Refused> {
        let never = |error: String| Refused::Never(error);
        let transport = AsyncSmtpTransport::<Tokio1Executor>::relay(&line.server)
            .map_err(|error| never(error.to_string()))?
            .credentials(Credentials::new(line.user.clone(), line.password.expose().clone()))
            .timeout(Some(PATIENCE))
            .build();
        let from = line.from.parse().map_err(|error| never(format!("from: {error}")))?;
        let address = line.server.clone();
        Ok(Self {
            address,
            transport,
            from,
        })
    }

    /// Prepares a line without TLS and without password, to a server on this machine.
    ///
    /// # Errors
    /// An address that is none.
    #[cfg(test)]
    pub(super) fn open_unprotected(port: u16, from: &str) -> Result<Self, Refused> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
            .port(port)
            .build();
        let from = from.parse().map_err(|_wrong| Refused::Never("from".to_owned()))?;
        Ok(Self {
            address: "127.0.0.1".to_owned(),
            transport,
            from,
        })
    }

    /// Hands a message over. `id` becomes part of its Message-ID, so that a message that is handed over twice can be told.
    ///
    /// # Errors
    /// Why it was not handed over.
    pub async fn submit(&self, to: &str, subject: &str, text: &str, id: &str) -> Result<(), Refused> {
        let to: Address = to.parse().map_err(|_wrong| Refused::Never("no address".to_owned()))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())
            .map_err(|error| Refused::Never(error.to_string()))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() && !is_about_us(&error) => Err(Refused::Never(error.to_string())),
            Err(error) => Err(Refused::NotYet(error.to_string())),
        }
    }
}

/// Whether the server refuses us and not the message: our name, our password, our way of proving them (RFC 4954 section 6).
fn is_about_us(error: &smtp::Error) -> bool {
    let code = error.status().map(u16::from);
    code.is_some_and(|code| [530, 534, 535, 538].contains(&code))
}
