//! Sealed papers (`PAdES`) against readers that are not ours: pyHanko verifies the seal, pypdf reads the text; an authority for time stamps that is not ours
//! stamps.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use credentials::pades::{Draft, stamp};
use credentials::trust::make::{self, Role, Subject};
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use jiff::{SignedDuration, Timestamp};
use platform::accounts::{self, Level};
use platform::app::App;
use platform::certificates::{self, Granted, Kind};
use platform::sandbox::command::{Sandbox, Settings};
use platform::sandbox::holders::{self, PASSCODE, PASSWORD};
use platform::shell::clock::Clock;
use platform::shell::jobs;
use platform::shell::pdf::{Block, Code, Paper};
use platform::shell::texts::Lang;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::{PATIENCE, card_holder, run, scripts};

/// Orders a certificate, waits until it is there and downloads it, as its holder does.
async fn certificate(app: &App, citizen: &nation::Person) -> Vec<u8> {
    let holder = accounts::of_number(app, &citizen.number).await.unwrap().unwrap();
    let granted = Granted {
        person: holder.person,
        subject: None,
        dossier: "interop".to_owned(),
        kind: Kind::Two,
        with_bans: true,
        purpose: "Biết về lý lịch tư pháp của mình".to_owned(),
        organisation: None,
        issued_by: "Công an thành phố Hà Nội".to_owned(),
        copies: None,
    };
    let order = certificates::order(app, granted).unwrap();
    app.db.write(move |tx| jobs::enqueue(tx, &order)).await.unwrap();
    app.bell.ring();

    let (http, url) = (reqwest::Client::new(), app.config.public_url.clone());
    let body = json!({"number": citizen.number.as_str(), "password": PASSWORD});
    let signed_in = http.post(format!("{url}/signin")).json(&body).send().await.unwrap();
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let listed = async || {
        let asked = http.get(format!("{url}/certificates")).header("cookie", &cookie);
        let told: Value = asked
            .header("accept", "application/json")
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        told["certificates"][0]["certificate"].as_str().map(str::to_owned)
    };
    let wait = async {
        loop {
            if let Some(id) = listed().await {
                return id;
            }
            tokio::task::yield_now().await;
        }
    };
    let id = tokio::time::timeout(PATIENCE, wait)
        .await
        .expect("the certificate is issued");
    let asked = http
        .post(format!("{url}/certificates/{id}/file"))
        .header("cookie", &cookie);
    let given = asked.json(&json!({"passcode": PASSCODE})).send().await.unwrap();
    given.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_reader_that_is_not_ours_verifies_a_certificate_and_finds_one_changed_bit() {
    let folder = tempfile::tempdir().unwrap();
    let (close, stop) = watch::channel(false);
    let settings = Settings {
        data: folder.path().join("data"),
        listen: "127.0.0.1:0".parse().unwrap(),
        people: 10_000,
        reset: false,
        toll: 0,
        tls: false,
    };
    let sandbox = Sandbox::open(&settings, stop).await.unwrap();
    let app = sandbox.app().clone();
    let running = tokio::spawn(sandbox.run());
    let citizen = card_holder(&app);
    holders::make(&app, &citizen, Level::Two).await.unwrap();

    let pdf = certificate(&app, &citizen).await;
    let authority = reqwest::get(format!("{}/issuance/authority", app.config.public_url)).await;
    let authority = authority.unwrap().bytes().await.unwrap();
    let texts = [
        "PHIẾU LÝ LỊCH TƯ PHÁP SỐ 2".to_owned(),
        citizen.full_name.to_uppercase(),
        citizen.number.as_str().to_owned(),
        "Họ và tên cha".to_owned(),
    ];
    judged_by_others(folder.path(), &pdf, &authority, &texts).await;

    close.send_replace(true);
    running.await.unwrap().unwrap();
}

async fn judged_by_others(folder: &Path, pdf: &[u8], authority: &[u8], texts: &[String]) {
    std::fs::write(folder.join("paper.pdf"), pdf).unwrap();
    std::fs::write(folder.join("authority.der"), authority).unwrap();
    std::fs::write(folder.join("paper.json"), json!({ "texts": texts }).to_string()).unwrap();
    run("VNEID_TEST_PYTHON", &["papers.py", folder.to_str().unwrap()]).await;
}

/// An authority for time stamps that is not ours; its address.
async fn time_stamps(folder: &Path) -> (Child, String) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    #[expect(
        clippy::disallowed_methods,
        reason = "the tests are told about the programs by the environment"
    )]
    let python = std::env::var("VNEID_TEST_PYTHON").expect("`cargo xtask test --only interop` names it");
    let mut process = Command::new(python)
        .args(["tsa.py", &port.to_string(), folder.to_str().unwrap()])
        .current_dir(scripts())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, said.next_line()).await;
    assert_eq!(line.expect("it starts").unwrap().as_deref(), Some("listening"));
    (process, format!("http://127.0.0.1:{port}/"))
}

/// A paper with every kind of block.
fn paper(at: Timestamp) -> Vec<u8> {
    let row = |at: usize| vec![at.to_string(), "Trộm cắp tài sản".to_owned()];
    let paper = Paper {
        title: "Giấy thử".to_owned(),
        author: "Công an".to_owned(),
        lang: Lang::Vi,
        made_at: at,
        foot: "1".to_owned(),
        blocks: vec![
            Block::Title("GIẤY THỬ NGHIỆM".to_owned()),
            Block::Heading("Nghĩa vụ".to_owned()),
            Block::Table(vec!["Số".to_owned(), "Việc".to_owned()], (0..90).map(row).collect()),
            Block::Items(vec!["Điều thứ nhất".to_owned()]),
            Block::Code(Code {
                text: "https://vneid.example".to_owned(),
                alt: "Mã QR".to_owned(),
                beside: vec!["Quét mã".to_owned()],
            }),
        ],
    };
    paper.write_unsigned().unwrap()
}

#[tokio::test]
async fn the_token_of_an_authority_that_is_not_ours_makes_a_seal_that_tells_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let (_process, address) = time_stamps(folder.path()).await;
    let now = Clock::system().now();
    let keys = [1, 2].map(|seed| SoftKey::from_seed(Algorithm::Es256, &[seed; 32]).unwrap());
    let [root, own] = &keys;
    let subject = |name| Subject {
        name,
        site: "https://vneid.example",
        not_before: now - SignedDuration::from_hours(24),
        not_after: now + SignedDuration::from_hours(24),
    };
    let authority = make::authority(root, &subject("root")).unwrap();
    let seal = make::signer(root, "root", own.public().key(), Role::Sealer, &subject("seal")).unwrap();

    let pdf = paper(now);
    let draft = Draft {
        pdf: &pdf,
        name: "Công an",
        reason: "Thử",
        signed_at: now,
        stamped: true,
    };
    let prepared = draft.prepare(own, &[seal]).unwrap();
    let question = stamp::question(&prepared.imprint()).unwrap();
    let asked = reqwest::Client::new()
        .post(address)
        .header("content-type", stamp::QUESTION);
    let answer = asked.body(question).send().await.unwrap().bytes().await.unwrap();
    let token = stamp::token(&answer, &prepared.imprint(), now).unwrap();
    let sealed = prepared.finish(Some(&token)).unwrap();

    let texts = ["GIẤY THỬ NGHIỆM", "Nghĩa vụ", "Điều thứ nhất"].map(str::to_owned);
    judged_by_others(folder.path(), &sealed, &authority, &texts).await;
}
