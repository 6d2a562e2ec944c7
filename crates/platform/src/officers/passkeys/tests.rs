//! Officers' passkeys, through the router.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::officers::{Role, appoint};
use crate::shell::config::Config;
use crate::testing::{Answer, Authenticator, Client, TestApp};

const PASSWORD: &str = "Canbo@2026";

/// A house in which every role needs its passkey, with an administrator who has one.
struct House {
    app: TestApp,
    administrator: Client,
}

impl House {
    async fn start() -> Self {
        let app = TestApp::start_with(|config| config.officers = Config::default().officers).await;
        for (login, name, role) in [
            ("tiepnhan", "Lê Văn Cường", Role::Counter),
            ("xetduyet", "Phạm Thị Dung", Role::Reviewer),
            ("quantri", "Vũ Minh Đức", Role::Administrator),
        ] {
            appoint(&app, login, name, role, "00004", PASSWORD).await.unwrap();
        }
        let command = crate::officers::command::Command::Enrol {
            login: "quantri".to_owned(),
            reason: super::Reason::First,
        };
        let said = command.run(&app).await.unwrap();
        let mut administrator = sign_in(&app, "quantri").await;
        let code = said.split(' ').next().unwrap();
        enrol(&mut administrator, &mut Authenticator::new(1), code).await;
        Self { app, administrator }
    }

    async fn page(&mut self, login: &str) -> String {
        let listed = self.administrator.get("/officers").await.json();
        let officers = listed["officers"].as_array().unwrap();
        let found = officers.iter().find(|officer| officer["login"] == login).unwrap();
        format!("/officers/{}/passkeys", found["officer"].as_str().unwrap())
    }

    async fn give(&mut self, login: &str, reason: &str) -> String {
        let page = self.page(login).await;
        let answer = self.administrator.post(&page, &json!({ "reason": reason })).await;
        answer.at("/code")
    }

    /// An officer who has enrolled.
    async fn enrolled(&mut self, login: &str, phone: &mut Authenticator) -> Client {
        let code = self.give(login, "first").await;
        let mut client = sign_in(&self.app, login).await;
        enrol(&mut client, phone, &code).await;
        client
    }
}

async fn sign_in(app: &TestApp, login: &str) -> Client {
    let mut client = app.client();
    let form = json!({ "login": login, "password": PASSWORD });
    assert_eq!(client.post("/officers/signin", &form).await.status, 200);
    client
}

async fn begin(client: &mut Client, code: &str) -> Answer {
    client
        .post("/officers/passkey/challenge", &json!({ "code": code }))
        .await
}

async fn keep(client: &mut Client, phone: &mut Authenticator, challenge: &Value, code: &str) -> Answer {
    let credential = phone.make(&challenge["options"]);
    let form =
        json!({ "ceremony": challenge["ceremony"], "credential": credential, "code": code, "label": "Máy cơ quan" });
    client.post("/officers/passkey", &form).await
}

async fn enrol(client: &mut Client, phone: &mut Authenticator, code: &str) -> Answer {
    let challenge = begin(client, code).await.json();
    keep(client, phone, &challenge, code).await
}

async fn prove(client: &mut Client, phone: &mut Authenticator) -> Answer {
    let challenge = client
        .post("/officers/passkey/proof/challenge", &json!({}))
        .await
        .json();
    let credential = phone.prove(&challenge["options"]);
    let form = json!({ "ceremony": challenge["ceremony"], "credential": credential, "next": "/officers/queue" });
    client.post("/officers/passkey/proof", &form).await
}

