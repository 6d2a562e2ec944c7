use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::accounts::Level;
use crate::officers::{self, Role};
use crate::statistics::{recount, turn};
use crate::testing::{Answer, Client, Holder, TestApp};

const PASSWORD: &str = "Hoa#Sen2026x";

/// Somebody who uses public services, and the officers who receive what is sent.
struct World {
    app: TestApp,
    holder: Holder,
    reviewer: Client,
    dossiers: Vec<String>,
    stays: Vec<String>,
    reports: Vec<String>,
}

async fn sign_in(app: &TestApp, login: &str) -> Client {
    let mut client = app.client();
    client
        .post("/officers/signin", &json!({ "login": login, "password": PASSWORD }))
        .await;
    client
}

async fn officer(app: &TestApp, login: &str, role: Role, unit: &str) -> Client {
    officers::appoint(app, login, "Trần Văn Duyệt", role, unit, PASSWORD)
        .await
        .unwrap();
    sign_in(app, login).await
}

impl World {
    async fn begin() -> Self {
        let app = TestApp::start().await;
        let holder = app.holder(app.citizen(), Level::Two).await;
        let unit = holder.citizen.permanent_residence.commune.code;
        Self {
            reviewer: officer(&app, "reviewer", Role::Reviewer, unit).await,
            app,
            holder,
            dossiers: Vec::new(),
            stays: Vec::new(),
            reports: Vec::new(),
        }
    }

