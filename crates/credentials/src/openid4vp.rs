//! `OpenID4VP` 1.0, as far as it is no HTTP: what a verifier asks ([`dcql`]), how it asks ([`Request`]), and whether an answer is one
//! ([`Answer`]).
//!
//! | who | what |
//! | --- | --- |
//! | verifier | [`Request::sign`]: a signed request, known by its certificate (`x509_san_dns`, `x509_hash`), answered by `direct_post`, `direct_post.jwt` or over the Digital Credentials API |
//! | who registers verifiers | [`Registered::allows`]: whether a query stays within what a verifier was registered for |
//! | verifier | [`Answer::judge`]: each presentation is verified for this client, nonce and session, and the query is answered |
//!
//! **Invariant:** a presentation counts only for the client, the nonce and the response address (or origin) of its own request: guarded by
//! `a_presentation_for_another_session_is_refused`.

pub mod dcql;
mod registered;
mod request;
mod response;

pub use registered::{Beyond, Registered, RegisteredType};
pub use request::{ClientId, Mode, Request, RequestError, TransactionData};
pub use response::{Answer, Judged, Presentation, Refusal};

#[cfg(test)]
mod tests;
