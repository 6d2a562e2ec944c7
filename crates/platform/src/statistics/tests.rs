use ::http::StatusCode;
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::rules::STOCK;
use super::{Measure, Spot, recount, store, turn};
use crate::accounts::{self, Identity, Level, NewAccount};
use crate::applications::tests::{citizen, officer, officer_of, send_level_1};
use crate::officers::Role;
use crate::shell::ids::PersonId;
use crate::sso;
use crate::testing::{Answer, TestApp};

/// Somebody with an account that is counted under a province.
async fn opened(app: &TestApp, index: usize, level: Level, province: &'static str) -> PersonId {
    let citizen = app.citizens().nth(index).unwrap();
    let identity = Identity {
        number: citizen.number.clone(),
        full_name: citizen.full_name.clone(),
        date_of_birth: citizen.date_of_birth,
        sex: citizen.sex,
    };
    let person = PersonId::draw(&app.chance);
    let phone = civil::Phone::parse("0912345678").unwrap();
    let (account, now) = (NewAccount::draw(app, person, &identity, &phone).unwrap(), app.now());
    app.db
        .write(move |tx| {
            accounts::open(tx, &account)?;
            if level > Level::Zero {
                accounts::applied(tx, &person)?;
                accounts::grant(tx, &person, level, now, now)?;
                accounts::live_in(tx, &person, province, now)?;
                accounts::activate(tx, &person, now)?;
            }
            Ok::<_, db::Error>(())
        })
        .await
        .unwrap();
    person
}

fn table(answer: &Answer, id: &str) -> Value {
    let tables = answer.json()["tables"].as_array().unwrap().clone();
    let found = tables.into_iter().find(|table| table["id"] == id);
    found.unwrap_or_else(|| panic!("no table {id}: {answer}"))
}

