use std::io::{BufRead, BufReader};
use std::process::{Command as Process, Stdio};

use ::http::{Request, StatusCode, header};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crypto::sign::{Algorithm, Signer as _, SoftKey};
use db::{Db, Options};
use jiff::Timestamp;

use super::note::{Head, Note, Use, Verifier};
use super::*;
use crate::applications::tests as applications;
use crate::history::{self, Look, Purpose, Who};
use crate::officers::{self, Role};
use crate::shell::chance::Chance;
use crate::shell::ids::PersonId;
use crate::shell::keys::{self, Keys, LEDGER};
use crate::shell::session::{Kind as Session, Opening};
use crate::shell::vault::Vault;
use crate::testing::TestApp;

/// Commits to so many records, and gives them places.
pub(super) async fn fill(app: &TestApp, records: u64) {
    let (vault, now) = (app.vault.clone(), app.now());
    app.db
        .write(move |tx| {
            (0..records).try_for_each(|record| commit(tx, &Commitment::to(&vault, Kind::Decision, now, &record)))
        })
        .await
        .unwrap();
    turn(app).await.unwrap();
}

/// Records a look at a new person's data; answers a visitor with that person's session.
async fn looked_at(app: &TestApp) -> crate::testing::Client {
    let person = PersonId::draw(&app.chance);
    let session = Opening::draw(app, Session::Citizen, *person.bytes(), 1, "pwd");
    let client = app.client().with_cookie(&session.cookie(app)[0].1);
    let look = Look::now(
        app,
        person,
        &Who::Officer("Lê Văn Cường".to_owned()),
        Purpose::Review,
        "portrait card",
    );
    app.db
        .write(move |tx| {
            session.insert(tx)?;
            history::record(tx, &look)
        })
        .await
        .unwrap();
    client
}

fn decoded(json: &serde_json::Value) -> Vec<tree::Hash> {
    let hashes = json.as_array().unwrap().iter();
    hashes
        .map(|hash| BASE64.decode(hash.as_str().unwrap()).unwrap().try_into().unwrap())
        .collect()
}

#[tokio::test]
async fn a_citizen_can_prove_that_a_look_is_in_the_log() {
    let app = TestApp::start().await;
    fill(&app, 300).await;
    let mut citizen = looked_at(&app).await;
    let waiting = citizen.get("/account/history").await;
    assert_eq!(waiting.at("/looks/0/proof/state"), "waiting");

    turn(&app).await.unwrap();

    let shown = citizen.get("/account/history").await;
    assert_eq!(shown.at("/looks/0/proof/state"), "placed");
    let proof = citizen
        .get(&format!("/ledger/proof/{}", shown.at("/looks/0/proof/leaf")))
        .await;
    let head: Head = proof.at("/checkpoint").parse::<Note>().unwrap().text.parse().unwrap();
    let salt = rules::salt(&shown.at("/looks/0/proof/salt")).unwrap();
    let record = shown.at("/looks/0/proof/record");
    assert!(record.contains("Lê Văn Cường"), "{record}");
    let commitment = rules::commitment("look", &salt, &record);
    let hashes = decoded(&proof.json()["hashes"]);
    let leaf = tree::leaf_hash(&commitment);
    assert!(tree::verify_inclusion(leaf, 300, head.size, &hashes, &head.root));
    let other = tree::leaf_hash(&rules::commitment("look", &salt, &record.replace("card", "address")));
    assert!(!tree::verify_inclusion(other, 300, head.size, &hashes, &head.root));
}

#[tokio::test]
async fn a_page_says_how_a_look_is_proved_also_without_script() {
    let app = TestApp::start().await;
    let citizen = looked_at(&app).await;
    turn(&app).await.unwrap();

    let page = citizen.browser().get("/account/history").await.text();

    assert!(page.contains("data-leaf=\"0\""), "{page}");
    assert!(page.contains("In the ledger, entry 0"), "{page}");
    assert!(page.contains("/assets/ledger.js"), "{page}");
}

