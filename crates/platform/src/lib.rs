//! The capabilities of the platform, the shell around them, and the executable `vneid`.
