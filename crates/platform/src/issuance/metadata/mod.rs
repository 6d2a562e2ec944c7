//! What wallets find out before they ask: the issuer's metadata, plain and signed.

pub(super) mod http;
