//! Asking the person: for what a relying party is told, and by the passcode for what goes into a wallet.

pub(in crate::sso) mod http;
