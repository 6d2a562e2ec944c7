use ::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credentials::identity_qr::Pass;
use crypto::sign::{Algorithm, SoftKey};
use jiff::SignedDuration;
use serde_json::json;

use crate::applications::tests::citizen;
use crate::stays::tests::{HERE, add, desk_officer, draft, hotel, household, purposes, tell};
use crate::testing::TestApp;
use crate::testing::app_wallet::AppWallet;
use crate::testing::wallet::card_holder;

#[tokio::test]
async fn a_guest_comes_in_by_the_code_of_the_card_and_one_that_contradicts_itself_does_not() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut teller = citizen(&app, &host, 1).await;
    let draft = draft(&mut teller, &household()).await;
    let today = app.clock.today();
    let code = visitor.valid_card(today).unwrap().qr(&visitor).unwrap();

    let added = add(&mut teller, &draft, &json!({ "code": code.to_text() })).await;
    let forged = add(
        &mut teller,
        &draft,
        &json!({ "code": "001085912345||Trần Thị An|15011985|Nữ|Số 1, Hà Nội|20072022" }),
    )
    .await;
    let nonsense = add(&mut teller, &draft, &json!({ "code": "xin chào" })).await;
    let no_picture = teller
        .upload(&format!("{draft}/guests"), &[], &[("picture", b"GIF89a")])
        .await;

    assert_eq!(added.at("/guests/0/known_by"), "card", "{added}");
    assert_eq!(added.at("/guests/0/full_name"), visitor.full_name);
    assert_eq!(forged.at("/errors/0/field"), "code");
    assert_eq!(nonsense.at("/errors/0/field"), "code");
    assert_eq!(no_picture.at("/errors/0/field"), "picture");
    app.advance(SignedDuration::from_hours(49));
    app.run_jobs().await;
}

