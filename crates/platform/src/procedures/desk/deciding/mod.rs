//! What an officer lets happen to a dossier: receiving it, asking for more, verifying, a fee, the decision.

pub(super) mod http;
