use ::http::{Method, Request, StatusCode, header};
use axum::body::Body;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::sso::tests::{PORTAL, VERIFIER, begin, code, exchange};
use crate::testing::{Answer, Holder, TestApp};

/// A portal that a person has signed in to, and the access token that it got.
struct Portal {
    app: TestApp,
    holder: Holder,
    token: String,
}

async fn portal() -> Portal {
    let (app, mut holder) = begin(Level::Two).await;
    let token = token(&app, &mut holder).await;
    Portal { app, holder, token }
}

async fn token(app: &TestApp, holder: &mut Holder) -> String {
    let code = code(holder, "portal", PORTAL, "openid profile").await;
    exchange(app, &code, VERIFIER).await.at("/access_token")
}

impl Portal {
    async fn send(&self, token: &str, method: Method, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.app.client().send(request, Body::from(body.to_string())).await
    }

    async fn propose(&self, accounts: Value) -> Answer {
        let body = json!({ "accounts": accounts, "return_to": PORTAL });
        self.send(&self.token, Method::POST, "/linking/proposals", &body).await
    }

    async fn link(&self) -> Answer {
        self.send(&self.token, Method::GET, "/linking/link", &Value::Null).await
    }

    fn own(&self, account: &str) -> Value {
        json!({ "account": account, "label": format!("{account}@cong"), "number": self.holder.citizen.number.as_str() })
    }

    /// An account without a number that has the person's name and date of birth.
    fn named(&self, account: &str) -> Value {
        let citizen = &self.holder.citizen;
        json!({ "account": account, "full_name": citizen.full_name, "date_of_birth": citizen.date_of_birth.to_string() })
    }

    async fn choose(&mut self, proposed: &Answer, body: &Value) -> Answer {
        let address = proposed.at("/person_goes_to");
        let path = address.strip_prefix("http://localhost:8080").unwrap();
        self.holder.client.post(path, body).await
    }
}

#[tokio::test]
async fn an_account_with_the_persons_number_is_linked_at_the_first_sign_in() {
    let mut portal = portal().await;
    portal.app.advance(SignedDuration::from_secs(1));

    let linked = portal.propose(json!([portal.own("cu-1")])).await;
    let again = portal.propose(json!([portal.own("cu-1")])).await;
    let known = portal.link().await;
    let listed = portal.holder.client.get("/account/links").await;
    let history = portal.holder.client.get("/account/history").await;

    assert_eq!(
        (linked.at("/state"), linked.at("/account")),
        ("linked".into(), "cu-1".into())
    );
    assert_eq!(
        (again.at("/state"), known.at("/account")),
        ("linked".into(), "cu-1".into())
    );
    assert_eq!(
        (listed.at("/links/0/label"), listed.at("/links/0/how")),
        ("cu-1@cong".into(), "number".into())
    );
    assert_eq!(history.at("/looks/0/purpose"), "linking");
}

#[tokio::test]
async fn an_account_without_a_number_is_linked_once_the_person_confirms() {
    let mut portal = portal().await;

    let proposed = portal.propose(json!([portal.named("cu-2")])).await;
    let before = portal.link().await;
    let neither = portal.choose(&proposed, &json!({})).await;
    let confirmed = portal.choose(&proposed, &json!({ "account": "cu-2" })).await;
    let twice = portal.choose(&proposed, &json!({ "account": "cu-2" })).await;

    assert_eq!(
        (proposed.at("/state"), before.at("/account")),
        ("confirm".into(), "null".into())
    );
    assert_eq!(neither.at("/errors/0/field"), "account");
    assert_eq!(
        (confirmed.at("/account"), confirmed.at("/return_to")),
        ("cu-2".into(), PORTAL.into())
    );
    assert_eq!(
        (twice.status, portal.link().await.at("/account")),
        (StatusCode::NOT_FOUND, "cu-2".into())
    );
}

#[tokio::test]
async fn of_two_candidates_the_person_chooses_or_takes_none() {
    let mut portal = portal().await;
    let accounts = json!([portal.own("cu-1"), portal.own("cu-2")]);

    let first = portal.propose(accounts.clone()).await;
    let foreign = portal.choose(&first, &json!({ "account": "cu-9" })).await;
    let none = portal.choose(&first, &json!({ "answer": "none" })).await;
    let second = portal.propose(accounts).await;
    portal.choose(&second, &json!({ "account": "cu-2" })).await;

    assert_eq!(
        (first.at("/state"), foreign.status),
        ("choose".into(), StatusCode::UNPROCESSABLE_ENTITY)
    );
    assert_eq!(none.at("/account"), "null");
    assert_eq!(portal.link().await.at("/account"), "cu-2");
}

