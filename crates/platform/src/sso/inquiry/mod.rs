//! Questions about tokens: what one is good for (RFC 7662), and taking one back (RFC 7009).

pub(super) mod http;
