//! Commands and responses (ISO/IEC 7816-4 section 5).

use super::ReadRefusal;

/// A command to a chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Class, instruction and the two parameters.
    pub header: [u8; 4],
    /// What is sent.
    pub data: Vec<u8>,
    /// How many bytes are wanted at most, up to 65,536; `None` when none are.
    pub expected: Option<u32>,
}

impl Command {
    /// A command without data.
    pub fn new(header: [u8; 4]) -> Self {
        Self {
            header,
            data: Vec::new(),
            expected: None,
        }
    }

    /// The same with data.
    #[must_use]
    pub fn with(mut self, data: &[u8]) -> Self {
        data.clone_into(&mut self.data);
        self
    }

    /// The same, expecting an answer of at most so many bytes.
    #[must_use]
    pub fn expecting(mut self, expected: u32) -> Self {
        self.expected = Some(expected);
        self
    }

    /// The bytes, in the short form where it is long enough.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.header.to_vec();
        let extended = self.data.len() > 255 || self.expected.is_some_and(|expected| expected > 256);
        let [.., high, low] = self.data.len().to_be_bytes();
        match (extended, self.data.is_empty()) {
            (true, true) => bytes.push(0),
            (true, false) => bytes.extend([0, high, low]),
            (false, true) => {}
            (false, false) => bytes.push(low),
        }
        bytes.extend(&self.data);
        // The largest number is written as zero.
        let [.., high, low] = self.expected.unwrap_or_default().to_be_bytes();
        match (self.expected.is_some(), extended) {
            (true, true) => bytes.extend([high, low]),
            (true, false) => bytes.push(low),
            (false, _) => {}
        }
        bytes
    }

    /// The command that bytes are, in either form; `None` for none. This is the card's side of it.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (header, body) = bytes.split_first_chunk::<4>()?;
        let command = Self::new(*header);
        let short = |low: u8| u32::from(low.wrapping_sub(1)) + 1;
        let long = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]).wrapping_sub(1)) + 1;
        match *body {
            [] => Some(command),
            [low] => Some(command.expecting(short(low))),
            [0, high, low] => Some(command.expecting(long(high, low))),
            [0, high, low, ref rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([high, low]));
                match rest.split_at_checked(length)? {
                    (data, []) => Some(command.with(data)),
                    (data, [high, low]) => Some(command.with(data).expecting(long(*high, *low))),
                    _ => None,
                }
            }
            [length, ref rest @ ..] => match rest.split_at_checked(length.into())? {
                (data, []) => Some(command.with(data)),
                (data, [low]) => Some(command.with(data).expecting(short(*low))),
                _ => None,
            },
        }
    }
}

/// What a chip answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// What it sends.
    pub data: Vec<u8>,
    /// The two status bytes.
    pub status: u16,
}

/// Everything went well.
pub const DONE: u16 = 0x9000;

impl Response {
    /// Reads a response.
    ///
    /// # Errors
    /// [`ReadRefusal::Answer`] when there are no status bytes, or more bytes than a response has.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadRefusal> {
        match bytes {
            [data @ .., high, low] if data.len() <= 0x1_0000 => Ok(Self {
                data: data.to_vec(),
                status: u16::from_be_bytes([*high, *low]),
            }),
            _ => Err(ReadRefusal::Answer("a command")),
        }
    }

    /// The bytes: the card's side of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.data[..], &self.status.to_be_bytes()].concat()
    }

    /// The data of a command that was carried out.
    ///
    /// # Errors
    /// [`ReadRefusal::Status`] with the name of the command.
    pub fn expect(self, what: &'static str) -> Result<Vec<u8>, ReadRefusal> {
        match self.status {
            DONE => Ok(self.data),
            status => Err(ReadRefusal::Status(what, status)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(header: [u8; 4], length in 0_usize..700, expected in proptest::option::of(1_u32..=0x1_0000)) {
            let mut command = Command::new(header).with(&vec![7; length]);
            command.expected = expected;

            prop_assert_eq!(Command::parse(&command.to_bytes()), Some(command));
        }

        #[test]
        fn any_bytes_are_a_command_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = (Command::parse(&bytes), Response::parse(&bytes));
        }
    }
}
