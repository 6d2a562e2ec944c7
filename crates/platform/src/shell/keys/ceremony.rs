//! Key ceremonies: what keys there are and where, proved and written down, to be signed by those who were present.

use std::fmt::Write as _;

use crypto::digest::sha256;
use crypto::hsm::{Attestation, Description};
use crypto::keys::PrivateKey;
use crypto::recovery;
use crypto::sign::{self, Signer};
use jiff::Timestamp;

use super::{Keys, KeysError, LEDGER, unusable};

/// Where the part that is signed ends.
const END: &str = "-- hết / end --\n";

/// What a ceremony did, in Vietnamese and English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The first keys were made.
    Generated,
    /// A recovery key was drawn and split: so many of so many shares are needed.
    Split(u8, u8),
    /// The keystore moved under the device.
    Adopted,
    /// Nothing was changed.
    Attested,
}

impl Act {
    fn line(self) -> String {
        match self {
            Act::Generated => "Tạo bộ khóa đầu tiên / The first keys were made".to_owned(),
            Act::Split(threshold, shares) => format!(
                "Tạo khóa phục hồi và chia thành {shares} phần, cần {threshold} phần / A recovery key was split into {shares} shares, {threshold} of them needed"
            ),
            Act::Adopted => {
                "Chuyển kho khóa vào thiết bị bảo mật / The keystore moved under the hardware security module"
                    .to_owned()
            }
            Act::Attested => "Chỉ kiểm tra, không thay đổi / Checked only, nothing was changed".to_owned(),
        }
    }
}

/// One key, as it proved itself.
struct Line {
    purpose: String,
    turn: &'static str,
    algorithm: &'static str,
    key: String,
    place: String,
}

impl Keys {
    /// The protocol of a ceremony: every signing key has signed a challenge that follows from the date and those present, the device has
    /// told what it knows of its keys, and the key of the ledger has signed the whole.
    ///
    /// # Errors
    /// [`KeysError`] if a key does not sign, or a key of the device could leave it.
    pub fn protocol(&self, act: Act, present: &[String], now: Timestamp) -> Result<String, KeysError> {
        let challenge = sha256(format!("vneid ceremony {now} {}", present.join(", ")).as_bytes());
        let mut text = format!(
            "BIÊN BẢN LỄ TẠO KHÓA / KEY CEREMONY PROTOCOL\nVNeID {}\nthời điểm / time: {now}\nviệc / act: {}\n",
            env!("CARGO_PKG_VERSION"),
            act.line()
        );
        let mut add = |line: std::fmt::Arguments<'_>| writeln!(text, "{line}").map_err(unusable);
        if let Some(device) = self.described()? {
            add(format_args!(
                "thiết bị / device: {} {} serial {} firmware {} token {} library {}",
                device.manufacturer, device.model, device.serial, device.firmware, device.token, device.library
            ))?;
        }
        for line in self.proved(&challenge)? {
            add(format_args!(
                "khóa / key: {} {} {} {} {}",
                line.purpose, line.turn, line.algorithm, line.key, line.place
            ))?;
        }
        if let Some(public) = self.0.look(crypto::keystore::Keystore::recovery) {
            add(format_args!("khóa phục hồi / recovery key: {}", hex::encode(public)))?;
        }
        for name in present {
            add(format_args!(
                "có mặt / present: {name}    ký tên / signed: ______________________"
            ))?;
        }
        text.push_str(END);
        self.signed(&text)
    }

    fn described(&self) -> Result<Option<Description>, KeysError> {
        Ok(self.0.hsm().map(|hsm| hsm.describe()).transpose()?)
    }

