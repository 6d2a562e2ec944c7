//! The files of a chip, as a reader sends them.
#![no_main]

use civil::chip::{Com, Dg13, Portrait, dg1};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = (Com::parse(bytes), dg1::parse(bytes), Portrait::parse(bytes), Dg13::parse(bytes));
});
