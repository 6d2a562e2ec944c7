use std::sync::{Arc, Mutex};

use ::http::StatusCode;
use axum::Router;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crypto::sign::{Algorithm, Signer as _, SoftKey};

use super::bring;
use crate::ledger::note::{Head, Note, Use, Verifier};
use crate::ledger::tests::fill;
use crate::ledger::tree::{Hash, verify_consistency};
use crate::testing::TestApp;

/// A witness as C2SP tlog-witness describes it, which remembers the last head.
fn witness(last: Arc<Mutex<Option<Head>>>) -> Router {
    let add = move |body: String| async move {
        let (request, note) = body.split_once("\n\n").unwrap();
        let mut lines = request.lines();
        let old: u64 = lines.next().unwrap().strip_prefix("old ").unwrap().parse().unwrap();
        let proof: Vec<Hash> = lines
            .map(|line| BASE64.decode(line).unwrap().try_into().unwrap())
            .collect();
        let text = note.parse::<Note>().unwrap().text;
        let head: Head = text.parse().unwrap();
        let mut last = last.lock().unwrap();
        let (size, root) = last.as_ref().map_or((0, [0; 32]), |last| (last.size, last.root));
        if old != size {
            return (StatusCode::CONFLICT, format!("{size}\n"));
        }
        if size > 0 && !verify_consistency((size, &root), (head.size, &head.root), &proof) {
            return (StatusCode::UNPROCESSABLE_ENTITY, "not consistent".to_owned());
        }
        *last = Some(head);
        let key = SoftKey::from_seed(Algorithm::EdDsa, &[7; 32]).unwrap();
        let signature = key
            .sign(format!("cosignature/v1\ntime 1795000000\n{text}").as_bytes())
            .unwrap();
        let name = Verifier::new("witness.example", Use::Cosignature, key.public().key()).to_string();
        let id = u32::from_str_radix(name.split('+').nth(1).unwrap(), 16).unwrap();
        let bytes = [&id.to_be_bytes()[..], &1_795_000_000_u64.to_be_bytes(), &signature].concat();
        (StatusCode::OK, format!("— witness.example {}\n", BASE64.encode(bytes)))
    };
    Router::new().route("/add-checkpoint", post(add))
}

#[tokio::test]
async fn a_witness_is_brought_each_head_with_the_proof_that_it_continues_the_last() {
    let key = SoftKey::from_seed(Algorithm::EdDsa, &[7; 32]).unwrap();
    let name = Verifier::new("witness.example", Use::Cosignature, key.public().key()).to_string();
    let app = TestApp::start_with(move |config| config.ledger.witnesses = vec![name]).await;
    let last = Arc::new(Mutex::new(None));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}/add-checkpoint", listener.local_addr().unwrap());
    let router = witness(last.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });

    fill(&app, 3).await;
    let first = bring(&app, &at).await.unwrap();
    app.advance(jiff::SignedDuration::from_secs(1));
    fill(&app, 300).await;
    let second = bring(&app, &at).await.unwrap();

    assert_eq!(first, "1 cosignature on the head of 3 entries");
    assert_eq!(second, "1 cosignature on the head of 303 entries");
    let told = app.client().get("/ledger/checkpoint/witnessed").await.text();
    assert!(
        told.contains("\n303\n") && told.contains("— witness.example "),
        "{told}"
    );

    // The witness saw another head of that size: it is told as what it is.
    last.lock().unwrap().as_mut().unwrap().size = 1000;
    let older = bring(&app, &at).await.unwrap_err().to_string();
    assert!(older.contains("it is older"), "{older}");
}
