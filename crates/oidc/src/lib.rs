//! The messages of OAuth and OpenID and their rules; no HTTP, no database.