    fn commune(&self) -> &'static str {
        self.holder.citizen.permanent_residence.commune.code
    }

    async fn file(&mut self) {
        let client = &mut self.holder.client;
        let opened = client.post("/procedures/ct07", &json!({ "whom": "self" })).await;
        let draft = format!("/procedures/drafts/{}", opened.at("/id"));
        let filled = json!({ "content": "relatives", "purpose": "Nhập học", "go": "check" });
        let checked = client.post(&draft, &filled).await;
        let agreed = json!({ "consent-share": "on", "version": checked.at("/version") });
        let sent = client.post(&format!("{draft}/check"), &agreed).await;
        self.dossiers.push(sent.at("/id"));
    }

    async fn decide(&mut self, which: usize, what: &str) {
        let Some(id) = self.dossiers.get(which).cloned() else {
            return;
        };
        if what == "withdraw" {
            let path = format!("/procedures/dossiers/{id}/withdrawal");
            self.holder.client.post(&path, &json!({})).await;
            return;
        }
        let path = format!("/officers/procedures/{id}");
        self.reviewer.post(&format!("{path}/claim"), &json!({})).await;
        let said = json!({ "what": what, "words": "Đã đối chiếu" });
        self.reviewer.post(&format!("{path}/decision"), &said).await;
    }

    async fn tell(&mut self) {
        let guest = self.app.citizens().nth(1 + self.stays.len()).unwrap();
        let now = self.app.now();
        let local = |at: Timestamp| {
            let local = jiff::tz::Offset::constant(7).to_datetime(at);
            local.strftime("%Y-%m-%dT%H:%M").to_string()
        };
        let place = json!({ "kind": "household", "commune": self.commune(), "address": "Số 12 Đường Thử Nghiệm" });
        let client = &mut self.holder.client;
        let opened = client.post("/stays/drafts", &place).await;
        let draft = format!("/stays/drafts/{}", opened.at("/id"));
        let named = json!({
            "full_name": guest.full_name,
            "document": guest.number.as_str(),
            "date_of_birth": guest.date_of_birth.to_string(),
            "sex": guest.sex,
        });
        client.post(&format!("{draft}/guests"), &named).await;
        let to = local(now + SignedDuration::from_hours(40));
        let words = json!({ "from": local(now), "to": to, "reason": "visit" });
        let told = client.post(&format!("{draft}/submission"), &words).await;
        self.stays.push(told.at("/id"));
    }

    async fn take_back(&mut self, which: usize) {
        if let Some(id) = self.stays.get(which) {
            let path = format!("/stays/{id}/withdrawal");
            self.holder.client.post(&path, &json!({})).await;
        }
    }

    async fn report(&mut self, kind: &str) {
        let matters = if kind == "crime" { "theft" } else { "noise" };
        let form = json!({ "kind": kind, "matters": matters, "commune": self.commune(), "summary": "Ồn ào ban đêm", "pledge": "yes" });
        self.holder.client.post("/reports/new", &form).await;
        let listed = self.reviewer.get("/officers/reports").await.json();
        for report in listed["reports"].as_array().unwrap() {
            let id = report["report"].as_str().unwrap().to_owned();
            if !self.reports.contains(&id) {
                self.reports.push(id);
            }
        }
    }

    async fn handle(&mut self, which: usize, act: &str) {
        if let Some(id) = self.reports.get(which) {
            let words = json!({ "text": "Đã xử lý", "unit": "00070", "commune": "00070" });
            self.reviewer
                .post(&format!("/officers/reports/{id}/{act}"), &words)
                .await;
        }
    }

    async fn wait(&mut self, days: i64) {
        self.app.advance(SignedDuration::from_hours(24 * days));
        self.app.run_jobs().await;
        self.app.sign_in(&mut self.holder).await;
        self.reviewer = sign_in(&self.app, "reviewer").await;
    }
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    File,
    Decide(usize, &'static str),
    Tell,
    TakeBack(usize),
    Report(&'static str),
    Handle(usize, &'static str),
    Wait(i64),
    RollUp,
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let step = || {
        proptest::sample::select(vec![
            "received",
            "more-asked",
            "stopped",
            "granted",
            "refused",
            "withdraw",
        ])
    };
    let act = || proptest::sample::select(vec!["receive", "check", "answer", "refuse", "forward"]);
    let kind = || proptest::sample::select(vec!["crime", "feedback", "petition"]);
    prop_oneof![
        3 => Just(Deed::File),
        5 => (0..3_usize, step()).prop_map(|(which, what)| Deed::Decide(which, what)),
        3 => Just(Deed::Tell),
        2 => (0..3_usize).prop_map(Deed::TakeBack),
        3 => kind().prop_map(Deed::Report),
        4 => (0..3_usize, act()).prop_map(|(which, act)| Deed::Handle(which, act)),
        1 => proptest::sample::select(vec![1_i64, 9]).prop_map(Deed::Wait),
        1 => Just(Deed::RollUp),
    ]
}

async fn act(world: &mut World, deed: Deed) {
    match deed {
        Deed::File => world.file().await,
        Deed::Decide(which, what) => world.decide(which, what).await,
        Deed::Tell => world.tell().await,
        Deed::TakeBack(which) => world.take_back(which).await,
        Deed::Report(kind) => world.report(kind).await,
        Deed::Handle(which, act) => world.handle(which, act).await,
        Deed::Wait(days) => world.wait(days).await,
        Deed::RollUp => turn(&world.app).await.unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn counts_of_services_agree_with_a_count_after_random_deeds(deeds in prop::collection::vec(any_deed(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::begin().await;
            for deed in deeds {
                act(&mut world, deed).await;
                let differences = recount(&world.app).await.unwrap();
                prop_assert!(differences.is_empty(), "miscounted after {deed:?}: {differences:?}");
            }
            world.app.run_jobs().await;
            Ok::<_, TestCaseError>(())
        })?;
    }
}

fn numbers(answer: &Answer, table: &str, code: &str) -> Value {
    let tables = answer.json()["tables"].as_array().unwrap().clone();
    let found = tables.into_iter().find(|found| found["id"] == table);
    let rows = found
        .map(|table| table["rows"].as_array().unwrap().clone())
        .unwrap_or_default();
    let row = rows.into_iter().find(|row| row["code"] == code);
    row.map_or(Value::Null, |row| row["numbers"].clone())
}

/// Two dossiers, one decided in time and one late; two stays, one taken back; two reports, one received.
async fn a_busy_time(world: &mut World) {
    world.file().await;
    world.file().await;
    world.decide(0, "received").await;
    world.decide(0, "granted").await;
    world.wait(12).await;
    world.decide(1, "received").await;
    world.decide(1, "refused").await;
    world.tell().await;
    world.tell().await;
    world.take_back(0).await;
    world.report("crime").await;
    world.report("feedback").await;
    world.handle(0, "receive").await;
}

#[tokio::test]
async fn officers_see_dossiers_stays_and_reports_of_their_jurisdiction_and_nobody_else_a_small_number() {
    let mut world = World::begin().await;
    let (commune, province) = (world.commune(), officers::province(world.commune()));
    let other = if province == "01" { "79" } else { "01" };
    for (login, unit) in [("xa", commune), ("tinh", &province), ("khac", other)] {
        officer(&world.app, login, Role::Chief, unit).await;
    }
    a_busy_time(&mut world).await;
    let mut chief = sign_in(&world.app, "xa").await;
    let mut above = sign_in(&world.app, "tinh").await;
    let mut elsewhere = sign_in(&world.app, "khac").await;

    let of_commune = chief.get("/officers/statistics").await;
    let of_province = above.get("/officers/statistics").await;
    let of_other = elsewhere.get("/officers/statistics").await;
    let public = world.app.client().get("/statistics").await;
    let csv = above.get("/officers/statistics/dossiers.csv").await.text();
    let page = chief.browser().get("/officers/statistics").await.text();
    world.app.advance(SignedDuration::from_hours(24));
    let told = world.app.client().get("/statistics").await;
    world.app.run_jobs().await;

    for seen in [&of_commune, &of_province] {
        assert_eq!(
            numbers(seen, "dossiers", "ct07"),
            json!([0, 0, 0, 2, 0, 0, 2]),
            "{seen}"
        );
        assert_eq!(numbers(seen, "dossiers-on-time", "ct07"), json!([1, 1, 2]), "{seen}");
        assert_eq!(numbers(seen, "stays", commune), json!([0, 0, 0, 0, 1, 0, 1]), "{seen}");
        let reports = [numbers(seen, "reports", "crime"), numbers(seen, "reports", "feedback")];
        assert_eq!(reports.iter().filter(|row| row[5] == 1).count(), 2, "{seen}");
    }
    assert_eq!(
        numbers(&of_province, "stays-by-day", "household")[6],
        1,
        "{of_province}"
    );
    assert_eq!(numbers(&of_other, "dossiers", "ct07"), Value::Null);
    assert_eq!(numbers(&of_other, "reports", "crime"), Value::Null);
    assert_eq!(
        numbers(&public, "dossiers", "ct07"),
        json!([null, 0, 0, null, 0, 0, null]),
        "the second was not decided at midnight: {public}"
    );
    let decided = json!([0, 0, 0, null, 0, 0, null]);
    assert_eq!(numbers(&told, "dossiers", "ct07"), decided, "{told}");
    assert_eq!(numbers(&public, "reports", "crime"), Value::Null, "{public}");
    assert_eq!(numbers(&told, "reports", "crime")[4], 0, "{told}");
    assert_eq!(
        numbers(&public, "stays", &province)[6],
        0,
        "what is of today is told tomorrow"
    );
    assert!(numbers(&told, "stays", &province)[6].is_null(), "{told}");
    assert!(csv.contains("ct07,"), "{csv}");
    assert!(
        page.contains("table-dossiers") && page.contains("table-reports"),
        "{page}"
    );
}