#[tokio::test]
async fn a_guest_comes_in_by_the_identity_qr_and_finds_that_in_the_history() {
    let app = TestApp::start().await;
    let wallet = AppWallet::new(5);
    let mut holder = card_holder(&app).await;
    wallet.bind(&app, &mut holder).await;
    wallet.take(&app, &mut holder).await;
    let pass = wallet.pass(&app, &mut holder).await.at("/pass");
    let pass = Pass::parse(&STANDARD.decode(pass).unwrap()).unwrap();
    app.run_jobs().await;
    let clerk = app
        .citizens()
        .find(|person| person.number != holder.citizen.number)
        .unwrap();
    let mut teller = citizen(&app, &clerk, 1).await;
    let mut officer = desk_officer(&app).await;
    let id = hotel(&app, &mut officer, "Khách sạn Hoa Sen", &clerk).await;
    let draft = draft(&mut teller, &json!({ "facility": id })).await;
    let device = SoftKey::from_seed(Algorithm::Es256, &[5; 32]).unwrap();
    let code = |at| pass.show(&device, at, None).unwrap();

    let old = add(
        &mut teller,
        &draft,
        &json!({ "code": code(app.now() - SignedDuration::from_mins(5)) }),
    )
    .await;
    let added = add(&mut teller, &draft, &json!({ "code": code(app.now()) })).await;
    let looks = purposes(&mut holder.client).await;
    let history = holder.client.get("/account/history?q=Hoa%20Sen").await;

    assert_eq!(old.at("/errors/0/field"), "code", "{old}");
    assert_eq!(added.at("/guests/0/known_by"), "identity", "{added}");
    assert_eq!(added.at("/guests/0/full_name"), holder.citizen.full_name);
    assert!(looks.contains(&"inspection-hotel".to_owned()), "{looks:?}");
    assert_eq!(history.at("/looks/0/name"), "Khách sạn Hoa Sen", "{history}");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_draft_is_its_writers_alone_and_gone_after_two_days() {
    let app = TestApp::start().await;
    let (host, stranger) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut teller = citizen(&app, &host, 1).await;
    let mut other = citizen(&app, &stranger, 1).await;
    let draft = draft(&mut teller, &household()).await;

    let not_theirs = other.get(&draft).await;
    let own = add(&mut teller, &draft, &json!({ "own": "yes" })).await;
    let twice = add(&mut teller, &draft, &json!({ "own": "yes" })).await;
    let out = teller.post(&format!("{draft}/removal"), &json!({ "guest": "0" })).await;
    let nobody = tell(&mut teller, &draft, "2026-11-23T08:30", "2026-11-24T08:30", "visit").await;
    app.advance(SignedDuration::from_hours(49));
    app.run_jobs().await;
    let mut teller = citizen(&app, &host, 1).await;
    let gone = teller.get(&draft).await;

    assert_eq!(not_theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(own.at("/guests/0/known_by"), "own", "{own}");
    assert_eq!(twice.at("/errors/0/field"), "guests");
    assert_eq!(out.at("/guests"), "[]");
    assert_eq!(nobody.at("/errors/0/field"), "guests");
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_way_is_open_to_a_browser_without_script() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut browser = citizen(&app, &host, 1).await.browser();

    let empty = browser.get("/stays").await.text();
    let asked = browser.get("/stays/new").await.text();
    let chosen = browser.get("/stays/new?province=01").await.text();
    let wrong = browser
        .form(
            "/stays/drafts",
            &[("kind", "other"), ("province", "01"), ("commune", HERE)],
        )
        .await;
    let fields = [
        ("kind", "household"),
        ("province", "01"),
        ("commune", HERE),
        ("address", "Số 12"),
    ];
    let to = browser.form("/stays/drafts", &fields).await.location();
    let birth = visitor.date_of_birth.to_string();
    let sex = if visitor.sex.letter() == 'M' { "male" } else { "female" };
    let fields = [
        ("full_name", visitor.full_name.as_str()),
        ("document", "123456789"),
        ("date_of_birth", &birth),
        ("sex", sex),
    ];
    let refused = browser.upload(&format!("{to}/guests"), &fields, &[]).await.text();
    let mut fields = fields;
    fields[1].1 = visitor.number.as_str();
    let added = browser.upload(&format!("{to}/guests"), &fields, &[]).await.location();
    let words = [
        ("from", "2026-11-23T08:30"),
        ("to", "2026-11-24T12:00"),
        ("reason", "visit"),
    ];
    let receipt = browser.form(&format!("{to}/submission"), &words).await.location();
    let shown = browser.get(&receipt).await.text();
    let list = browser.get("/stays/list.csv").await;

    assert!(empty.contains(r#"id="no-stays""#) && asked.contains(r#"id="choose-province""#));
    assert!(chosen.contains("Phường Ba Đình"), "{chosen}");
    assert!(wrong.text().contains(r#"id="address-fault""#) && wrong.text().contains(r#"id="name-fault""#));
    assert!(
        refused.contains(r#"id="document-fault""#) && refused.contains(&visitor.full_name),
        "{refused}"
    );
    assert_eq!(added, to);
    assert!(
        shown.contains("LT-00004-261123-") && shown.contains("1900.0368"),
        "{shown}"
    );
    assert!(list.text().starts_with('\u{feff}'));
    app.run_jobs().await;
}

/// What stands in the form that tells.
fn form(page: &str) -> &str {
    let (_, form) = page.split_once("<form id=\"tell-form\"").unwrap();
    form.split_once("</form>").unwrap().0
}

#[tokio::test]
async fn all_that_a_draft_asks_stands_in_one_form_that_is_sent_once() {
    let app = TestApp::start().await;
    let host = app.citizens().next().unwrap();
    let mut browser = citizen(&app, &host, 1).await.browser();
    let opened = [("kind", "household"), ("commune", HERE), ("address", "Số 12")];
    let to = browser.form("/stays/drafts", &opened).await.location();

    let empty = browser.get(&to).await;

    assert!(empty.sends_once("tell-form"), "{empty}");
    let text = empty.text();
    let fields = [
        "full_name",
        "list",
        "code",
        "from",
        "to",
        "reason",
        "guest-add",
        "list-add",
        "own-add",
    ];
    for field in fields {
        assert!(form(&text).contains(&format!("id=\"{field}\"")), "{field} in {empty}");
    }
}

#[tokio::test]
async fn times_that_are_typed_first_and_a_guest_typed_by_half_are_lost_by_no_button() {
    let app = TestApp::start().await;
    let (host, visitor) = (app.citizens().next().unwrap(), app.citizens().nth(1).unwrap());
    let mut browser = citizen(&app, &host, 1).await.browser();
    let opened = [("kind", "household"), ("commune", HERE), ("address", "Số 12")];
    let to = browser.form("/stays/drafts", &opened).await.location();
    let birth = visitor.date_of_birth.to_string();
    let sex = if visitor.sex.letter() == 'M' { "male" } else { "female" };
    let guest = [
        ("full_name", visitor.full_name.as_str()),
        ("document", visitor.number.as_str()),
        ("date_of_birth", &birth),
        ("sex", sex),
    ];
    let times = [
        ("from", "2026-11-23T08:30"),
        ("to", "2026-11-24T12:00"),
        ("reason", "tourism"),
    ];
    let list = crate::stays::lists::tests::list_of(2);
    let half = [("full_name", "Trần Thị Nửa"), ("document", "")];

    browser
        .upload(&format!("{to}/guests"), &[&guest[..], &times].concat(), &[])
        .await;
    let added = browser.get(&to).await.text();
    let later = [&half[..], &times[..1], &[("to", "2026-11-24T13:00")]].concat();
    browser
        .upload(&format!("{to}/list"), &later, &[("list", list.as_bytes())])
        .await;
    let listed = browser.get(&to).await.text();
    let removal = [&half[..], &[("to", "2026-11-24T14:00"), ("guest", "1")]].concat();
    browser.form(&format!("{to}/removal"), &removal).await;
    let removed = browser.get(&to).await.text();
    let telling = format!("{to}/submission");
    let unsaid = browser.form(&telling, &[&half[..], &times].concat()).await.text();
    let told = browser
        .form(&telling, &[("full_name", ""), ("document", "")])
        .await
        .location();

    assert!(form(&added).contains("value=\"2026-11-23T08:30\""), "{added}");
    assert!(form(&added).contains("value=\"tourism\" selected"), "{added}");
    assert!(
        form(&added).contains("id=\"full_name\" name=\"full_name\" type=\"text\" value=\"\""),
        "{added}"
    );
    for (page, to) in [(&listed, "13:00"), (&removed, "14:00")] {
        assert!(form(page).contains("value=\"2026-11-23T08:30\""), "{page}");
        assert!(form(page).contains(&format!("value=\"2026-11-24T{to}\"")), "{page}");
        assert!(form(page).contains("value=\"Trần Thị Nửa\""), "{page}");
    }
    assert!(unsaid.contains("id=\"full_name-fault\""), "{unsaid}");
    assert!(told.starts_with("/stays/") && !told.contains("drafts"), "{told}");
    app.run_jobs().await;
}
