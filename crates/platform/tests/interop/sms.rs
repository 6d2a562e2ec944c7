//! Text messages to an SMS centre that is not ours (smpp34).

use std::net::TcpListener;
use std::process::Stdio;
use std::sync::Arc;

use crypto::secret::Secret;
use platform::notices::Refused;
use platform::notices::smpp::{Centre, Fate, Ids, Keep, Line, Receipt};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::mpsc;

use crate::{PATIENCE, scripts};

/// The centre, and what it says of each message it takes.
struct Foreign {
    address: String,
    said: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Foreign {
    async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        #[expect(
            clippy::disallowed_methods,
            reason = "the tests are told about the programs by the environment"
        )]
        let python = std::env::var("VNEID_TEST_PYTHON").expect("`cargo xtask test --only interop` names it");
        let mut process = Command::new(python)
            .args(["smsc.py", &free.to_string()])
            .current_dir(scripts())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut foreign = Self {
            address: format!("127.0.0.1:{free}"),
            said,
            _process: process,
        };
        assert_eq!(foreign.hear().await, "listening");
        foreign
    }

    async fn hear(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.said.next_line()).await;
        line.expect("it says something").unwrap().expect("it is there")
    }
}

#[tokio::test]
async fn an_sms_centre_that_is_not_ours_takes_what_we_send_and_tells_that_it_arrived() {
    let mut foreign = Foreign::start().await;
    let (keep, mut receipts) = kept();
    let line = Line {
        address: foreign.address.clone(),
        system_id: "vneid".to_owned(),
        password: Secret::new("secret".to_owned()),
        sender: "VNeID".to_owned(),
        ids: Ids::Same,
    };
    let centre = Centre::open(line, keep);

    let one = centre.submit("+84900000001", "Ma OTP 123456", 1).await;
    let two = centre
        .submit("+84900000001", &"Cơ quan công an đã duyệt hồ sơ. ".repeat(3), 2)
        .await;
    let never = centre.submit("+84900000010", "x", 3).await;
    let later = centre.submit("+84900000009", "x", 4).await;

    assert_eq!(one.unwrap().ids, ["m1"]);
    assert_eq!(
        foreign.hear().await,
        format!("84900000001 0 0 {}", hex(b"Ma OTP 123456"))
    );
    assert_eq!(two.unwrap().ids, ["m2", "m3"]);
    // A header in front of the text (class 64), in UCS-2 (coding 8).
    assert!(foreign.hear().await.starts_with("84900000001 64 8 050003020201"));
    assert!(matches!(never, Err(Refused::Never(_))) && matches!(later, Err(Refused::NotYet(_))));
    for id in ["m1", "m2", "m3"] {
        let receipt = tokio::time::timeout(PATIENCE, receipts.recv())
            .await
            .expect("a receipt")
            .unwrap();
        assert_eq!((receipt.id.as_str(), receipt.fate), (id, Fate::Delivered));
    }
}

fn kept() -> (Keep, mpsc::UnboundedReceiver<Receipt>) {
    let (into, receipts) = mpsc::unbounded_channel();
    let keep: Keep = Arc::new(move |receipt| {
        let is_kept = into.send(receipt).is_ok();
        Box::pin(async move { is_kept })
    });
    (keep, receipts)
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}
