//! The card's side of secure messaging (ICAO 9303-11 section 9.8).

use civil::chip::reader::apdu::{Command, Response};
use civil::chip::tlv;
use crypto::block::{MAC_LENGTH, Suite, unpadded};
use crypto::sign::BadKey;

/// The keys of a session, and its counter.
pub(super) struct Messaging {
    suite: Suite,
    encrypting: Vec<u8>,
    authenticating: Vec<u8>,
    counter: Vec<u8>,
}

impl Messaging {
    pub(super) fn new(suite: Suite, secret: &[u8], counter: &[u8]) -> Self {
        let zeros = vec![0; suite.block().saturating_sub(counter.len())];
        Self {
            suite,
            encrypting: suite.derive(secret, 1).to_vec(),
            authenticating: suite.derive(secret, 2).to_vec(),
            counter: [&zeros[..], counter].concat(),
        }
    }

    /// What a protected command says.
    pub(super) fn open(&mut self, command: &Command) -> Result<Command, BadKey> {
        self.count();
        let at = command.data.len().checked_sub(MAC_LENGTH + 2).ok_or(BadKey)?;
        let (objects, mac) = command.data.split_at_checked(at).ok_or(BadKey)?;
        let said = [&self.suite.padded(&command.header)[..], objects].concat();
        if tlv::only(0x8e, mac) != Some(&self.mac(&said)?) {
            return Err(BadKey);
        }
        let [class, instruction, p1, p2] = command.header;
        let mut plain = Command::new([class & !0x0c, instruction, p1, p2]);
        let cipher = tlv::find(0x87, objects).and_then(|cipher| cipher.strip_prefix(&[1]));
        if let Some(cipher) = cipher.or_else(|| tlv::find(0x85, objects)) {
            let padded = self.suite.decrypt(&self.encrypting, &self.iv()?, cipher)?;
            plain.data = unpadded(&padded).ok_or(BadKey)?.to_vec();
        }
        plain.expected = tlv::find(0x97, objects).map(|expected| match expected {
            [0] => 256,
            [low] => u32::from(*low),
            [0, 0] => 0x1_0000,
            [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
            _ => 0,
        });
        Ok(plain)
    }

    /// An answer as it is sent.
    pub(super) fn protect(&mut self, odd: bool, answer: &Response) -> Result<Response, BadKey> {
        self.count();
        let mut objects = Vec::new();
        if !answer.data.is_empty() {
            let padded = self.suite.padded(&answer.data);
            let cipher = self.suite.encrypt(&self.encrypting, &self.iv()?, &padded)?;
            objects = if odd {
                tlv::write(0x85, &cipher)
            } else {
                tlv::write(0x87, &[&[1], &cipher[..]].concat())
            };
        }
        objects.extend(tlv::write(0x99, &answer.status.to_be_bytes()));
        let mac = self.mac(&objects)?;
        objects.extend(tlv::write(0x8e, &mac));
        Ok(Response {
            data: objects,
            status: answer.status,
        })
    }

    fn count(&mut self) {
        for byte in self.counter.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
    }

    fn iv(&self) -> Result<Vec<u8>, BadKey> {
        let zeros = vec![0; self.suite.block()];
        if self.suite == Suite::TripleDes {
            return Ok(zeros);
        }
        self.suite.encrypt(&self.encrypting, &zeros, &self.counter)
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; MAC_LENGTH], BadKey> {
        let counted = [&self.counter, message].concat();
        self.suite.mac(&self.authenticating, &self.suite.padded(&counted))
    }
}
