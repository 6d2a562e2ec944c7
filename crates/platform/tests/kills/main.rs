//! The real program, killed with SIGKILL in the middle of its procedures: after each restart the state is one that the state machine knows,
//! never an earlier one than before, and the procedure goes on to its end.
//!
//! `cargo test -p platform --test kills`. One walk strikes every request of a procedure several times, each time a little later.

#[cfg(test)]
mod house;
#[cfg(test)]
mod walks;
