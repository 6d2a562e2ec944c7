//! A draft while there is no network: a page that shows nothing of anybody, in which the device's own copy is read again.

pub(super) mod http;
