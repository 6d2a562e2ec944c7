//! What is late in a chief's jurisdiction, who holds it, and how to get it going again.

pub(super) mod http;
