//! The automatic check of a partner's own integration: what its sandbox client was seen to do, and what its site answers to us.
//!
//! **Invariant:** production credentials are given only after every step was passed.

use crate::shell::words::words;

pub(super) mod http;

words! {
    /// A step of the check.
    Step {
        /// Requests carry a code challenge by S256.
        Pkce = "pkce",
        /// Requests carry a state.
        State = "state",
        /// Requests carry a nonce.
        Nonce = "nonce",
        /// A code was exchanged.
        Code = "code",
        /// The sites of the redirect addresses are the partner's: they show our challenge.
        Sites = "sites",
        /// A forged answer signs nobody in, and breaks nothing.
        Forged = "forged",
    }
}