#[tokio::test]
async fn a_password_alone_opens_nothing_and_a_browser_is_led_to_the_passkey() {
    let mut house = House::start().await;
    let mut phone = Authenticator::new(2);
    house.enrolled("xetduyet", &mut phone).await;

    let mut reviewer = sign_in(&house.app, "xetduyet").await;
    let refused = reviewer.get("/officers/queue").await;
    let mut browser = reviewer.clone().browser();
    let sent = browser.get("/officers/queue").await.location();
    let page = browser.get(&sent).await.text();
    let desk = reviewer.get("/officers/desk").await;
    let proven = prove(&mut reviewer, &mut phone).await;
    let queue = reviewer.get("/officers/queue").await;

    assert_eq!(refused.at("/type"), "/problems/officers-second-factor");
    assert_eq!(sent, "/officers/passkey?next=%2Fofficers%2Fqueue");
    assert!(
        page.contains(r#"data-challenge="/officers/passkey/proof/challenge""#),
        "{page}"
    );
    assert_eq!(desk.at("/second_factor"), "missing");
    assert_eq!(desk.json()["tiles"], json!([]));
    assert_eq!(
        (proven.at("/second_factor"), proven.at("/next")),
        ("given".to_owned(), "/officers/queue".to_owned())
    );
    assert_eq!(queue.status, 200);
}

#[tokio::test]
async fn a_browser_goes_from_the_password_to_the_passkey() {
    let house = House::start().await;
    let mut browser = house.app.client().browser();

    let fields = [("login", "tiepnhan"), ("password", PASSWORD), ("next", "/counter")];
    let to = browser.form("/officers/signin", &fields).await.location();

    assert_eq!(to, "/officers/passkey?next=%2Fcounter");
}

#[tokio::test]
async fn a_code_enrols_one_passkey_of_one_officer_and_works_at_once() {
    let mut house = House::start().await;
    let code = house.give("tiepnhan", "first").await;
    let mut counter = sign_in(&house.app, "tiepnhan").await;
    let mut reviewer = sign_in(&house.app, "xetduyet").await;

    let of_another = begin(&mut reviewer, &code).await;
    let mut before = counter.clone();
    let enrolled = enrol(&mut counter, &mut Authenticator::new(2), &code.to_lowercase()).await;
    let again = begin(&mut counter, &code).await;

    insta::assert_snapshot!(of_another, @r#"
    403 Forbidden
    {"type":"/problems/officers-passkey-code","status":403,"title":"The code is wrong or no longer good","detail":"Check it, or ask an administrator for a new one. Five wrong tries use a code up."}
    "#);
    assert_eq!(enrolled.at("/passkeys/0/label"), "Máy cơ quan");
    assert_eq!(counter.get("/counter").await.status, 200);
    assert_eq!(again.at("/type"), "/problems/officers-passkey-code");
    // The session of the password alone is over: it would be of use to whoever copied it before.
    assert_eq!(before.get("/officers/desk").await.status, 401);
}

#[tokio::test]
async fn a_code_ends_after_five_wrong_tries_after_a_day_and_by_the_next() {
    let mut house = House::start().await;
    let mut counter = sign_in(&house.app, "tiepnhan").await;

    let tried = house.give("tiepnhan", "first").await;
    for _ in 0..5 {
        begin(&mut counter, "00000000").await;
    }
    let worn_out = begin(&mut counter, &tried).await.status;
    let replaced = house.give("tiepnhan", "first").await;
    let newest = house.give("tiepnhan", "first").await;
    let of_the_old = begin(&mut counter, &replaced).await.status;
    // What begins with a right code costs no try: an authenticator may be slow to answer.
    let mut of_the_new = Vec::new();
    for _ in 0..6 {
        of_the_new.push(begin(&mut counter, &newest).await.status.as_u16());
    }
    let challenge = begin(&mut counter, &newest).await.json();
    house.app.advance(SignedDuration::from_hours(24));
    let mut counter = sign_in(&house.app, "tiepnhan").await;
    let late = begin(&mut counter, &newest).await.status;
    let kept_late = keep(&mut counter, &mut Authenticator::new(2), &challenge, &newest).await;

    assert_eq!((worn_out.as_u16(), of_the_old.as_u16(), late.as_u16()), (403, 403, 403));
    assert_eq!(of_the_new, [200; 6]);
    assert_eq!(kept_late.status, 403);
}

#[tokio::test]
async fn who_lost_a_passkey_is_shut_out_until_a_new_code_and_the_record_tells_all() {
    let mut house = House::start().await;
    let (mut lost, mut new) = (Authenticator::new(2), Authenticator::new(3));
    let mut reviewer = house.enrolled("xetduyet", &mut lost).await;

    let code = house.give("xetduyet", "lost").await;
    let ended = reviewer.get("/officers/desk").await.status;
    let mut reviewer = sign_in(&house.app, "xetduyet").await;
    let nothing_to_prove = reviewer.post("/officers/passkey/proof/challenge", &json!({})).await;
    enrol(&mut reviewer, &mut new, &code).await;
    let mut later = sign_in(&house.app, "xetduyet").await;
    let by_the_lost = prove(&mut later, &mut lost).await;
    let by_the_new = prove(&mut later, &mut new).await;
    let page = house.page("xetduyet").await;
    let record = house.administrator.get(&page).await;

    assert_eq!(ended, 401);
    assert_eq!(nothing_to_prove.at("/type"), "/problems/officers-passkey-none");
    assert_eq!(by_the_lost.at("/type"), "/problems/passkey-refused");
    assert_eq!(by_the_new.status, 200);
    for (nth, reason) in [(0, "lost"), (1, "first")] {
        assert_eq!(record.at(&format!("/codes/{nth}/reason")), reason);
        assert_eq!(record.at(&format!("/codes/{nth}/given_by")), "quantri");
        assert_ne!(record.at(&format!("/codes/{nth}/used_at")), "null");
    }
    assert_eq!(record.at("/code"), "null");
}

#[tokio::test]
async fn only_an_administrator_gives_codes_and_never_to_oneself() {
    let mut house = House::start().await;
    let mut reviewer = house.enrolled("xetduyet", &mut Authenticator::new(2)).await;
    let (own, others) = (house.page("quantri").await, house.page("tiepnhan").await);

    let of_a_reviewer = reviewer.post(&others, &json!({ "reason": "lost" })).await;
    let to_oneself = house.administrator.post(&own, &json!({ "reason": "further" })).await;
    let without_reason = house.administrator.post(&others, &json!({})).await;
    let mut with_the_password_alone = sign_in(&house.app, "quantri").await;
    let unproven = with_the_password_alone
        .post(&others, &json!({ "reason": "lost" }))
        .await;

    assert_eq!(of_a_reviewer.at("/type"), "/problems/officers-other-role");
    assert_eq!(to_oneself.at("/type"), "/problems/officers-passkey-own");
    assert_eq!(without_reason.status, 422);
    assert_eq!(unproven.at("/type"), "/problems/officers-second-factor");
}

#[tokio::test]
async fn an_officer_proves_only_the_own_passkey() {
    let mut house = House::start().await;
    let (mut mine, mut others) = (Authenticator::new(2), Authenticator::new(3));
    house.enrolled("xetduyet", &mut mine).await;
    house.enrolled("tiepnhan", &mut others).await;

    let mut reviewer = sign_in(&house.app, "xetduyet").await;
    let answer = prove(&mut reviewer, &mut others).await;

    assert_eq!(answer.at("/type"), "/problems/passkey-refused");
    assert_eq!(reviewer.get("/officers/queue").await.status, 403);
}
