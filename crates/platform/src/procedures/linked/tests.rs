use ::http::StatusCode;
use civil::Sex;
use jiff::SignedDuration;
use nation::people::{Kinship, MaritalStatus};
use nation::sources::{Fault, Source};
use serde_json::{Value, json};

use crate::applications::tests::{PASSCODE, citizen, officer_of};
use crate::officers::{self, Role};
use crate::procedures::tests::{decide, open, reviewer};
use crate::registries;
use crate::testing::{Client, TestApp};

/// A married woman whose husband the population database knows.
pub(in crate::procedures) fn mother(app: &TestApp) -> nation::Person {
    app.citizens()
        .find(|one| {
            one.sex == Sex::Female
                && one.marital_status == Some(MaritalStatus::Married)
                && one.related(Kinship::Spouse).next().is_some()
        })
        .unwrap()
}

/// A body that answers nobody.
fn down() -> Fault {
    Fault {
        down: true,
        ..Fault::default()
    }
}

/// What is typed of a child.
fn birth() -> Value {
    json!({
        "child_name": "Nguyễn Minh Khôi", "child_sex": "male", "child_birth": "2026-11-20",
        "birth_place": "Bệnh viện Phụ sản Hà Nội", "ethnicity": "Kinh", "origin": "Hà Nội",
        "facility": "Trạm y tế phường", "go": "check",
    })
}

/// Declares a birth; the number of the whole.
async fn declare_birth(client: &mut Client) -> String {
    let draft = open(client, "birth").await;
    send(client, &draft, &birth()).await
}

pub(in crate::procedures) async fn send(client: &mut Client, draft: &str, filled: &Value) -> String {
    let checked = client.post(draft, filled).await;
    assert_eq!(checked.status, StatusCode::OK, "{checked}");
    let agreed = json!({ "consent-share": "on", "version": checked.at("/version") });
    let sent = client.post(&format!("{draft}/check"), &agreed).await;
    assert!(["new", "stopped"].contains(&sent.at("/status").as_str()), "{sent}");
    sent.at("/id")
}

pub(in crate::procedures) async fn tracked(client: &mut Client, id: &str) -> Value {
    client.get(&format!("/procedures/dossiers/{id}")).await.json()
}

/// What the parts are and where they stand.
pub(in crate::procedures) fn parts(tracked: &Value) -> Vec<(String, String)> {
    let said = |part: &Value, name: &str| part[name].as_str().unwrap().to_owned();
    let parts = tracked["parts"].as_array().unwrap().iter();
    parts.map(|part| (said(part, "code"), said(part, "status"))).collect()
}

pub(in crate::procedures) fn stands(code: &str, status: &str) -> (String, String) {
    (code.to_owned(), status.to_owned())
}

