use std::sync::Mutex;

use proptest::prelude::*;
use rusmpp::pdus::{BindTransceiverResp, DeliverSm, SubmitSmResp};
use rusmpp::types::{COctetString, OctetString};
use rusmpp::values::{Ansi41Specific, EsmClass, GsmFeatures, MessageType, MessagingMode};
use std::str::FromStr as _;
use tokio::net::TcpListener;

use super::*;

/// What a centre of our own does with a message, by the number it is for.
#[derive(Clone, Copy)]
pub(in crate::notices) enum Does {
    Takes,
    Throttles,
    RefusesForGood,
    HangsUp,
}

/// A centre that does the same with every message, and sends a receipt for what it takes.
pub(in crate::notices) async fn centre(does: Does) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(Framed::new(stream, CommandCodec::new()), does));
        }
    });
    address
}

async fn answer(mut wire: Wire, does: Does) {
    while let Some(Ok(command)) = wire.next().await {
        let number = command.sequence_number();
        let taken = SubmitSmResp::new(COctetString::from_str("m1").unwrap(), Vec::new());
        match (command.pdu(), does) {
            (Some(Pdu::BindTransceiver(_)), _) => say(&mut wire, number, BindTransceiverResp::default()).await.unwrap(),
            (Some(Pdu::SubmitSm(_)), Does::Takes) => {
                say(&mut wire, number, taken).await.unwrap();
                say(&mut wire, 1, receipt("id:m1 sub:001 dlvrd:001 stat:DELIVRD err:000"))
                    .await
                    .unwrap();
            }
            (Some(Pdu::SubmitSm(_)), Does::Throttles) => {
                send(&mut wire, Command::new(CommandStatus::EsmeRthrottled, number, taken))
                    .await
                    .unwrap();
            }
            (Some(Pdu::SubmitSm(_)), Does::RefusesForGood) => {
                send(&mut wire, Command::new(CommandStatus::EsmeRinvdstadr, number, taken))
                    .await
                    .unwrap();
            }
            (Some(Pdu::SubmitSm(_)), Does::HangsUp) => return,
            _ => {}
        }
    }
}

fn receipt(text: &str) -> DeliverSm {
    DeliverSm::builder()
        .esm_class(EsmClass::new(
            MessagingMode::Default,
            MessageType::ShortMessageContainsMCDeliveryReceipt,
            Ansi41Specific::Other(0),
            GsmFeatures::NotSelected,
        ))
        .short_message(OctetString::from_str(text).unwrap())
        .build()
}

/// A session with a centre, and the receipts it brings.
pub(in crate::notices) fn session(address: String) -> (Centre, Arc<Mutex<Vec<Receipt>>>) {
    let kept: Arc<Mutex<Vec<Receipt>>> = Arc::default();
    let into = Arc::clone(&kept);
    let keep: Keep = Arc::new(move |receipt| {
        into.lock().unwrap().push(receipt);
        Box::pin(async { true })
    });
    (Centre::open(line(address), keep), kept)
}

fn line(address: String) -> Line {
    Line {
        address,
        system_id: "vneid".to_owned(),
        password: Secret::new("secret".to_owned()),
        sender: "VNeID".to_owned(),
        ids: Ids::Same,
    }
}

#[tokio::test]
async fn no_message_is_held_back_until_the_one_before_is_acknowledged() {
    let wire = connect(&line(centre(Does::Takes).await)).await.unwrap();

    assert!(wire.get_ref().nodelay().unwrap());
}

#[tokio::test]
async fn a_text_is_taken_and_its_receipt_is_kept() {
    let (centre, kept) = session(centre(Does::Takes).await);

    let ids = centre.submit("+84900000001", "Ma OTP 123456", 1).await;
    // The receipt came before the answer to this one.
    centre.submit("+84900000001", "Ma OTP 123457", 2).await.unwrap();

    assert_eq!(ids, Ok(vec!["m1".to_owned()]));
    assert_eq!(
        kept.lock().unwrap().first().map(|receipt| receipt.fate),
        Some(Fate::Delivered)
    );
}

#[tokio::test]
async fn throttled_and_unreachable_are_not_yet_and_a_bad_number_is_never() {
    let (busy, _) = session(centre(Does::Throttles).await);
    let (strict, _) = session(centre(Does::RefusesForGood).await);
    let (away, _) = session("127.0.0.1:1".to_owned());

    let told = [
        busy.submit("+84900000001", "x", 1).await,
        strict.submit("+84900000001", "x", 1).await,
        away.submit("+84900000001", "x", 1).await,
    ];

    assert!(
        matches!(
            told,
            [Err(Refused::NotYet(_)), Err(Refused::Never(_)), Err(Refused::NotYet(_))]
        ),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_line_that_breaks_before_the_answer_is_told_apart_and_made_again() {
    let address = centre(Does::HangsUp).await;
    let (centre, _) = session(address);

    for _ in 0..2 {
        let told = centre.submit("+84900000001", "x", 1).await;

        assert!(matches!(told, Err(Refused::Unanswered(_))), "{told:?}");
    }
}

#[test]
fn letters_of_vietnamese_take_two_bytes_and_long_texts_are_cut_at_70_and_160() {
    let count = |text: &str| rules::parts("VNeID", "+84900000001", text, 7).unwrap().len();

    assert_eq!((count(&"a".repeat(160)), count(&"a".repeat(161))), (1, 2));
    assert_eq!((count(&"ế".repeat(70)), count(&"ế".repeat(71))), (1, 2));
}

#[test]
fn a_receipt_says_delivered_or_failed_and_anything_between_is_none() {
    let read = |text: &str| rules::read_receipt(text).map(|receipt| (receipt.id, receipt.fate));

    assert_eq!(
        read("id:7 stat:DELIVRD err:000"),
        Some(("7".to_owned(), Fate::Delivered))
    );
    assert_eq!(read("id:7 stat:UNDELIV"), Some(("7".to_owned(), Fate::Failed)));
    assert_eq!(read("id:7 stat:ENROUTE"), None);
    assert_eq!(read("stat:DELIVRD"), None);
}

#[test]
fn a_receipt_in_another_base_is_about_the_same_message() {
    for (ids, answer, receipt) in [
        (Ids::Same, "0a1B", "0a1B"),
        (Ids::Decimal, "0001E240", "123456"),
        (Ids::Decimal, "1e240", "0000123456"),
        (Ids::Hexadecimal, "123456", "1E240"),
        (Ids::Decimal, "not-a-number", "not-a-number"),
    ] {
        assert_eq!(ids.of_answer(answer), ids.of_receipt(receipt), "{ids:?} {answer}");
    }
    assert_ne!(Ids::Same.of_answer("1e240"), Ids::Same.of_receipt("123456"));
}

proptest! {
    #[test]
    fn whatever_a_receipt_says_reading_it_ends(text in ".{0,200}") {
        let _read = rules::read_receipt(&text);
    }
}
