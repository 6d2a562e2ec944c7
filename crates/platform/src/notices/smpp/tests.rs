use std::sync::Mutex;

use futures_util::future::{join, join_all};
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
    /// The second message alone.
    ThrottlesTheSecond,
    ThrottlesAfterTheFirst,
    RefusesForGood,
    HangsUp,
}

/// A centre that does the same with every message, and sends a receipt for what it takes.
pub(in crate::notices) async fn centre(does: Does) -> String {
    let (listener, address) = listener().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(Framed::new(stream, CommandCodec::new()), does));
        }
    });
    address
}

async fn answer(mut wire: Wire, does: Does) {
    let mut heard = 0;
    while let Some(Ok(command)) = wire.next().await {
        let number = command.sequence_number();
        match command.pdu() {
            Some(Pdu::BindTransceiver(_)) => say(&mut wire, number, BindTransceiverResp::default()).await.unwrap(),
            Some(Pdu::SubmitSm(_)) => {
                heard += 1;
                let Some(status) = does.status(heard) else { return };
                let id = format!("m{heard}");
                let taken = SubmitSmResp::new(COctetString::from_str(&id).unwrap(), Vec::new());
                send(&mut wire, Command::new(status, number, taken)).await.unwrap();
                if status == CommandStatus::EsmeRok {
                    let words = format!("id:{id} sub:001 dlvrd:001 stat:DELIVRD err:000");
                    say(&mut wire, 1, receipt(&words)).await.unwrap();
                }
            }
            _ => {}
        }
    }
}

impl Does {
    /// What it answers to the message that it heard as first, second …; nothing if it hangs up.
    fn status(self, heard: usize) -> Option<CommandStatus> {
        match self {
            Does::ThrottlesTheSecond if heard == 2 => Some(CommandStatus::EsmeRthrottled),
            Does::ThrottlesAfterTheFirst if heard > 1 => Some(CommandStatus::EsmeRthrottled),
            Does::Takes | Does::ThrottlesTheSecond | Does::ThrottlesAfterTheFirst => Some(CommandStatus::EsmeRok),
            Does::Throttles => Some(CommandStatus::EsmeRthrottled),
            Does::RefusesForGood => Some(CommandStatus::EsmeRinvdstadr),
            Does::HangsUp => None,
        }
    }
}

/// A line as a centre sees it that has just taken it up.
async fn taken_up(listener: &TcpListener) -> Wire {
    let (stream, _) = soon(listener.accept()).await.unwrap();
    let mut wire = Framed::new(stream, CommandCodec::new());
    let bind = hears(&mut wire).await.unwrap();
    say(&mut wire, bind.sequence_number(), BindTransceiverResp::default())
        .await
        .unwrap();
    wire
}

/// What the centre hears next; nothing when the line was closed.
async fn hears(wire: &mut Wire) -> Option<Command> {
    soon(wire.next()).await.map(Result::unwrap)
}

/// What does not come within half a minute does not come.
async fn soon<T>(awaited: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(30), awaited).await.expect("it comes")
}

/// A text all of whose parts were taken under these names.
fn whole(ids: &[&str]) -> Handed {
    Handed {
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        rest: None,
    }
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
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
    let pace = Pace {
        respite: Duration::from_millis(1),
        ..USUAL
    };
    session_at(pace, address)
}

fn session_at(pace: Pace, address: String) -> (Centre, Arc<Mutex<Vec<Receipt>>>) {
    let kept: Arc<Mutex<Vec<Receipt>>> = Arc::default();
    let into = Arc::clone(&kept);
    let keep: Keep = Arc::new(move |receipt| {
        into.lock().unwrap().push(receipt);
        Box::pin(async { true })
    });
    (Centre::open_at(pace, line(address), keep), kept)
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
    let wire = connect(&line(centre(Does::Takes).await), USUAL).await.unwrap();

    assert!(wire.get_ref().nodelay().unwrap());
}

