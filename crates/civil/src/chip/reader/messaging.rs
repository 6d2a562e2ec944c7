//! Secure messaging (ICAO 9303-11 section 9.8): what is said is encrypted, and its order cannot be changed.

use crypto::block::{MAC_LENGTH, Suite, unpadded};
use crypto::sign::BadKey;
use zeroize::Zeroizing;

use super::super::tlv;
use super::ReadRefusal;
use super::apdu::{Command, Response};

const ENCRYPTED: u16 = 0x87;
/// The same for odd instructions, without the byte that names the padding.
const ENCRYPTED_ODD: u16 = 0x85;
const EXPECTED: u16 = 0x97;
const STATUS: u16 = 0x99;
const MAC: u16 = 0x8e;

/// The keys of a session and how many messages were sent. A counter that is never used twice.
#[derive(Clone)]
pub struct Messaging {
    suite: Suite,
    encrypting: Zeroizing<Vec<u8>>,
    authenticating: Zeroizing<Vec<u8>>,
    counter: u128,
}

impl Messaging {
    /// A session whose keys follow from a shared secret. PACE and chip authentication count from zero, basic access
    /// control from what both sides drew.
    pub fn new(suite: Suite, secret: &[u8], counter: u64) -> Self {
        Self {
            suite,
            encrypting: suite.derive(secret, 1),
            authenticating: suite.derive(secret, 2),
            counter: counter.into(),
        }
    }

    /// A command as it is sent.
    ///
    /// # Errors
    /// [`BadKey`]; does not happen.
    pub fn protect(&mut self, command: &Command) -> Result<Command, BadKey> {
        self.counter += 1;
        let [class, instruction, p1, p2] = command.header;
        let header = [class | 0x0c, instruction, p1, p2];
        let mut objects = Vec::new();
        if !command.data.is_empty() {
            objects.extend(self.encrypted(instruction % 2 == 1, &command.data)?);
        }
        if let Some(expected) = command.expected {
            let [.., high, low] = expected.to_be_bytes();
            let long = expected > 256;
            let length = if long { vec![high, low] } else { vec![low] };
            objects.extend(tlv::write(EXPECTED, &length));
        }
        let message = [self.suite.padded(&header), objects.clone()].concat();
        objects.extend(tlv::write(MAC, &self.mac(&message)?));
        let much = command.expected.is_some_and(|expected| expected > 256);
        Ok(Command::new(header)
            .with(&objects)
            .expecting(if much { 0x1_0000 } else { 256 }))
    }

    /// What a response says.
    ///
    /// # Errors
    /// [`ReadRefusal::Forged`] unless it was made with the keys of this session, in this place.
    pub fn open(&mut self, response: &Response) -> Result<Response, ReadRefusal> {
        self.counter += 1;
        let objects = &response.data;
        let (signed, mac) = objects
            .len()
            .checked_sub(MAC_LENGTH + 2)
            .and_then(|at| objects.split_at_checked(at))
            .ok_or(refusal(response))?;
        let mac = tlv::only(MAC, mac).ok_or(ReadRefusal::Forged)?;
        if !crypto::equal(mac, &self.mac(signed)?) {
            return Err(ReadRefusal::Forged);
        }
        let status = tlv::find(STATUS, signed).and_then(|status| status.as_array().copied());
        Ok(Response {
            data: self.decrypted(signed).ok_or(ReadRefusal::Forged)?,
            status: u16::from_be_bytes(status.ok_or(ReadRefusal::Forged)?),
        })
    }

    fn encrypted(&self, odd: bool, data: &[u8]) -> Result<Vec<u8>, BadKey> {
        let cipher = self
            .suite
            .encrypt(&self.encrypting, &self.iv()?, &self.suite.padded(data))?;
        Ok(if odd {
            tlv::write(ENCRYPTED_ODD, &cipher)
        } else {
            tlv::write(ENCRYPTED, &[&[1], &cipher[..]].concat())
        })
    }

    fn decrypted(&self, objects: &[u8]) -> Option<Vec<u8>> {
        let even = tlv::find(ENCRYPTED, objects).map(|content| content.strip_prefix(&[1]));
        let cipher = match even.or_else(|| tlv::find(ENCRYPTED_ODD, objects).map(Some)) {
            None => return Some(Vec::new()),
            Some(cipher) => cipher?,
        };
        let plain = self.suite.decrypt(&self.encrypting, &self.iv().ok()?, cipher).ok()?;
        unpadded(&plain).map(<[u8]>::to_vec)
    }

    /// Triple DES begins with zeros, AES with the counter encrypted.
    fn iv(&self) -> Result<Vec<u8>, BadKey> {
        let zeros = vec![0; self.suite.block()];
        match self.suite {
            Suite::TripleDes => Ok(zeros),
            suite => suite.encrypt(&self.encrypting, &zeros, &self.counter()),
        }
    }

    /// The counter in as many bytes as a block has.
    fn counter(&self) -> Vec<u8> {
        let all = self.counter.to_be_bytes();
        all.get(all.len() - self.suite.block()..).unwrap_or(&all).to_vec()
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; MAC_LENGTH], BadKey> {
        let counted = [&self.counter()[..], message].concat();
        self.suite.mac(&self.authenticating, &self.suite.padded(&counted))
    }
}

/// A chip that ends the session says why without protection: a reason, but no content, is taken from it.
fn refusal(response: &Response) -> ReadRefusal {
    match response {
        Response { data, status } if data.is_empty() && *status != super::apdu::DONE => {
            ReadRefusal::Status("secure messaging", *status)
        }
        _ => ReadRefusal::Forged,
    }
}
