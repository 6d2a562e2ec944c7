use civil::chip::clones::{card_access_agrees, question, verify_answer};
use civil::chip::reader::{Password, ReadRefusal, Session};
use civil::chip::{Authentic, Challenge, CloneRefusal, Reading, active_authentication, passive_authentication};
use jiff::tz::TimeZone;

use super::*;
use crate::card::Layout;
use crate::testing::{TODAY, holder, nation};

const CHALLENGE: Challenge = Challenge([1, 2, 3, 4, 5, 6, 7, 8]);
const DRAWN: [u8; 32] = [9; 32];

fn card() -> SimulatedCard {
    let (person, card) = holder(Layout::CanCuoc2024);
    SimulatedCard::new(&nation(), &person, &card, &Issuer::new(7).unwrap()).unwrap()
}

fn access_number() -> Password {
    let (person, _) = holder(Layout::CanCuoc2024);
    Password::AccessNumber(person.number.as_str()[6..].to_owned())
}

fn zone() -> Password {
    let (person, card) = holder(Layout::CanCuoc2024);
    Password::Zone(card.zone(&person).unwrap().access_information())
}

/// Bytes that are random enough for a test.
fn dice() -> impl FnMut(&mut [u8]) {
    let mut at = 0_u8;
    move |bytes: &mut [u8]| {
        for byte in bytes {
            at = at.wrapping_mul(31).wrapping_add(7);
            *byte = at;
        }
    }
}

fn read(card: &mut SimulatedCard, password: &Password) -> Result<Reading, ReadRefusal> {
    Session::open(card, password, &mut dice())?.read(Some(CHALLENGE))
}

fn authentic(reading: &Reading) -> Authentic {
    let trust = Issuer::new(7).unwrap().trust().unwrap();
    let at = TODAY.to_zoned(TimeZone::UTC).unwrap().timestamp();
    passive_authentication(&reading.files, &trust, at).unwrap()
}

/// Asks the chip questions of chip authentication, and judges its answer.
fn agreed(mut card: SimulatedCard) -> Result<(), CloneRefusal> {
    let mut session = Session::open(&mut card, &access_number(), &mut dice()).unwrap();
    let reading = session.read(None).unwrap();
    let authentic = authentic(&reading);
    let question = question(&reading.files, &authentic, &DRAWN).unwrap().unwrap();
    let answer = session.answer(&question).unwrap();
    verify_answer(&reading.files, &authentic, &DRAWN, &answer)
}

#[test]
fn a_card_is_read_by_each_password_and_proves_itself() {
    let ways = [
        (card(), access_number()),
        (card(), zone()),
        (card().without_pace(), zone()),
    ];

    for (mut card, password) in ways {
        let reading = read(&mut card, &password).unwrap();

        let authentic = authentic(&reading);
        let answer = reading.active.as_ref().unwrap();
        assert_eq!(authentic.groups.len(), 5);
        assert!(active_authentication(&reading.files, &authentic, CHALLENGE, &answer.response).is_ok());
        if let Some(access) = &reading.card_access {
            assert_eq!(card_access_agrees(&reading.files, &authentic, access), Ok(()));
        }
    }
}

#[test]
fn a_chip_agrees_on_keys_with_who_is_not_there() {
    assert_eq!(agreed(card()), Ok(()));
}

#[test]
fn a_copy_of_the_files_cannot_answer() {
    let mut copy = card().copied().unwrap();
    let reading = read(&mut copy, &access_number()).unwrap();
    let signed = reading.active.as_ref().unwrap();
    let authentic = authentic(&reading);

    let by_signature = active_authentication(&reading.files, &authentic, CHALLENGE, &signed.response);

    assert_eq!(by_signature, Err(CloneRefusal::Answer));
    assert_eq!(agreed(card().copied().unwrap()), Err(CloneRefusal::Answer));
}

#[test]
fn an_old_answer_is_none_to_a_new_question() {
    let mut card = card();
    let mut session = Session::open(&mut card, &access_number(), &mut dice()).unwrap();
    let reading = session.read(None).unwrap();
    let authentic = authentic(&reading);
    let asked = question(&reading.files, &authentic, &DRAWN).unwrap().unwrap();
    let answer = session.answer(&asked).unwrap();

    let judged = verify_answer(&reading.files, &authentic, &[8; 32], &answer);

    assert_eq!(judged, Err(CloneRefusal::Answer));
}

#[test]
fn a_wrong_password_opens_nothing() {
    let wrong = Password::AccessNumber("000000".to_owned());
    let other = Password::Zone("L898902C<369080619406236".to_owned());

    assert_eq!(read(&mut card(), &wrong), Err(ReadRefusal::WrongPassword));
    assert_eq!(read(&mut card(), &other), Err(ReadRefusal::WrongPassword));
    assert_eq!(
        read(&mut card().without_pace(), &other),
        Err(ReadRefusal::WrongPassword)
    );
    assert_eq!(read(&mut card().without_pace(), &wrong), Err(ReadRefusal::NoWayIn));
}

#[test]
fn weaker_offers_of_the_card_than_the_state_signed_are_noticed() {
    let mut reading = read(&mut card(), &access_number()).unwrap();
    let authentic = authentic(&reading);
    let judge = |told: &[u8]| card_access_agrees(&reading.files, &authentic, told);
    let without_pace = tlv::write(0x31, tlv::only(0x31, &CARD_ACCESS).unwrap().get(..32).unwrap());
    let mut other_curve = CARD_ACCESS;
    *other_curve.last_mut().unwrap() = 12;

    assert_eq!(judge(&CARD_ACCESS), Ok(()));
    assert_eq!(judge(&without_pace), Err(CloneRefusal::Downgraded));
    assert_eq!(judge(&other_curve), Err(CloneRefusal::Downgraded));
    assert_eq!(judge(&[]), Err(CloneRefusal::Downgraded));
    reading.files.dg14 = None;
    let unsigned = card_access_agrees(&reading.files, &authentic, &CARD_ACCESS);
    assert_eq!(unsigned, Err(CloneRefusal::KeyMissing));
}

#[test]
fn a_card_that_is_taken_away_is_told_as_such_at_every_step() {
    let mut whole = 0;
    for commands in 0.. {
        match read(&mut card().taken_away_after(commands), &access_number()) {
            Err(ReadRefusal::Silent(_)) => whole = commands,
            done => {
                assert!(done.is_ok());
                break;
            }
        }
    }
    assert!(whole > 50, "{whole}");
}

#[test]
fn large_files_are_read_whole_and_larger_ones_refused() {
    let sized = |size: usize| tlv::write(0x75, &vec![7; size]);
    let large = |size| read(&mut card().with_file(0x0102, sized(size)), &access_number());

    assert_eq!(large(40_000).unwrap().files.dg2.len(), 40_004);
    assert_eq!(large(300_000), Err(ReadRefusal::TooLarge));
}

#[test]
fn nothing_is_readable_in_plain() {
    let mut card = card();
    let select = |name: u16| Command::new([0, 0xa4, 2, 0x0c]).with(&name.to_be_bytes()).to_bytes();

    let refused = card.transmit(&select(0x0101)).unwrap();

    assert_eq!(refused, NOT_ALLOWED.to_be_bytes());
    assert_eq!(card.transmit(&select(ACCESS)).unwrap(), DONE.to_be_bytes());
}