fn row(answer: &Answer, id: &str, code: &str) -> Value {
    let rows = table(answer, id)["rows"].as_array().unwrap().clone();
    let found = rows.into_iter().find(|row| row["code"] == code);
    found.map_or(Value::Null, |row| row["numbers"].clone())
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Open(bool),
    Raise(usize, Level, &'static str),
    Move(usize, &'static str),
    Wait(i64),
    RollUp,
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let province = || proptest::sample::select(vec!["01", "04", "79", ""]);
    let level = || prop_oneof![Just(Level::One), Just(Level::Two)];
    prop_oneof![
        4 => any::<bool>().prop_map(Deed::Open),
        5 => (0..8_usize, level(), province()).prop_map(|(who, level, place)| Deed::Raise(who, level, place)),
        2 => (0..8_usize, province()).prop_map(|(who, place)| Deed::Move(who, place)),
        1 => proptest::sample::select(vec![1_i64, 30, 24 * 31]).prop_map(Deed::Wait),
        2 => Just(Deed::RollUp),
    ]
}

async fn act(app: &TestApp, people: &mut Vec<PersonId>, deed: Deed) {
    let now = app.now();
    match deed {
        Deed::Open(applies) => {
            let person = opened(app, people.len(), Level::Zero, "").await;
            if applies {
                app.db.write(move |tx| accounts::applied(tx, &person)).await.unwrap();
            }
            people.push(person);
        }
        Deed::Raise(who, level, province) => {
            let Some(person) = people.get(who).copied() else { return };
            let raised = app.db.write(move |tx| {
                accounts::grant(tx, &person, level, now, now)?;
                accounts::live_in(tx, &person, province, now)?;
                accounts::activate(tx, &person, now)
            });
            // Refused where the account is gone, or has the level.
            drop(raised.await);
        }
        Deed::Move(who, province) => {
            let Some(person) = people.get(who).copied() else { return };
            let moved = app.db.write(move |tx| accounts::live_in(tx, &person, province, now));
            moved.await.unwrap();
        }
        Deed::Wait(hours) => {
            app.advance(SignedDuration::from_hours(hours));
            app.run_jobs().await;
        }
        Deed::RollUp => turn(app).await.unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn counts_agree_with_a_count_after_random_deeds(deeds in prop::collection::vec(any_deed(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let app = TestApp::start().await;
            let mut people = Vec::new();
            for deed in deeds {
                act(&app, &mut people, deed).await;
                let differences = recount(&app).await.unwrap();
                prop_assert!(differences.is_empty(), "miscounted after {deed:?}: {differences:?}");
            }
            app.run_jobs().await;
            Ok::<_, TestCaseError>(())
        })?;
    }
}

#[tokio::test]
async fn a_recount_says_what_differed_and_puts_it_right() {
    let app = TestApp::start().await;
    opened(&app, 0, Level::Two, "01").await;
    turn(&app).await.unwrap();
    app.db
        .write(|tx| store::change(tx, (&[9; 16], Measure::Accounts), (STOCK, &Spot::new("2", "01")), 5))
        .await
        .unwrap();

    let first = recount(&app).await.unwrap();
    let second = recount(&app).await.unwrap();

    assert_eq!(first, ["accounts 2 01: kept 6, counted 1"]);
    assert!(second.is_empty(), "{second:?}");
}

#[tokio::test]
async fn units_of_work_at_the_same_moment_are_all_counted() {
    let app = TestApp::start().await;
    let opening: Vec<_> = (0..12).map(|index| opened(&app, index, Level::Two, "01")).collect();

    futures_util::future::join_all(opening).await;
    turn(&app).await.unwrap();

    let counts = app
        .db
        .read(|conn| store::list(conn, Measure::Accounts, (STOCK, STOCK)))
        .await
        .unwrap();
    let standing: Vec<_> = counts.iter().filter(|count| count.amount != 0).collect();
    assert_eq!(standing.len(), 1, "{standing:?}");
    assert_eq!(
        (standing[0].spot.clone(), standing[0].amount),
        (Spot::new("2", "01"), 12)
    );
}

#[tokio::test]
async fn everybody_is_told_of_last_midnight_and_no_small_number() {
    let app = TestApp::start().await;
    for (index, province) in (0..16).zip(["01"; 12].into_iter().chain(["04"; 4])) {
        opened(&app, index, Level::Two, province).await;
    }

    let today = app.client().get("/statistics").await;
    app.advance(SignedDuration::from_hours(24));
    let tomorrow = app.client().get("/statistics").await;
    let page = app.client().browser().get("/statistics").await;
    app.run_jobs().await;

    assert_eq!(row(&today, "accounts", "01"), json!([0, 0, 0]));
    assert_eq!(row(&tomorrow, "accounts", "04"), json!([0, null, null]));
    let told = table(&tomorrow, "accounts").to_string();
    assert!(
        !told.contains("16,") || !told.contains("12,"),
        "the four follow from the total: {told}"
    );
    assert!(page.text().contains("<svg"), "{page}");
    let first = &table(&tomorrow, "accounts")["columns"][0];
    assert_eq!(*first, json!({ "name": "Mức 1", "name_en": "Level 1" }));
    let submitted = table(&tomorrow, "applications")["rows"][1].clone();
    assert_eq!(
        (&submitted["code"], &submitted["name"], &submitted["name_en"]),
        (&json!("submitted"), &json!("Đã nộp, chờ nhận"), &json!("Sent, waiting"))
    );
}

/// Every table of the public page, without the moment at which it was shown.
async fn public(app: &TestApp) -> Value {
    app.client().get("/statistics").await.json()["tables"].clone()
}

/// Something of each stock that everybody is told of.
const STOCKS: [(Measure, &str, &str); 8] = [
    (Measure::Accounts, "0", ""),
    (Measure::Accounts, "2", "01"),
    (Measure::Applications, "1-submitted", "01/00004"),
    (Measure::Dossiers, "ct07 1", "01/00004"),
    (Measure::Decisions, "ct07 in-time", "01/00004"),
    (Measure::Stays, "hotel", "01/00004"),
    (Measure::Reports, "feedback sent", "01/00004"),
    (Measure::Reports, "crime sent", "01/00004"),
];

/// Some come to the first of these stocks now.
async fn come(app: &TestApp, sources: std::ops::Range<u8>, stocks: usize) {
    let now = app.now();
    let moved = app.db.write(move |tx| {
        for source in sources.clone() {
            for (measure, kind, place) in &STOCKS[..stocks] {
                let spot = Spot::new(*kind, *place);
                store::moved(tx, *measure, &[source; 16], (None, Some(&spot)), now)?;
            }
        }
        Ok::<_, db::Error>(())
    });
    moved.await.unwrap();
}

#[tokio::test]
async fn of_what_happens_today_everybody_is_told_tomorrow() {
    let app = TestApp::start().await;
    come(&app, 0..20, 7).await;
    let person = app.citizen();
    let mut client = citizen(&app, &person, 0).await;
    send_level_1(&app, &person, &mut client).await;

    let first_day = public(&app).await;
    let registered = app.client().get("/statistics").await.at("/registered");
    app.advance(SignedDuration::from_hours(24));
    let second_day = public(&app).await;
    come(&app, 20..21, 8).await;
    let at_once = public(&app).await;
    turn(&app).await.unwrap();
    let rolled_up = public(&app).await;
    app.advance(SignedDuration::from_hours(24));
    turn(&app).await.unwrap();
    let third_day = app.client().get("/statistics").await;
    app.run_jobs().await;

    let numbers = |tables: &Value, id: &str| {
        let found = tables.as_array().unwrap().iter().find(|table| table["id"] == id);
        found.unwrap()["totals"].clone()
    };
    assert_eq!(registered, "0");
    for id in ["accounts", "applications", "places"] {
        let told = numbers(&first_day, id);
        assert!(
            told.as_array().unwrap().iter().all(|number| *number == 0),
            "{id}: {told}"
        );
    }
    for id in ["dossiers", "dossiers-on-time", "reports"] {
        assert!(numbers(&first_day, id).is_null(), "{id}: {first_day}");
    }
    assert_ne!(first_day, second_day);
    assert_eq!(second_day, at_once, "one more was told the moment it came");
    assert_eq!(second_day, rolled_up);
    assert_eq!(numbers(&second_day, "reports")[5], 20);
    assert_eq!(row(&third_day, "dossiers", "ct07"), json!([21, 0, 0, 0, 0, 0, 21]));
    assert_eq!(row(&third_day, "dossiers-on-time", "ct07"), json!([21, 0, 21]));
    assert_eq!(row(&third_day, "stays", "01"), json!([21, 0, 0, 0, 0, 0, 21]));
}

#[tokio::test]
async fn who_decides_all_late_has_the_shortest_bar_and_of_few_no_share_is_told() {
    let app = TestApp::start().await;
    let mut ministry = officer(&app, "bo", Role::Ministry).await;
    let (now, decided) = (app.now(), [("absence", 30, 3), ("birth", 0, 90), ("ct07", 60, 20)]);
    app.db
        .write(move |tx| {
            for (code, in_time, late) in decided {
                for (how, amount) in [("in-time", in_time), ("late", late)] {
                    let spot = Spot::new(format!("{code} {how}"), "01/00004");
                    for source in 0..amount {
                        store::moved(tx, Measure::Decisions, &[source; 16], (None, Some(&spot)), now)?;
                    }
                }
            }
            Ok::<_, db::Error>(())
        })
        .await
        .unwrap();

    let whole = ministry.get("/officers/statistics").await;
    let page = ministry.clone().browser().get("/officers/statistics").await.text();
    let csv = ministry.get("/officers/statistics/dossiers-on-time.csv").await.text();
    app.advance(SignedDuration::from_hours(24));
    let public = app.client().get("/statistics").await;

    let shares = |answer: &Answer| {
        let rows = table(answer, "dossiers-on-time")["rows"].as_array().unwrap().clone();
        let share = |row: &Value| {
            (
                row["code"].as_str().unwrap().to_owned(),
                row["share"].as_str().unwrap().to_owned(),
            )
        };
        rows.iter().map(share).collect::<Vec<_>>()
    };
    let said = |of: [(&str, &str); 3]| of.map(|(code, share)| (code.to_owned(), share.to_owned()));
    assert_eq!(
        shares(&whole),
        said([("absence", "90,9 %"), ("birth", "0,0 %"), ("ct07", "75,0 %")])
    );
    let chart = page.split(r#"id="chart-dossiers-on-time""#).nth(1).unwrap();
    let widths: Vec<&str> = chart.split(" width=\"").skip(1).take(3).collect();
    let widths = widths
        .iter()
        .map(|rest| rest.split('"').next().unwrap().parse::<i64>().unwrap());
    assert_eq!(widths.collect::<Vec<_>>(), [282, 0, 233]);
    assert!(
        csv.contains(",Tỷ lệ đúng hạn\r\n") && csv.contains(",0,90,90,\"0,0 %\"\r\n"),
        "{csv}"
    );
    assert_eq!(shares(&public)[0], ("absence".to_owned(), "*".to_owned()), "{public}");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_day_that_served_for_midnight_is_not_kept() {
    let app = TestApp::start().await;
    let now = app.now();
    let spot = Spot::new("feedback sent", "01/00004");
    let (report, stay) = (spot.clone(), Spot::new("hotel", "01/00004"));
    app.db
        .write(move |tx| {
            store::moved(tx, Measure::Reports, &[1; 16], (None, Some(&report)), now)?;
            store::moved(tx, Measure::Stays, &[1; 16], (None, Some(&stay)), now)
        })
        .await
        .unwrap();
    let kept = async |measure| {
        let all = ("", "9999-12-31");
        let counts = app.db.read(move |conn| store::list(conn, measure, all)).await.unwrap();
        counts.into_iter().map(|count| count.day).collect::<Vec<_>>()
    };

    turn(&app).await.unwrap();
    let at_first = kept(Measure::Reports).await;
    app.advance(SignedDuration::from_hours(48));
    turn(&app).await.unwrap();

    assert_eq!(at_first, [STOCK, "2026-11-23"]);
    assert_eq!(kept(Measure::Reports).await, [STOCK]);
    assert_eq!(kept(Measure::Stays).await, [STOCK, "2026-11-23"], "its days are told");
}

#[tokio::test]
async fn an_officer_sees_the_own_jurisdiction() {
    let app = TestApp::start().await;
    opened(&app, 0, Level::Two, "01").await;
    opened(&app, 1, Level::One, "79").await;
    let mut ministry = officer(&app, "bo", Role::Ministry).await;
    let mut province = officer_of(&app, "tinh", Role::Chief, "01").await;
    let mut commune = officer_of(&app, "xa", Role::Chief, "00004").await;
    let mut reviewer = officer(&app, "xet", Role::Reviewer).await;

    let whole = ministry.get("/officers/statistics").await;
    let of_province = province.get("/officers/statistics").await;
    let of_commune = commune.get("/officers/statistics").await;
    let refused = reviewer.get("/officers/statistics").await;
    let stranger = app.client().get("/officers/statistics/accounts.csv").await;

    assert_eq!(row(&whole, "accounts", "79"), json!([1, 0, 1]), "{whole}");
    assert_eq!(row(&of_province, "accounts", "01"), json!([0, 1, 1]), "{of_province}");
    assert_eq!(row(&of_province, "accounts", "79"), Value::Null);
    let ids = |answer: &Answer| {
        let tables = answer.json()["tables"].as_array().unwrap().clone();
        tables
            .iter()
            .map(|table| table["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(ids(&whole).contains(&"sign-ins".to_owned()));
    let own = [
        "applications",
        "places",
        "on-time",
        "dossiers",
        "dossiers-on-time",
        "stays",
        "reports",
    ];
    assert_eq!(ids(&of_commune), own);
    assert_eq!(
        (refused.status, stranger.status),
        (StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED)
    );
}

#[tokio::test]
async fn sign_ins_uses_and_messages_are_counted_by_the_day() {
    let (app, mut holder) = sso::tests::begin(Level::Two).await;
    let mut ministry = officer(&app, "bo", Role::Ministry).await;

    let code = sso::tests::code(&mut holder, "portal", sso::tests::PORTAL, "openid profile").await;
    sso::tests::exchange(&app, &code, sso::tests::VERIFIER).await;
    holder.client.get("/account/personal").await;
    holder.client.get("/account/personal").await;
    app.client().get("/account/personal").await;
    holder.client.get("/reports/new?lang=vi&kind=crime").await;
    holder.client.get("/reports/new?kind=feedback").await;
    turn(&app).await.unwrap();
    let board = ministry.get("/officers/statistics").await;
    let public = app.client().get("/statistics").await;

    let signed_in = row(&board, "sign-ins", "portal");
    assert_eq!(signed_in.as_array().unwrap().last(), Some(&json!(1)), "{board}");
    assert_eq!(table(&board, "sign-ins")["rows"][0]["name"], "Cổng portal");
    let opened = row(&board, "uses", "personal");
    assert_eq!(opened.as_array().unwrap().last(), Some(&json!(2)), "{board}");
    let crimes = row(&board, "uses", "crime-report");
    assert_eq!(crimes.as_array().unwrap().last(), Some(&json!(1)), "{board}");
    assert_eq!(table(&public, "sign-ins")["rows"], json!([]), "today is not over");
    app.run_jobs().await;
}

#[tokio::test]
async fn a_table_is_told_as_csv_and_an_unknown_one_is_not_found() {
    let app = TestApp::start().await;
    opened(&app, 0, Level::Two, "01").await;
    let mut ministry = officer(&app, "bo", Role::Ministry).await;

    let csv = ministry.get("/officers/statistics/accounts.csv").await;
    let english = ministry.get("/officers/statistics/accounts.csv?lang=en").await;
    let public = app.client().get("/statistics/accounts.csv").await;
    let unknown = app.client().get("/statistics/accounts.xls").await;
    let none = app.client().get("/statistics/people.csv").await;

    let text = csv.text();
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert!(text.starts_with("\u{feff}Mã,Mục,Mức 1,Mức 2,Tổng\r\n"), "{text}");
    assert!(text.contains("\r\n01,Hà Nội,0,1,1\r\n"), "{text}");
    assert!(public.text().contains("\r\n01,Hà Nội,0,0,0\r\n"), "{public}");
    assert!(
        english
            .text()
            .starts_with("\u{feff}Code,What,Level 1,Level 2,Total\r\n"),
        "{english}"
    );
    assert!(
        english.text().contains("\r\n,Residence not known,0,0,0\r\n"),
        "{english}"
    );
    assert_eq!(
        (unknown.status, none.status),
        (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND)
    );
}
