//! The messages of OAuth and OpenID and their rules; no HTTP, no database.
//!
//! The platform reads bytes and rows, asks this crate what they mean, and writes what it answers. Time is an
//! argument; codes, tokens and identifiers are drawn by the platform.
//!
//! | module | what it is for | standard |
//! | --- | --- | --- |
//! | [`params`] | parameters of a query or a form | RFC 6749 section 3.1 |
//! | [`error`] | refusals in the OAuth format | RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6 |
//! | [`provider`] | the issuer and its endpoints | OpenID Connect Discovery |
//! | [`client`] | registered relying parties | RFC 7591, OpenID Connect Registration |
//! | [`profile`] | what is asked of a client: the rules of FAPI 2.0 by one switch | FAPI 2.0 Security Profile, Message Signing |
//! | [`claims`] | scopes, claims, userinfo | OpenID Connect Core 5 |
//! | [`assurance`] | assurance levels of one authentication, `acr`, `amr` | Nghị định 69/2024/NĐ-CP Điều 20, RFC 8176 |
//! | [`authorize`] | the authorization endpoint | OpenID Connect Core 3.1.2, RFC 9700, RFC 9207 |
//! | [`claims_request`] | single claims instead of whole scopes | OpenID Connect Core 5.5 |
//! | [`verified_claims`] | how claims were verified | OpenID Connect for Identity Assurance 1.0 |
//! | [`authorization_details`] | data for a registered purpose | RFC 9396 |
//! | [`backchannel`] | the person approves on another device | OpenID Connect CIBA, FAPI-CIBA |
//! | [`wanted`] | what a request wants beyond its scopes | OpenID Connect Core 5.5, RFC 9396 |
//! | [`par`] | pushed authorization requests | RFC 9126 |
//! | [`request_object`] | signed authorization requests | RFC 9101 |
//! | [`resource`] | which service a token is for | RFC 8707 |
//! | [`reply`] | how an answer goes back to the relying party | OAuth Multiple Response Types, Form Post, JARM |
//! | [`pkce`] | proof key for code exchange, S256 | RFC 7636 |
//! | [`authentication`] | how a client proves who it is | RFC 6749 section 2.3, RFC 7523 |
//! | [`attestation`] | wallets prove who made them | Attestation-Based Client Authentication, HAIP 1.0 |
//! | [`credential`] | offers, credential requests, proofs of keys | `OpenID4VCI` 1.0 |
//! | [`token`] | the token endpoint | RFC 6749 section 4.1.3, OpenID Connect Core 3.1.3 |
//! | [`bearer`] | access tokens in requests | RFC 6750 |
//! | [`envelope`] | answers signed and encrypted for the client | OpenID Connect Core 5.3.2, 10 |
//! | [`id_token`] | ID tokens, and as hints | OpenID Connect Core 2 |
//! | [`access_token`] | access tokens that a resource can read | RFC 9068 |
//! | [`refresh`] | refresh tokens, their families and replacement | RFC 6749 section 6, RFC 9700 section 4.14 |
//! | [`introspection`] | what is told of a token, and its revocation | RFC 7662, RFC 9701, RFC 7009 |
//! | [`dpop`] | proofs of a client's key | RFC 9449 |
//! | [`certificate`] | clients' certificates | RFC 8705 |
//! | [`sender`] | tokens that only their owner can use | RFC 7800, RFC 8705, RFC 9449 |
//! | [`subject`] | pairwise subject identifiers | OpenID Connect Core 8.1 |
//! | [`discovery`] | the metadata document | OpenID Connect Discovery 3, RFC 8414 |
//! | [`logout`] | logout at a relying party's wish | OpenID Connect RP-Initiated Logout |
//! | [`logout_token`] | how relying parties hear that a session has ended | OpenID Connect Back-Channel and Front-Channel Logout |
//! | [`session_state`] | how a relying party's frame notices that a session has changed | OpenID Connect Session Management |
//! | [`security_event`] | tokens about security events | RFC 8417, RFC 9493 |
//! | [`shared_signals`] | streams of them to relying parties | OpenID Shared Signals 1.0, CAEP 1.0, RISC 1.0, RFC 8935, RFC 8936 |
//!
//! **Invariant:** a person is sent back only to an address that the client registered, compared byte for byte.
//!
//! **Invariant:** a code is exchanged only by the client it was issued to, with the verifier of its challenge.
//!
//! **Invariant:** a client that must bind its tokens to a key gets none without.
//!
//! **Invariant:** no description of an error repeats what the request said.

pub mod access_token;
pub mod assurance;
pub mod attestation;
pub mod authentication;
pub mod authorization_details;
pub mod authorize;
pub mod backchannel;
pub mod bearer;
pub mod certificate;
pub mod claims;
pub mod claims_request;
pub mod client;
pub mod credential;
pub mod discovery;
pub mod dpop;
pub mod envelope;
pub mod error;
pub mod id_token;
pub mod introspection;
pub mod logout;
pub mod logout_token;
pub mod par;
pub mod params;
pub mod pkce;
pub mod profile;
pub mod provider;
pub mod refresh;
pub mod reply;
pub mod request_object;
pub mod resource;
pub mod security_event;
pub mod sender;
pub mod session_state;
pub mod shared_signals;
mod signed;
pub mod subject;
pub mod token;
pub mod verified_claims;
pub mod wanted;