#[tokio::test]
async fn a_text_is_taken_and_its_receipt_is_kept() {
    let (centre, kept) = session(centre(Does::Takes).await);

    let ids = centre.submit("+84900000001", "Ma OTP 123456", 1).await;
    // The receipt came before the answer to this one.
    centre.submit("+84900000001", "Ma OTP 123457", 2).await.unwrap();

    assert_eq!(ids, Ok(whole(&["m1"])));
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

#[tokio::test]
async fn a_text_whose_second_part_is_throttled_arrives_whole() {
    let (busy, _) = session(centre(Does::ThrottlesTheSecond).await);

    let handed = busy.submit("+84900000001", &"a".repeat(161), 1).await;

    assert_eq!(handed, Ok(whole(&["m1", "m3"])));
}

#[tokio::test]
async fn a_text_whose_rest_is_never_taken_tells_what_was() {
    let (busy, _) = session(centre(Does::ThrottlesAfterTheFirst).await);

    let handed = busy.submit("+84900000001", &"a".repeat(161), 1).await.unwrap();

    assert_eq!(handed.ids, ["m1"]);
    assert!(matches!(handed.rest, Some(Refused::NotYet(_))), "{handed:?}");
}

#[tokio::test]
async fn a_centre_that_answers_nothing_holds_nobody_for_long_and_gets_nothing_that_was_given_up() {
    let (listener, address) = listener().await;
    let pace = Pace {
        patience: Duration::from_secs(1),
        ..USUAL
    };
    let (centre, _) = session_at(pace, address);

    let too_many = join_all((0..=WINDOW).map(|_| centre.submit("+84900000001", "lost", 1)));
    let (told, written) = join(too_many, async {
        let (mut wire, mut written) = (taken_up(&listener).await, 0);
        while let Some(command) = hears(&mut wire).await {
            written += usize::from(matches!(command.pdu(), Some(Pdu::SubmitSm(_))));
        }
        written
    })
    .await;
    let (taken, first) = join(centre.submit("+84900000001", "taken", 2), async {
        let mut wire = taken_up(&listener).await;
        let message = hears(&mut wire).await.unwrap();
        let taken = SubmitSmResp::new(COctetString::from_str("m1").unwrap(), Vec::new());
        say(&mut wire, message.sequence_number(), taken).await.unwrap();
        message
    })
    .await;

    let unanswered = told.iter().filter(|told| matches!(told, Err(Refused::Unanswered(_))));
    let never_left = told.iter().filter(|told| matches!(told, Err(Refused::NotYet(_))));
    assert_eq!((unanswered.count(), never_left.count(), written), (WINDOW, 1, WINDOW));
    assert_eq!(taken, Ok(whole(&["m1"])));
    assert!(matches!(first.pdu(), Some(Pdu::SubmitSm(message)) if message.short_message().as_ref() == b"taken"));
}

#[tokio::test]
async fn while_a_centre_is_called_again_whoever_asks_goes_on_to_the_next_at_once() {
    let (listener, address) = listener().await;
    let pace = Pace {
        quiet: Duration::from_millis(1),
        patience: Duration::from_mins(10),
        ..USUAL
    };
    let (centre, _) = session_at(pace, address);
    drop(soon(listener.accept()).await.unwrap());
    // It is taken up, and never answered.
    let _again = soon(listener.accept()).await.unwrap();

    let told = soon(centre.submit("+84900000001", "x", 1)).await;

    assert!(matches!(told, Err(Refused::NotYet(_))), "{told:?}");
}

#[tokio::test]
async fn a_centre_that_asks_whether_we_are_there_is_told_so() {
    let (listener, address) = listener().await;
    let (_centre, _) = session(address);
    let mut wire = taken_up(&listener).await;

    say(&mut wire, 7, Pdu::EnquireLink).await.unwrap();

    let heard = hears(&mut wire).await.unwrap();
    assert_eq!((heard.sequence_number(), heard.pdu()), (7, Some(&Pdu::EnquireLinkResp)));
}

#[tokio::test]
async fn a_silent_line_is_asked_whether_it_is_there_and_made_again_when_it_is_not() {
    let (listener, address) = listener().await;
    let pace = Pace {
        quiet: Duration::from_millis(300),
        ..USUAL
    };
    let (_centre, _) = session_at(pace, address);
    let mut wire = taken_up(&listener).await;

    for _ in 0..2 {
        let asked = hears(&mut wire).await.unwrap();
        assert_eq!(asked.pdu(), Some(&Pdu::EnquireLink));
        say(&mut wire, asked.sequence_number(), Pdu::EnquireLinkResp)
            .await
            .unwrap();
    }
    let unanswered = hears(&mut wire).await.unwrap();
    let closed = hears(&mut wire).await;
    taken_up(&listener).await;

    assert_eq!((unanswered.pdu(), closed), (Some(&Pdu::EnquireLink), None));
}

#[tokio::test]
async fn a_session_that_the_centre_ends_is_made_again() {
    let (listener, address) = listener().await;
    let (_centre, _) = session(address);
    let mut wire = taken_up(&listener).await;

    say(&mut wire, 9, Pdu::Unbind).await.unwrap();

    let heard = hears(&mut wire).await.unwrap();
    assert_eq!((heard.sequence_number(), heard.pdu()), (9, Some(&Pdu::UnbindResp)));
    assert_eq!(hears(&mut wire).await, None);
    taken_up(&listener).await;
}

#[test]
fn only_the_fault_of_a_number_or_a_text_is_for_good() {
    use CommandStatus as Status;
    for status in [
        Status::EsmeRinvdstadr,
        Status::EsmeRinvdstton,
        Status::EsmeRinvdstnpi,
        Status::EsmeRinvmsglen,
    ] {
        assert!(matches!(rules::judge(status), Err(Refused::Never(_))), "{status:?}");
    }
    for status in [
        Status::EsmeRinvsrcadr,
        Status::EsmeRinvdcs,
        Status::EsmeRinvesmclass,
        Status::EsmeRthrottled,
    ] {
        assert!(matches!(rules::judge(status), Err(Refused::NotYet(_))), "{status:?}");
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