    fn proved(&self, challenge: &[u8]) -> Result<Vec<Line>, KeysError> {
        let sets: Vec<_> = self.0.look(|store| {
            let sets = store
                .purposes()
                .filter_map(|purpose| Some((purpose, store.signing(purpose)?)));
            sets.map(|(purpose, set)| (purpose.to_owned(), [set.signer().clone(), set.next().clone()]))
                .collect()
        });
        let mut lines = Vec::new();
        for (purpose, keys) in sets {
            for (turn, key) in ["active", "next"].into_iter().zip(keys) {
                let signature = key.sign(challenge).map_err(unusable)?;
                sign::verify(key.public().key(), challenge, &signature).map_err(unusable)?;
                lines.push(Line {
                    purpose: purpose.clone(),
                    turn,
                    algorithm: key.algorithm().name(),
                    key: key.key_id().to_owned(),
                    place: self.place(&key)?,
                });
            }
        }
        Ok(lines)
    }

    fn place(&self, key: &PrivateKey) -> Result<String, KeysError> {
        let (PrivateKey::Device(key), Some(hsm)) = (key, self.0.hsm()) else {
            return Ok("keystore".to_owned());
        };
        let said: Attestation = hsm.attest(key.name())?;
        if !said.is_good() {
            return Err(unusable(format!(
                "the device does not hold {} as it should: {said:?}",
                key.key_id()
            )));
        }
        Ok(format!(
            "device {} local sensitive never-extractable",
            hex::encode(key.name())
        ))
    }

    fn signed(&self, text: &str) -> Result<String, KeysError> {
        let signer = self.signer(LEDGER)?;
        let signature = signer.sign(text.as_bytes()).map_err(unusable)?;
        Ok(format!(
            "{text}sha256: {}\nledger key: {}\nsignature: {}\n",
            hex::encode(sha256(text.as_bytes())),
            signer.key_id(),
            hex::encode(&signature)
        ))
    }

    /// What is wrong with a protocol; nothing if it is unchanged, signed by a key of this ledger, and each key that it names is still held
    /// or published.
    pub fn verify_protocol(&self, protocol: &str, now: Timestamp) -> Vec<String> {
        let mut wrong = Vec::new();
        let Some((text, tail)) = protocol.split_at_checked(protocol.find(END).map_or(0, |at| at + END.len())) else {
            return vec!["the protocol has no end".to_owned()];
        };
        let told = |name: &str| {
            tail.lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
                .unwrap_or_default()
        };
        if told("sha256:") != hex::encode(sha256(text.as_bytes())) {
            wrong.push("the text was changed: its digest is another".to_owned());
        }
        let published = self.jwks(LEDGER, now);
        let key = published.keys().iter().find(|key| key.key_id() == told("ledger key:"));
        let signature = bytes(told("signature:")).unwrap_or_default();
        if key.is_none_or(|key| sign::verify(key.key(), text.as_bytes(), &signature).is_err()) {
            wrong.push("it is not signed by a key that this ledger has or publishes".to_owned());
        }
        for line in text.lines().filter_map(|line| line.strip_prefix("khóa / key: ")) {
            let mut words = line.split(' ');
            let (purpose, id) = (words.next().unwrap_or_default(), words.nth(2).unwrap_or_default());
            if !self.jwks(purpose, now).keys().iter().any(|key| key.key_id() == id) {
                wrong.push(format!("the key {id} for {purpose} is no longer held or published"));
            }
        }
        wrong
    }
}

/// Reads shares, one a line.
///
/// # Errors
/// [`crypto::shares::SharesError`].
pub fn read_shares(text: &str) -> Result<Vec<crypto::shares::Share>, crypto::shares::SharesError> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::parse)
        .collect()
}

/// Whether a recovery key would open: tried out at once in the ceremony, while everybody is present.
///
/// # Errors
/// [`KeysError`] if the shares do not open the copy.
pub fn try_shares(keys: &Keys, shares: &[crypto::shares::Share]) -> Result<(), KeysError> {
    let Some(copy) = keys.kept(super::recovery::COPY)? else {
        return Ok(());
    };
    let private = crypto::shares::join(shares).map_err(unusable)?;
    recovery::open(&private, &copy).map(drop).map_err(unusable)
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |letter: &u8| {
        char::from(*letter)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let digits: Vec<u8> = text.as_bytes().iter().map(digit).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
