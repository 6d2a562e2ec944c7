use proptest::prelude::*;

use super::*;
use crypto::block::Suite;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// A card that expects exact commands and gives the answers of a worked example.
struct Script(Vec<(Vec<u8>, Vec<u8>)>);

impl Script {
    fn of(lines: &str) -> Self {
        let lines = lines
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for line in lines {
            match line.split_once(' ') {
                Some((">", command)) => pairs.push((hex(command), Vec::new())),
                Some(("<", answer)) => pairs.last_mut().unwrap().1 = hex(answer),
                _ => panic!("{line}"),
            }
        }
        pairs.reverse();
        Self(pairs)
    }
}

impl Card for Script {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Silent> {
        let (expected, answer) = self.0.pop().unwrap();
        assert_eq!(command, expected, "{command:02x?}");
        Ok(answer)
    }
}

/// ICAO 9303-11 appendix D.3 and D.4: the whole exchange, byte by byte.
#[test]
fn the_worked_example_of_basic_access_control_is_said_byte_for_byte() {
    let mut card = Script::of(include_str!("../../../tests/chip/bac.txt"));
    let mut drawn = hex("781723860C06C226 0B795240CB7049B01C19B33E32804F0B");
    let mut dice = |bytes: &mut [u8]| bytes.copy_from_slice(&std::mem::take(&mut drawn));

    let messaging = bac::establish(&mut card, "L898902C<369080619406236", &mut dice).unwrap();
    let mut session = Session {
        card: &mut card,
        messaging,
        card_access: None,
    };
    let com = session.file(COM).unwrap();

    assert_eq!(com[..], hex("60145F0104303130365F36063034303030305C026175"));
}

/// The keys of the worked example of PACE (ICAO 9303-11 appendix G.1: ECDH, generic mapping, AES-128, brainpoolP256r1).
#[test]
fn the_worked_example_of_pace_is_computed() {
    use crypto::agreement::{Curve, Mapped, PrivateKey};
    let mut values = include_str!("../../../tests/chip/pace.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap());
    let mut value = |name: &str| {
        let (found, digits) = values.next().unwrap();
        assert_eq!(found, name);
        hex(digits)
    };
    let information = value("zone");
    let password = crypto::block::zone_password(&information);
    let key = Suite::Aes128.derive(&password[..], 3);
    assert_eq!(key[..], value("password-key"));
    let encrypted = value("encrypted-nonce");
    let nonce = Suite::Aes128.decrypt(&key, &[0; 16], &encrypted).unwrap();
    assert_eq!(nonce, value("nonce"));

    let private = |number: Vec<u8>| PrivateKey::new(Curve::Brainpool256, &number).unwrap();
    let terminal = private(value("terminal-mapping-private"));
    assert_eq!(terminal.public().unwrap(), value("terminal-mapping-public"));
    let chip = private(value("chip-mapping-private"));
    let chip_public = value("chip-mapping-public");
    assert_eq!(chip.public().unwrap(), chip_public);
    let mapped = Mapped::new(&terminal, &chip_public, nonce.as_array().unwrap()).unwrap();

    let terminal = private(value("terminal-private"));
    let terminal_public = value("terminal-public");
    assert_eq!(mapped.public(&terminal).unwrap(), terminal_public);
    let chip = private(value("chip-private"));
    let chip_public = value("chip-public");
    assert_eq!(mapped.public(&chip).unwrap(), chip_public);
    let secret = terminal.agree(&chip_public).unwrap();
    assert_eq!(secret[..], value("shared-secret"));
    assert_eq!(Suite::Aes128.derive(&secret, 1)[..], value("encrypting"));
    let authenticating = Suite::Aes128.derive(&secret, 2);
    assert_eq!(authenticating[..], value("authenticating"));
    let token = |point: &[u8]| {
        let protocol = der::asn1::ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.4.2.2");
        Suite::Aes128
            .mac(&authenticating, &pace::authenticated(protocol, point))
            .unwrap()
            .to_vec()
    };
    assert_eq!(token(&chip_public), value("terminal-token"));
    assert_eq!(token(&terminal_public), value("chip-token"));
}

/// A card that answers whatever it likes.
struct Anything {
    answers: Vec<Vec<u8>>,
    asked: usize,
}

impl Card for Anything {
    fn transmit(&mut self, _command: &[u8]) -> Result<Vec<u8>, Silent> {
        let answer = self.answers.get(self.asked % self.answers.len()).cloned();
        self.asked += 1;
        answer.ok_or_else(|| Silent("none".to_owned()))
    }
}

proptest! {
    #[test]
    fn whatever_a_card_answers_reading_ends(
        answers in proptest::collection::vec(
            proptest::collection::vec(any::<u8>(), 0..60).prop_map(|mut answer| { answer.extend([0x90, 0]); answer }),
            1..12,
        ),
        by_number: bool,
    ) {
        let mut card = Anything { answers, asked: 0 };
        let password = if by_number {
            Password::AccessNumber("123456".to_owned())
        } else {
            Password::Zone("L898902C<369080619406236".to_owned())
        };

        let opened = Session::open(&mut card, &password, &mut |bytes: &mut [u8]| bytes.fill(1)).is_ok();

        prop_assert!(!opened);
        prop_assert!(card.asked < 2_000);
    }

    #[test]
    fn a_card_that_brings_one_byte_at_a_time_is_not_asked_for_ever(length in 9_u8..=0x7f) {
        let mut asked = 0;
        let mut card = |_command: &Command| {
            asked += 1;
            Ok(Response { data: if asked == 1 { vec![0x61, length, 0, 0] } else { vec![0] }, status: apdu::DONE })
        };

        let read = read_file(&mut card);

        prop_assert!(asked <= 3, "{asked}");
        prop_assert!(read.is_err() || length == 3);
    }
}
