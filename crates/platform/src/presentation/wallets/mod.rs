//! What wallets ask: the signed request, and to take an answer. Both speak as `OpenID4VP` says, in JSON and in OAuth's errors.

pub(super) mod http;
mod rules;
