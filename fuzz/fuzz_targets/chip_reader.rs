//! A card that answers whatever it likes: reading it ends, and never panics.
#![no_main]

use civil::chip::reader::{Card, Password, Session, Silent};

/// Answers one piece after the other, each as long as its first byte says.
struct Pieces<'a>(&'a [u8]);

impl Card for Pieces<'_> {
    fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, Silent> {
        let silent = || Silent("no more".to_owned());
        let (length, rest) = self.0.split_first().ok_or_else(silent)?;
        let (piece, rest) = rest.split_at_checked((*length).into()).ok_or_else(silent)?;
        self.0 = rest;
        Ok([piece, &[0x90, 0]].concat())
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for password in [
        Password::AccessNumber("123456".to_owned()),
        Password::Zone("L898902C<369080619406236".to_owned()),
    ] {
        let mut card = Pieces(bytes);
        let mut dice = |random: &mut [u8]| random.fill(1);
        if let Ok(mut session) = Session::open(&mut card, &password, &mut dice) {
            let _ = session.read(None);
        }
    }
});