#[tokio::test]
async fn nothing_is_committed_to_by_a_unit_of_work_that_failed() {
    let app = TestApp::start().await;
    let commitment = Commitment::to(&app.vault, Kind::Decision, app.now(), &"refused");
    let failed = app
        .db
        .write(move |tx| {
            commit(tx, &commitment)?;
            Err::<(), _>(db::Error::NoRow)
        })
        .await;
    assert!(failed.is_err());

    turn(&app).await.unwrap();

    assert_eq!(app.db.read(store::size).await.unwrap(), 0);
}

#[tokio::test]
async fn the_log_is_served_in_tiles_under_a_head_that_is_signed() {
    let app = TestApp::start().await;
    fill(&app, 300).await;
    let mut outsider = app.client();
    let key: Verifier = outsider.get("/ledger").await.at("/keys/0").parse().unwrap();

    let checkpoint = outsider.get("/ledger/checkpoint").await;

    let note: Note = checkpoint.text().parse().unwrap();
    assert_eq!(key.verify(&note), Ok(None));
    let head: Head = note.text.parse().unwrap();
    assert_eq!((head.origin.as_str(), head.size), ("localhost:8080/ledger", 300));
    let tile = outsider.get("/ledger/tile/0/000").await;
    assert_eq!(tile.body.len(), 256 * 32);
    assert_eq!(
        tile.headers[header::CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(outsider.get("/ledger/tile/0/001.p/44").await.body.len(), 44 * 32);
    assert_eq!(outsider.get("/ledger/tile/1/000.p/1").await.body.len(), 32);
    let entries = outsider.get("/ledger/tile/entries/001.p/44").await.body;
    let entries = rules::unbundle(&entries).unwrap();
    let last = outsider.get("/ledger/tile/0/001.p/44").await.body;
    assert_eq!(tree::leaf_hash(&entries[43]), last[43 * 32..]);
    for nothing in ["0/001.p/45", "0/001", "1/001", "0/1", "entries/002", "2/000.p/1"] {
        let answer = outsider.get(&format!("/ledger/tile/{nothing}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

#[tokio::test]
async fn a_later_head_is_proved_to_continue_an_earlier_one() {
    let app = TestApp::start().await;
    fill(&app, 100).await;
    let mut outsider = app.client();
    let head =
        |answer: &crate::testing::Answer| -> Head { answer.text().parse::<Note>().unwrap().text.parse().unwrap() };
    let old = head(&outsider.get("/ledger/checkpoint").await);
    fill(&app, 400).await;
    let new = head(&outsider.get("/ledger/checkpoint").await);

    let proof = outsider
        .get(&format!("/ledger/consistency/{}/{}", old.size, new.size))
        .await;

    let hashes = decoded(&proof.json()["hashes"]);
    assert!(tree::verify_consistency(
        (old.size, &old.root),
        (new.size, &new.root),
        &hashes
    ));
    assert_eq!(
        outsider.get("/ledger/consistency/5/401").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_witness_signs_a_head_and_a_stranger_does_not() {
    let signer = |seed| SoftKey::from_seed(Algorithm::EdDsa, &[seed; 32]).unwrap();
    let witness = |seed| Verifier::new("witness.example", Use::Cosignature, signer(seed).public().key());
    let key = witness(7).to_string();
    let app = TestApp::start_with(move |config| config.ledger.witnesses = vec![key]).await;
    fill(&app, 3).await;
    let mut client = app.client();
    let note = client.get("/ledger/checkpoint").await.text();
    let cosigned = |seed: u8, note: &str| {
        let text = note.parse::<Note>().unwrap().text;
        let signature = signer(seed)
            .sign(format!("cosignature/v1\ntime 1795000000\n{text}").as_bytes())
            .unwrap();
        let id = witness(seed).to_string();
        let id = u32::from_str_radix(id.split('+').nth(1).unwrap(), 16).unwrap();
        let bytes = [&id.to_be_bytes()[..], &1_795_000_000_u64.to_be_bytes(), &signature].concat();
        format!("{note}— witness.example {}\n", BASE64.encode(bytes))
    };
    let send = async |client: &mut crate::testing::Client, body: String| {
        let request = Request::post("/ledger/cosignatures").header(header::CONTENT_TYPE, "text/plain");
        client.send(request, Body::from(body)).await
    };

    let refused = send(&mut client, cosigned(8, &note)).await;
    let other = send(&mut client, cosigned(7, &note.replacen("\n3\n", "\n4\n", 1))).await;
    let nonsense = send(&mut client, "signed".to_owned()).await;
    let taken = send(&mut client, cosigned(7, &note)).await;

    assert_eq!(refused.at("/type"), "/problems/ledger-no-witness");
    assert_eq!(other.at("/type"), "/problems/ledger-other-checkpoint");
    assert_eq!(nonsense.at("/type"), "/problems/ledger-not-a-checkpoint");
    assert_eq!(taken.status, StatusCode::NO_CONTENT, "{taken}");
    fill(&app, 5).await;
    let witnessed = client.get("/ledger/checkpoint/witnessed").await.text();
    assert_eq!(witnessed, cosigned(7, &note));
}

#[tokio::test]
async fn a_database_older_than_the_last_signed_head_is_not_signed_again() {
    let app = TestApp::start().await;
    fill(&app, 10).await;
    let head = |size, root| {
        let origin = jobs::origin(&app);
        let text = Head { origin, size, root }.to_string();
        let line = jobs::verifier(&app).unwrap();
        let line = line.sign(&*app.keys.signer(LEDGER).unwrap(), &text).unwrap();
        format!("{text}\n{line}\n")
    };

    app.keys
        .keep("ledger.checkpoint", head(11, [0; 32]).as_bytes())
        .unwrap();
    let shorter = turn(&app).await;
    app.keys.keep("ledger.checkpoint", head(9, [0; 32]).as_bytes()).unwrap();
    let rewritten = turn(&app).await;

    assert!(matches!(shorter, Err(Refusal::Shorter(10, 11))), "{shorter:?}");
    assert!(matches!(rewritten, Err(Refusal::Rewritten(9))), "{rewritten:?}");
}

#[tokio::test]
async fn appointments_and_new_keys_are_committed_to() {
    let app = TestApp::start().await;
    officers::command::appoint(&app, "cuong", "Lê Văn Cường", Role::Reviewer, "00004", "Secret-123")
        .await
        .unwrap();
    app.advance(jiff::SignedDuration::from_hours(24));
    keys::rotate(&app, LEDGER).await.unwrap();

    turn(&app).await.unwrap();

    let kind = async |kind: &'static str| app.db.read(move |conn| store::commitments_of(conn, kind, 0, 9)).await;
    assert_eq!(kind("appointment").await.unwrap().len(), 1);
    assert_eq!(kind("key").await.unwrap().len(), 1);
    let published = app.client().get("/ledger").await;
    let note: Note = published.at("/checkpoint").parse().unwrap();
    let signed: Verifier = published.at("/keys/0").parse().unwrap();
    assert_eq!(signed.verify(&note), Ok(None));
    assert_eq!(published.json()["keys"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_decision_on_an_application_is_committed_to() {
    let app = TestApp::start().await;
    let person = app.citizen();
    let mut client = applications::citizen(&app, &person, 0).await;
    let mut reviewer = applications::officer(&app, "xetduyet", Role::Reviewer).await;
    let id = applications::send_level_1(&app, &person, &mut client).await;

    let decided = applications::decide(&mut reviewer, &id, &serde_json::json!({ "decision": "approve" })).await;

    app.run_jobs().await;
    turn(&app).await.unwrap();
    assert_eq!(decided.status, StatusCode::OK, "{decided}");
    let decisions = app.db.read(|conn| store::commitments_of(conn, "decision", 0, 99)).await;
    assert_eq!(decisions.unwrap().len(), 1);
}

#[tokio::test]
async fn of_many_sequencers_at_once_each_gives_other_places() {
    let app = TestApp::start().await;
    let (vault, now) = (app.vault.clone(), app.now());
    app.db
        .write(move |tx| (0..1000).try_for_each(|n| commit(tx, &Commitment::to(&vault, Kind::Decision, now, &n))))
        .await
        .unwrap();

    let sequencers: Vec<_> = (0..8)
        .map(|_| {
            let db = app.db.clone();
            tokio::spawn(async move {
                while db.read(store::any_waiting).await.unwrap() {
                    sequence(&db, 50).await.unwrap();
                }
            })
        })
        .collect();
    for sequencer in sequencers {
        sequencer.await.unwrap();
    }

    let entries = app.db.read(|conn| store::entries(conn, 0, u64::MAX)).await.unwrap();
    assert!(entries.iter().map(|(leaf, _)| *leaf).eq(0..1000));
    let edge = app.db.read(|conn| store::edge(conn, 1000)).await.unwrap();
    let (mut again, mut full) = (tree::Edge::default(), Vec::new());
    for (_, entry) in &entries {
        again.append(tree::leaf_hash(entry), &mut full);
    }
    assert_eq!(edge, again);
}

/// Names the database to a copy of this program that is to be killed.
const VICTIM: &str = "VNEID_TEST_LEDGER_VICTIM";

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_of_the_sequencer_loses_nothing_and_orders_nothing_twice() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the victim is told its database by the environment"
    )]
    if let Ok(url) = std::env::var(VICTIM) {
        return commit_and_sequence_until_killed(&url).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("vneid.db").display());
    let db = Db::open(&url, Options::default()).await.unwrap();
    db.migrate(crate::migrations::all()).await.unwrap();
    db.close().await;
    let mut acknowledged = 0;

    for round in 0..12_u64 {
        let told = told_before_kill(&url, 1 + usize::try_from(round * 2_654_435_761 % 37).unwrap());
        acknowledged += told;

        let db = Db::open(&url, Options::default()).await.unwrap();
        while sequence(&db, 7).await.unwrap() > 0 {}
        let entries = db.read(|conn| store::entries(conn, 0, u64::MAX)).await.unwrap();
        assert!(entries.len() >= acknowledged, "round {round}");
        assert!(
            entries.iter().map(|(leaf, _)| *leaf).eq(0..entries.len() as u64),
            "round {round}"
        );
        let found = audit::audit(&audit::Source::Database(db.clone()), Vec::new(), &[])
            .await
            .unwrap();
        assert!(found.whole, "round {round}: {found:?}");
        assert_eq!(found.size, entries.len() as u64);
        db.close().await;
    }
}

/// Starts a victim, kills it after so many units of work were acknowledged, and answers how many commitments those had.
fn told_before_kill(url: &str, moment: usize) -> usize {
    let mut victim = Process::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "ledger::tests::a_kill_of_the_sequencer_loses_nothing_and_orders_nothing_twice",
            "--nocapture",
        ])
        .env(VICTIM, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = BufReader::new(victim.stdout.take().unwrap());
    let mut told = 0;
    for line in said.lines().map_while(Result::ok) {
        told += usize::from(line == "written");
        if told == moment {
            victim.kill().unwrap();
        }
    }
    assert!(!victim.wait().unwrap().success(), "the victim ended by itself");
    told * 20
}

async fn commit_and_sequence_until_killed(url: &str) {
    println!();
    let db = Db::open(url, Options::default()).await.unwrap();
    let sequencer = db.clone();
    tokio::spawn(async move {
        loop {
            sequence(&sequencer, 100).await.unwrap();
        }
    });
    let keys = Keys::in_memory(&Chance::system(), Timestamp::UNIX_EPOCH).unwrap();
    let vault: Vault = keys.vault().unwrap();
    for turn in 0.. {
        let vault = vault.clone();
        let written = db.write(move |tx| {
            let at = Timestamp::from_second(turn).unwrap();
            (0..20).try_for_each(|n| commit(tx, &Commitment::to(&vault, Kind::Look, at, &n)))
        });
        written.await.unwrap();
        println!("written");
    }
}

#[tokio::test]
async fn a_clock_that_jumps_back_neither_reorders_the_log_nor_stops_it() {
    let app = TestApp::start().await;
    fill(&app, 5).await;
    let before = app.db.read(|conn| store::entries(conn, 0, 5)).await.unwrap();
    let commitment = Commitment::to(&app.vault, Kind::Lock, Timestamp::UNIX_EPOCH, &"from an earlier time");

    app.db.write(move |tx| commit(tx, &commitment)).await.unwrap();
    turn(&app).await.unwrap();

    let after = app.db.read(|conn| store::entries(conn, 0, 6)).await.unwrap();
    assert_eq!(after.len(), 6);
    assert_eq!(after[..5], before[..]);
    let head: Head = app
        .client()
        .get("/ledger/checkpoint")
        .await
        .text()
        .parse::<Note>()
        .unwrap()
        .text
        .parse()
        .unwrap();
    assert_eq!(head.size, 6);
}
