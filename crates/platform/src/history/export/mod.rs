//! The citizen's history as a file: JSON for programs, CSV for spreadsheets.

pub(super) mod http;
