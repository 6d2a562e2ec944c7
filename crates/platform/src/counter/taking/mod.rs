//! An application as it is taken at the counter, from the first finding to the receipt.

pub(super) mod http;