#[tokio::test]
async fn another_persons_account_is_refused_without_any_data() {
    let portal = portal().await;
    let other = portal.app.citizens().nth(1).unwrap();
    let wrong = json!([{ "account": "cu-1", "number": other.number.as_str(), "full_name": other.full_name }]);
    let unlike = json!([{ "account": "cu-1", "full_name": other.full_name, "date_of_birth": "1950-01-01" }]);

    let by_number = portal.propose(wrong).await;
    let by_name = portal.propose(unlike).await;

    assert_eq!(
        by_number.json(),
        json!({ "state": "refused", "reason": "wrong-person" })
    );
    assert_eq!(by_name.json(), json!({ "state": "refused", "reason": "different" }));
    assert_eq!(portal.link().await.at("/account"), "null");
}

#[tokio::test]
async fn an_account_that_is_linked_elsewhere_stays_there_until_it_is_unlinked() {
    let mut portal = portal().await;
    let citizen = portal.app.citizens().nth(1).unwrap();
    let number = citizen.number.clone();
    let mut other = portal.app.holder(citizen, Level::Two).await;
    let theirs = token(&portal.app, &mut other).await;
    portal.propose(json!([portal.own("chung")])).await;
    let same = json!({ "accounts": [{ "account": "chung", "number": number.as_str() }] });

    let refused = portal.send(&theirs, Method::POST, "/linking/proposals", &same).await;
    let second = portal.propose(json!([portal.own("cu-2")])).await;
    let ended = portal
        .holder
        .client
        .post("/account/links/unlink", &json!({ "client_id": "portal" }))
        .await;
    let free = portal.send(&theirs, Method::POST, "/linking/proposals", &same).await;
    let left = portal
        .send(&theirs, Method::DELETE, "/linking/link", &Value::Null)
        .await;
    let gone = portal
        .send(&theirs, Method::DELETE, "/linking/link", &Value::Null)
        .await;

    assert_eq!(refused.at("/reason"), "linked-elsewhere");
    assert_eq!(second.at("/reason"), "other-account-linked");
    assert_eq!(ended.json()["links"], json!([]));
    assert_eq!(
        (free.at("/state"), left.status, gone.status),
        ("linked".into(), StatusCode::NO_CONTENT, StatusCode::NOT_FOUND)
    );
}

#[tokio::test]
async fn a_portal_cannot_find_out_what_agrees_by_trying() {
    let portal = portal().await;
    let guess = json!([{ "account": "cu-1", "full_name": "Nguyễn Văn A", "date_of_birth": "1990-01-01" }]);
    for _ in 0..10 {
        assert_eq!(portal.propose(guess.clone()).await.status, StatusCode::OK);
    }

    let eleventh = portal.propose(guess).await;

    assert_eq!(eleventh.at("/type"), "/problems/linking-too-often");
}

#[tokio::test]
async fn a_proposal_is_the_persons_own_and_comes_with_a_token() {
    let portal = portal().await;
    let citizen = portal.app.citizens().nth(1).unwrap();
    let mut other = portal.app.holder(citizen, Level::Two).await;
    let proposed = portal.propose(json!([portal.named("cu-2")])).await;
    let path = proposed.at("/person_goes_to").replace("http://localhost:8080", "");
    let away = json!({ "accounts": [portal.own("cu-1")], "return_to": "https://evil.example/" });

    let strange = other.client.post(&path, &json!({ "account": "cu-2" })).await;
    let stranger = portal
        .send("nobody", Method::POST, "/linking/proposals", &json!({ "accounts": [] }))
        .await;
    let empty = portal.propose(json!([])).await;
    let elsewhere = portal
        .send(&portal.token, Method::POST, "/linking/proposals", &away)
        .await;

    assert_eq!(
        (strange.status, stranger.status),
        (StatusCode::NOT_FOUND, StatusCode::UNAUTHORIZED)
    );
    assert_eq!(
        (empty.status, elsewhere.status),
        (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY)
    );
}