/// Lets bodies decide and be asked.
pub(in crate::procedures) async fn let_bodies_decide(app: &TestApp) {
    for _ in 0..3 {
        app.advance(SignedDuration::from_mins(16));
        app.run_jobs().await;
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story from its beginning to its end")]
async fn a_birth_goes_through_three_bodies_and_the_child_is_a_dependant_with_its_insurance_card() {
    let app = TestApp::start().await;
    let mother = mother(&app);
    let mut client = citizen(&app, &mother, 2).await;
    let mut officer = reviewer(&app, &mother).await;

    let id = declare_birth(&mut client).await;
    app.run_jobs().await;
    let begun = tracked(&mut client, &id).await;
    let_bodies_decide(&app).await;
    let registered = tracked(&mut client, &id).await;
    let waiting = officer.get("/officers/procedures").await.json();
    let at_police = waiting["dossiers"][0]["id"].as_str().unwrap().to_owned();
    officer
        .post(&format!("/officers/procedures/{at_police}/claim"), &json!({}))
        .await;
    let received = decide(&mut officer, &at_police, "received", "").await;
    decide(&mut officer, &at_police, "granted", "Đã đăng ký thường trú").await;
    let_bodies_decide(&app).await;
    let ended = tracked(&mut client, &id).await;
    client.post("/documents", &json!({ "passcode": PASSCODE })).await;
    let dependants = client.get("/documents/dependants").await.json();
    let child = dependants["dependants"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["full_name"] == "Nguyễn Minh Khôi");
    let child = child.unwrap_or_else(|| panic!("no child: {dependants}"));
    let papers = client
        .get(&format!("/documents/dependants/{}", child["id"].as_str().unwrap()))
        .await;
    let page = client
        .clone()
        .browser()
        .get(&format!("/procedures/dossiers/{id}"))
        .await
        .text();

    assert_eq!(
        (begun["status"].as_str(), parts(&begun)),
        (Some("processing"), vec![stands("birth-registration", "processing")])
    );
    // Three working days from Monday the 23rd; Tuesday is a holiday.
    assert!(
        begun["deadline_at"].as_str().unwrap().starts_with("2026-11-27"),
        "{begun}"
    );
    assert_eq!(
        parts(&registered),
        [
            stands("birth-registration", "returned"),
            stands("birth-residence", "new"),
            stands("birth-insurance", "processing"),
        ]
    );
    assert!(
        received.text().contains(child["personal_number"].as_str().unwrap()),
        "{received}"
    );
    assert_eq!(ended["status"], "returned", "{ended}");
    let facts: Vec<&str> = ended["decision"]["facts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fact| fact[0].as_str().unwrap())
        .collect();
    assert_eq!(facts, ["child-number", "extract", "card", "valid-to"]);
    assert!(
        papers.text().contains("\"TE\"") || papers.text().contains("TE1"),
        "{papers}"
    );
    assert!(page.contains("id=\"parts\"") && !page.contains(">procedure"), "{page}");
    registries::read_all(&app).await;
    app.run_jobs().await;
}

/// How often a part stands on the page of bodies that are behind, as an operator, two chiefs and one of elsewhere see it; it names nobody.
async fn listed_as_behind(app: &TestApp, mother: &nation::Person, part: &str) -> [usize; 4] {
    let commune = mother.permanent_residence.commune;
    let elsewhere = if commune.province == "01" { "79" } else { "01" };
    let asked = [
        (Role::Administrator, officers::MINISTRY),
        (Role::Chief, commune.code),
        (Role::Chief, commune.province),
        (Role::Chief, elsewhere),
    ];
    let mut found = [0; 4];
    for (count, (role, unit)) in found.iter_mut().zip(asked) {
        let login = format!("{unit}-{}", app.now().as_second()).to_lowercase();
        let mut officer = officer_of(app, &login, role, unit).await;
        let behind = officer.get("/officers/procedures/behind").await;
        let page = officer.browser().get("/officers/procedures/behind").await.text();
        assert!(!page.contains(&mother.full_name) && !page.contains(mother.number.as_str()));
        let dossiers = behind.json()["dossiers"].as_array().unwrap().clone();
        *count = dossiers.iter().filter(|dossier| dossier["id"] == part).count();
        assert_eq!(*count > 0, page.contains(&format!("id=\"behind-{part}\"")), "{page}");
    }
    found
}

#[tokio::test]
async fn only_operators_and_chiefs_see_which_bodies_are_behind() {
    let app = TestApp::start().await;
    let mut reviewer = officer_of(&app, "xet", Role::Reviewer, "00004").await;

    let refused = reviewer.get("/officers/procedures/behind").await;
    let stranger = app.client().get("/officers/procedures/behind").await;

    assert_eq!(
        (refused.status, stranger.status),
        (StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED)
    );
}

#[tokio::test]
async fn what_a_body_does_not_acknowledge_within_two_working_hours_is_noted_and_told() {
    let app = TestApp::start().await;
    let mother = mother(&app);
    let mut client = citizen(&app, &mother, 2).await;
    let id = declare_birth(&mut client).await;
    app.faults().set(Source::CivilStatus, down());
    app.run_jobs().await;

    app.advance(SignedDuration::from_mins(121));
    app.run_jobs().await;
    let whole = tracked(&mut client, &id).await;
    let part = whole["parts"][0]["id"].as_str().unwrap().to_owned();
    let behind = tracked(&mut client, &part).await;
    let told = client.get("/notices").await.text();
    let listed = listed_as_behind(&app, &mother, &part).await;
    app.faults().clear();
    app.advance(SignedDuration::from_hours(2));
    app.run_jobs().await;
    let listed_after = listed_as_behind(&app, &mother, &part).await;
    let after = tracked(&mut client, &part).await;

    assert_eq!(whole["status"], "new");
    let events: Vec<&Value> = behind["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["event"])
        .collect();
    assert_eq!(events, ["submitted", "unacknowledged"], "{behind}");
    assert!(told.contains("did not acknowledge within 2 working hours"), "{told}");
    // Operators, the chiefs of the commune and of its province; not another province.
    assert_eq!((listed, listed_after), ([1, 1, 1, 0], [0; 4]));
    assert_ne!(after["status"], "new", "once it is back, the body takes it up: {after}");
    let_bodies_decide(&app).await;
}

#[tokio::test]
async fn a_limit_that_passes_brings_an_apology_and_a_new_date() {
    let app = TestApp::start().await;
    let mother = mother(&app);
    let mut client = citizen(&app, &mother, 2).await;
    let id = declare_birth(&mut client).await;
    app.run_jobs().await;
    let_bodies_decide(&app).await;
    let whole = tracked(&mut client, &id).await;
    let part = whole["parts"][1]["id"].as_str().unwrap().to_owned();
    let before = tracked(&mut client, &part).await["deadline_at"]
        .as_str()
        .unwrap()
        .to_owned();

    // Two working days from Monday the 23rd end on Thursday the 26th; it is Friday.
    app.advance(SignedDuration::from_hours(24 * 4));
    app.run_jobs().await;
    let mut client = again(&app, &mother, client).await;
    let late = tracked(&mut client, &part).await;
    let whole_after = tracked(&mut client, &id).await;

    for (dossier, before) in [
        (late, before.as_str()),
        (whole_after, whole["deadline_at"].as_str().unwrap()),
    ] {
        let mut steps = dossier["steps"].as_array().unwrap().iter();
        assert!(steps.any(|step| step["event"] == "late"), "{dossier}");
        assert!(dossier["deadline_at"].as_str().unwrap() > before, "{before} {dossier}");
    }
}

/// The same citizen, signed in again after a long time.
pub(in crate::procedures) async fn again(app: &TestApp, person: &nation::Person, mut client: Client) -> Client {
    let form = json!({ "number": person.number, "password": crate::sandbox::holders::PASSWORD });
    let answer = client.post("/signin", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    app.run_jobs().await;
    client
}

#[tokio::test]
async fn a_death_that_is_registered_locks_the_e_id_of_the_deceased() {
    let app = TestApp::start().await;
    let widow = mother(&app);
    let husband = widow.related(Kinship::Spouse).next().unwrap();
    let husband = app.nation().person(husband).unwrap();
    let mut dead = citizen(&app, &husband, 2).await;
    let mut client = citizen(&app, &widow, 2).await;
    app.run_jobs().await;

    let draft = open(&mut client, "death").await;
    let own = json!({
        "relation": "spouse", "deceased_name": husband.full_name, "deceased_number": widow.number, "died_on": "2026-11-22",
        "last_commune": husband.permanent_residence.commune.code,
        "death_place": "Hà Nội", "cause": "Bệnh", "allowance": "insurance", "account": "123", "go": "check",
    });
    let refused = client.post(&draft, &own).await;
    let filled = json!({ "deceased_number": husband.number, "go": "check" });
    let id = send(&mut client, &draft, &filled).await;
    app.run_jobs().await;
    let_bodies_decide(&app).await;
    registries::read_all(&app).await;
    app.run_jobs().await;
    let locked = dead.get("/account").await;
    let whole = tracked(&mut client, &id).await;

    assert_eq!(refused.at("/errors/0/field"), "deceased_number");
    assert_eq!(locked.status, StatusCode::UNAUTHORIZED, "{locked}");
    assert!(
        whole["deadline_at"].as_str().unwrap().starts_with("2026-12-07"),
        "nine working days: {whole}"
    );
    let codes: Vec<String> = parts(&whole).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["death-registration", "death-residence", "death-insurance"]);
    let_bodies_decide(&app).await;
}

#[tokio::test]
async fn a_birth_that_is_taken_back_ends_at_every_body() {
    let app = TestApp::start().await;
    let mother = mother(&app);
    let mut client = citizen(&app, &mother, 2).await;
    let id = declare_birth(&mut client).await;
    app.run_jobs().await;
    let whole = tracked(&mut client, &id).await;
    let part = whole["parts"][0]["id"].as_str().unwrap().to_owned();

    let alone = client
        .post(&format!("/procedures/dossiers/{part}/withdrawal"), &json!({}))
        .await;
    let back = client
        .post(&format!("/procedures/dossiers/{id}/withdrawal"), &json!({}))
        .await;
    app.faults().set(Source::CivilStatus, down());
    app.run_jobs().await;
    let before = app
        .faults()
        .fates()
        .was_taken_back(&format!("{}-1", back.at("/number")));
    app.faults().clear();
    let_bodies_decide(&app).await;
    let told = app
        .faults()
        .fates()
        .was_taken_back(&format!("{}-1", back.at("/number")));
    let whole = tracked(&mut client, &id).await;

    assert_eq!(
        (before, told),
        (false, true),
        "a body that was silent is told once it is back"
    );
    assert_eq!(alone.status, StatusCode::CONFLICT);
    assert_eq!(back.at("/status"), "withdrawn", "{back}");
    assert_eq!(parts(&whole), [stands("birth-registration", "withdrawn")]);
}

#[tokio::test]
async fn an_officer_who_has_to_verify_gets_the_longer_limit_once_and_the_applicant_the_new_date() {
    let app = TestApp::start().await;
    let mother = mother(&app);
    let mut client = citizen(&app, &mother, 2).await;
    let mut officer = reviewer(&app, &mother).await;
    let id = declare_birth(&mut client).await;
    app.run_jobs().await;
    let_bodies_decide(&app).await;
    let waiting = officer.get("/officers/procedures").await.json();
    let part = waiting["dossiers"][0]["id"].as_str().unwrap().to_owned();
    officer
        .post(&format!("/officers/procedures/{part}/claim"), &json!({}))
        .await;
    decide(&mut officer, &part, "received", "").await;
    let before = tracked(&mut client, &id).await;

    let why = decide(&mut officer, &part, "verifying", "").await;
    let verifying = decide(&mut officer, &part, "verifying", "Địa chỉ chưa khớp").await;
    let twice = decide(&mut officer, &part, "verifying", "Lần nữa").await;
    let shown = tracked(&mut client, &part).await;
    let whole = tracked(&mut client, &id).await;
    let told = client.get("/notices").await.text();

    assert_eq!(why.at("/errors/0/field"), "words");
    assert_eq!(verifying.at("/status"), "processing", "{verifying}");
    assert!(
        !verifying.json()["choices"].to_string().contains("verifying"),
        "{verifying}"
    );
    assert_eq!(twice.status, StatusCode::CONFLICT, "{twice}");
    // Five working days from Monday the 23rd, of which Tuesday is none; the whole likewise.
    assert!(
        shown["deadline_at"].as_str().unwrap().starts_with("2026-12-01"),
        "{shown}"
    );
    assert!(
        shown["deadline_basis"].as_str().unwrap().contains("296/QĐ-VPCP"),
        "{shown}"
    );
    assert!(
        before["deadline_at"].as_str() < whole["deadline_at"].as_str(),
        "{before} {whole}"
    );
    assert!(
        whole["deadline_at"].as_str().unwrap().starts_with("2026-12-01"),
        "{whole}"
    );
    assert!(
        told.contains("01/12/2026") && told.contains("Địa chỉ chưa khớp"),
        "{told}"
    );
    app.run_jobs().await;
}

/// A grown child and a living parent, whose age tells which aid there is.
fn child_of(app: &TestApp, is_meant: impl Fn(i16) -> bool) -> (nation::Person, nation::Person) {
    let today = app.clock.today();
    let mut families = app.citizens().flat_map(|child| {
        let parents = child.related(Kinship::Father).chain(child.related(Kinship::Mother));
        let parents: Vec<_> = parents.filter_map(|index| app.nation().person(index)).collect();
        parents.into_iter().map(move |parent| (child.clone(), parent))
    });
    let found = families.find(|(child, parent)| {
        child.age(today) >= 18 && parent.life(today) == nation::people::Life::Alive && is_meant(parent.age(today))
    });
    found.unwrap()
}

/// What the form says to an aid for somebody of an age, and when the whole has to be done.
async fn aid_for(is_meant: impl Fn(i16) -> bool, allowance: &str) -> (String, Option<String>) {
    let app = TestApp::start().await;
    let (child, parent) = child_of(&app, is_meant);
    let mut client = citizen(&app, &child, 2).await;
    let draft = open(&mut client, "death").await;
    let filled = json!({
        "relation": "child", "deceased_name": parent.full_name, "deceased_number": parent.number, "died_on": "2026-11-22",
        "last_commune": parent.permanent_residence.commune.code, "death_place": "Hà Nội", "cause": "Bệnh", "allowance": allowance,
        "account": "123", "go": "check",
    });
    let checked = client.post(&draft, &filled).await;
    app.run_jobs().await;
    if checked.status != StatusCode::OK {
        return (checked.at("/errors/0/field"), None);
    }
    let id = send(&mut client, &draft, &filled).await;
    let whole = tracked(&mut client, &id).await;
    app.run_jobs().await;
    let day = whole["deadline_at"].as_str().and_then(|at| at.get(..10));
    (String::new(), day.map(str::to_owned))
}

#[tokio::test]
async fn aid_for_who_died_at_80_or_more_takes_11_working_days_and_for_others_6() {
    let (is_old, is_younger) = (|age| age > 81, |age| age < 79);
    let of_younger = aid_for(is_younger, "aid_80").await;
    let of_old = aid_for(is_old, "aid").await;
    let old = aid_for(is_old, "aid_80").await;
    let younger = aid_for(is_younger, "aid").await;

    assert_eq!((of_younger.0.as_str(), of_old.0.as_str()), ("allowance", "allowance"));
    assert_eq!(younger, (String::new(), Some("2026-12-02".to_owned())));
    assert_eq!(old, (String::new(), Some("2026-12-09".to_owned())));
}

/// What the form says when it is sent in: the fields that are wrong, or the body that receives it.
async fn declared(client: &mut Client, changes: &Value) -> (Vec<String>, String) {
    let draft = open(client, "death").await;
    let mut filled = json!({
        "relation": "other", "died_on": "2026-11-22", "death_place": "Hà Nội", "cause": "Bệnh", "allowance": "none", "go": "check",
    });
    for (name, value) in changes.as_object().unwrap() {
        filled[name] = value.clone();
    }
    let checked = client.post(&draft, &filled).await;
    assert_eq!(checked.status, StatusCode::OK, "{checked}");
    let agreed = json!({ "consent-share": "on", "version": checked.at("/version") });
    let sent = client.post(&format!("{draft}/check"), &agreed).await;
    let errors = sent.json()["errors"].as_array().cloned().unwrap_or_default();
    let fields = errors.iter().map(|error| error["field"].as_str().unwrap().to_owned());
    (
        fields.collect(),
        sent.json()["unit"].as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn nobody_is_declared_dead_by_a_slip_of_the_pen_nor_by_a_stranger_alone() {
    let app = TestApp::start().await;
    let widow = mother(&app);
    let husband = app
        .nation()
        .person(widow.related(Kinship::Spouse).next().unwrap())
        .unwrap();
    let stranger = app
        .citizens()
        .find(|one| one.number != widow.number && one.related(Kinship::Spouse).next().is_none())
        .unwrap();
    let mut holder = app.holder(husband.clone(), crate::accounts::Level::Two).await;
    let mut client = citizen(&app, &widow, 2).await;
    let mut other = citizen(&app, &stranger, 2).await;
    let meant = json!({
        "deceased_name": husband.full_name, "deceased_number": husband.number, "last_commune": "00004",
    });
    let wrong = json!({
        "deceased_name": stranger.full_name, "deceased_number": husband.number, "last_commune": "00004",
    });

    let misnamed = declared(&mut client, &wrong).await;
    let by_a_stranger = declared(&mut other, &meant).await;
    let history = holder.client.get("/account/history").await.text();
    let by_the_widow = declared(&mut client, &meant).await;
    app.run_jobs().await;
    let_bodies_decide(&app).await;
    let twice = declared(&mut client, &meant).await;

    assert_eq!(misnamed.0, ["deceased_number"]);
    assert_eq!(by_a_stranger.0, ["relative_number"]);
    assert!(history.contains("procedure"), "the look is in the history: {history}");
    // The commune where he lived last, not that of his widow.
    assert_eq!(by_the_widow.0, Vec::<String>::new());
    assert!(by_the_widow.1.contains("Ba Đình"), "{by_the_widow:?}");
    assert_eq!(twice.0, ["deceased_number"], "it is registered already");
}

#[tokio::test]
async fn a_father_alone_says_who_the_mother_is() {
    let app = TestApp::start().await;
    let father = app
        .citizens()
        .find(|one| {
            let today = app.clock.today();
            one.sex == Sex::Male && one.age(today) >= 20 && one.related(Kinship::Spouse).next().is_none()
        })
        .unwrap();
    let mother = mother(&app);
    let mut client = citizen(&app, &father, 2).await;
    let draft = open(&mut client, "birth").await;

    let unknown = client.post(&draft, &birth()).await;
    let mut named = birth();
    named["mother_name"] = json!(mother.full_name);
    named["mother_number"] = json!(mother.number);
    let id = send(&mut client, &draft, &named).await;
    app.run_jobs().await;
    let whole = tracked(&mut client, &id).await.to_string();

    let missing: Vec<Value> = unknown.json()["errors"].as_array().unwrap().clone();
    assert_eq!(
        missing.iter().map(|fault| &fault["field"]).collect::<Vec<_>>(),
        ["mother_name", "mother_number"]
    );
    assert!(
        whole.contains(&mother.full_name) && whole.contains(&father.full_name),
        "{whole}"
    );
    let_bodies_decide(&app).await;
}

#[tokio::test]
async fn a_body_that_is_silent_for_hours_is_told_as_soon_as_it_is_back() {
    let app = TestApp::start().await;
    let mother = mother(&app);
    let mut client = citizen(&app, &mother, 2).await;
    let id = declare_birth(&mut client).await;
    app.faults().set(Source::CivilStatus, down());

    // Every turn of three hours is tried.
    for _ in 0..36 {
        app.run_jobs().await;
        app.advance(SignedDuration::from_mins(5));
    }
    let silent = tracked(&mut client, &id).await;
    app.faults().clear();
    app.advance(SignedDuration::from_mins(6));
    app.run_jobs().await;
    let back = tracked(&mut client, &id).await;

    assert_eq!(parts(&silent), [stands("birth-registration", "new")]);
    assert_eq!(parts(&back), [stands("birth-registration", "processing")]);
    let_bodies_decide(&app).await;
}
