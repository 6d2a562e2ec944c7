use ::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::applications::tests::{PASSCODE, officer};
use crate::documents::tests::{adult, mother, opened};
use crate::inspection::tests::named_by;
use crate::officers::Role;
use crate::testing::{Client, TestApp};

/// Makes the code of a choice; its number.
async fn handover(client: &mut Client, purpose: &str, papers: &[&str]) -> String {
    let mut choice = json!({ "purpose": purpose, "passcode": PASSCODE });
    for paper in papers {
        choice[format!("paper-{paper}")] = json!("yes");
    }
    let made = client.post("/documents/handovers", &choice).await;
    assert_eq!(made.status, StatusCode::OK, "{made}");
    made.at("/id")
}

/// The names of what a receiver sees of each paper.
fn seen(answer: &Value) -> String {
    let names = |fields: &Value| {
        let fields = fields.as_array().unwrap().iter();
        fields
            .map(|field| field["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let papers = answer["holder"]["papers"].as_array().unwrap().iter();
    let told = papers.map(|paper| {
        let content = &paper["content"];
        let parts = content["parts"].as_array().into_iter().flatten().next();
        let parts = parts.map(|part| format!(" / {}", names(&part["fields"])));
        format!(
            "{}: {}{}",
            paper["kind"].as_str().unwrap(),
            names(&content["fields"]),
            parts.unwrap_or_default()
        )
    });
    told.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story from its beginning to its end")]
async fn each_receiver_sees_of_the_chosen_papers_what_its_purpose_allows_and_the_holder_who_saw_it() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let mut receivers = vec![("traffic", officer(&app, "kiemtra", Role::Inspector).await)];
    for (at, purpose) in [(11, "hospital"), (12, "hotel"), (13, "airport"), (14, "bank")] {
        receivers.push((purpose, named_by(&app, at, purpose).await));
    }
    let choices = [
        (
            "traffic",
            vec!["driving-licence", "vehicles"],
            "driving-licence: full-name classes points birth issued issued-by / class-meaning issued\nvehicles: owner / vehicle-kind owner brand colour engine chassis seats",
        ),
        (
            "hospital",
            vec!["health-insurance", "health-book"],
            "health-insurance: facility benefit valid-to valid-from facility-code group\nhealth-book: allergies",
        ),
        (
            "hotel",
            vec!["personal"],
            "personal: full-name birth sex permanent nationality",
        ),
        ("airport", vec!["personal"], "personal: full-name birth sex nationality"),
        (
            "bank",
            vec!["personal", "id-cards"],
            "personal: full-name birth sex permanent current nationality\nid-cards: issued issued-by",
        ),
    ];

    for ((purpose, receiver), (chosen_for, papers, fields)) in receivers.iter_mut().zip(choices) {
        assert_eq!(*purpose, chosen_for);
        let id = handover(&mut client, purpose, &papers).await;
        let knocked = receiver.get(&format!("/inspection/papers/{id}")).await;
        let opened = receiver.post(&format!("/inspection/papers/{id}"), &json!({})).await;
        let shown = client.get(&format!("/documents/handovers/{id}")).await;

        assert_eq!(knocked.at("/may"), "true", "{knocked}");
        assert!(
            !knocked.text().contains(&person.full_name),
            "nothing before it is opened"
        );
        let opened = opened.json();
        let told = seen(&opened);
        for (line, expected) in told.lines().zip(fields.lines()) {
            // What not every paper has stands at the end or between: the beginning has to agree, and nothing else may be there.
            let allowed: Vec<&str> = expected.split([' ', '/']).collect();
            let more = ["co-owner", "inspected-until", "five-years", "temporary"];
            assert!(
                line.split([' ', '/'])
                    .all(|name| allowed.contains(&name) || more.contains(&name)),
                "{line} / {expected}"
            );
        }
        assert_eq!(told.lines().count(), fields.lines().count(), "{told}");
        assert_eq!(opened["holder"]["full_name"], person.full_name.as_str());
        assert!(opened["holder"].get("address").is_none(), "{opened}");
        assert_eq!(shown.at("/state"), "seen");
        assert!(!shown.at("/seen_by").is_empty());
    }
    let history = client.get("/account/history").await.json();
    let page = client.clone().browser().get("/account/history").await;
    for purpose in ["traffic", "hospital", "hotel", "airport", "bank"] {
        let looks = history["looks"].as_array().unwrap();
        let slug = format!("inspection-{purpose}");
        assert!(
            looks.iter().any(|look| look["purpose"] == slug.as_str()),
            "{slug}: {history}"
        );
    }
    assert!(
        page.text().contains("Circular 73/2024/TT-BCA, article 8"),
        "the legal effect is noted"
    );
}

#[tokio::test]
async fn a_code_is_opened_once_by_a_receiver_of_its_purpose_and_in_time() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let mut hotel = named_by(&app, 12, "hotel").await;
    let mut bank = named_by(&app, 14, "bank").await;

    let id = handover(&mut client, "hotel", &["personal"]).await;
    let place = format!("/inspection/papers/{id}");
    let other = bank.post(&place, &json!({})).await;
    let citizen = client.post(&place, &json!({})).await;
    let link = client.get(&format!("/documents/handovers/{id}")).await.at("/link");
    let scanned = hotel
        .post("/inspection", &json!({ "code": link, "purpose": "hotel" }))
        .await;
    let again = hotel.post(&place, &json!({})).await;
    let late = handover(&mut client, "hotel", &["personal"]).await;
    app.advance(SignedDuration::from_secs(301));
    let late = hotel.post(&format!("/inspection/papers/{late}"), &json!({})).await;

    assert_eq!(other.at("/type"), "/problems/inspection-other-purpose");
    assert_eq!(citizen.at("/type"), "/problems/inspection-not-an-inspector");
    assert_eq!(scanned.at("/holder/full_name"), person.full_name, "{scanned}");
    for over in [again, late] {
        assert_eq!(over.at("/type"), "/problems/documents-handover-over");
        assert!(!over.text().contains(&person.full_name));
    }
}

#[tokio::test]
async fn a_paper_that_is_not_in_force_is_no_green_light() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let mut road = officer(&app, "kiemtra", Role::Inspector).await;
    let fate = nation::sources::Fate {
        licence: Some((nation::licence::LicenceState::Revoked, app.clock.today())),
        ..nation::sources::Fate::default()
    };
    app.faults().fates().set(person.number.as_str(), fate);
    crate::registries::read_all(&app).await;
    app.run_jobs().await;

    let id = handover(&mut client, "traffic", &["driving-licence"]).await;
    let seen = road.post(&format!("/inspection/papers/{id}"), &json!({})).await;

    assert_eq!(seen.at("/outcome"), "caution", "{seen}");
    assert_eq!(seen.at("/holder/papers/0/content/badge/state"), "withdrawn-right");
}

#[tokio::test]
async fn a_locked_card_shows_no_papers() {
    let app = TestApp::start().await;
    let person = adult(&app).await;
    let mut client = opened(&app, &person).await;
    let mut hotel = named_by(&app, 12, "hotel").await;
    let id = handover(&mut client, "hotel", &["personal"]).await;

    client
        .post(
            "/account/locks",
            &json!({ "reason": "Mất điện thoại", "confirm": "yes" }),
        )
        .await;
    let refused = hotel.post(&format!("/inspection/papers/{id}"), &json!({})).await;
    app.run_jobs().await;

    assert_eq!(refused.at("/type"), "/problems/documents-handover-over");
}

#[tokio::test]
async fn a_mother_shows_her_childs_insurance_and_is_named_as_who_shows_it() {
    let app = TestApp::start().await;
    let (mother, child) = mother(&app);
    let mut client = opened(&app, &mother).await;
    let mut hospital = named_by(&app, 11, "hospital").await;
    let list = client.get("/documents/dependants").await.json();
    let dependants = list["dependants"].as_array().unwrap();
    let elder = dependants
        .iter()
        .find(|one| one["full_name"] == child.full_name.as_str())
        .unwrap();
    let choice = json!({
        "purpose": "hospital", "whose": elder["id"], "paper-health-insurance": "yes", "passcode": PASSCODE,
    });

    let stranger =
        json!({ "purpose": "hospital", "whose": "00", "paper-health-insurance": "yes", "passcode": PASSCODE });
    let stranger = client.post("/documents/handovers", &stranger).await;
    let made = client.post("/documents/handovers", &choice).await;
    let seen = hospital
        .post(&format!("/inspection/papers/{}", made.at("/id")), &json!({}))
        .await;

    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    assert_eq!(seen.at("/holder/full_name"), child.full_name, "{seen}");
    assert_eq!(seen.at("/holder/number"), child.number.as_str());
    assert_eq!(seen.at("/by"), mother.full_name);
    assert_eq!(seen.at("/holder/papers/0/kind"), "health-insurance");
    let history = client.get("/account/history").await.text();
    assert!(history.contains("inspection-hospital"), "{history}");
}
