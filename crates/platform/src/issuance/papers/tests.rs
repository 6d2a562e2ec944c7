use credentials::pades::PaperRefusal;
use jiff::SignedDuration;

use crate::issuance::papers;
use crate::shell::keys;
use crate::shell::pdf::{Block, Paper};
use crate::shell::texts::Lang;
use crate::testing::TestApp;

fn paper(app: &TestApp) -> Vec<u8> {
    let paper = Paper {
        title: "Phiếu lý lịch tư pháp số 1".to_owned(),
        author: "Công an thành phố Hà Nội".to_owned(),
        lang: Lang::Vi,
        made_at: app.now(),
        foot: "1".to_owned(),
        blocks: vec![
            Block::Title("PHIẾU".to_owned()),
            Block::Text("Không có án tích".to_owned()),
        ],
    };
    paper.write_unsigned().unwrap()
}

#[tokio::test]
async fn a_sealed_paper_is_judged_by_the_trust_list_also_after_its_key_retired() {
    let app = TestApp::start().await;

    let sealed = papers::seal(&app, &paper(&app), "Công an", "Cấp phiếu").await.unwrap();
    let seal = papers::judge(&app, &sealed).unwrap().unwrap();
    app.advance(SignedDuration::from_hours(25));
    keys::rotate(&app, keys::SEAL).await.unwrap();
    let later = papers::judge(&app, &sealed).unwrap();
    let mut changed = sealed.clone();
    *changed.get_mut(2000).unwrap() ^= 1;

    assert_eq!(seal.signed_at, "2026-11-23T02:00:00Z".parse().unwrap());
    assert!(later.is_ok());
    assert!(matches!(
        papers::judge(&app, &changed).unwrap(),
        Err(PaperRefusal::Changed)
    ));
    assert!(matches!(
        papers::judge(&app, &paper(&app)).unwrap(),
        Err(PaperRefusal::NotSigned)
    ));
}

#[tokio::test]
async fn where_an_authority_for_time_stamps_is_named_nothing_is_sealed_without_it() {
    let app = TestApp::start_with(|config| {
        // Nobody listens on the port that names none.
        config.issuance.time_stamps = Some("http://127.0.0.1:9/".to_owned());
    })
    .await;

    let refused = papers::seal(&app, &paper(&app), "Công an", "Cấp phiếu")
        .await
        .unwrap_err();

    assert_eq!(refused.slug(), "issuance-no-time-stamp");
}
