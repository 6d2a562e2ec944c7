use civil::finger::Finger;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use nation::Person;
use nation::sources::matcher::Model;
use nation::sources::{Fault, Source};
use serde_json::json;

use super::quality::{self, Advice};
use super::*;
use crate::shell::problem::Problem;
use crate::testing::TestApp;

fn portrait(app: &TestApp, person: &Person) -> RgbImage {
    let jpeg = nation::picture::portrait_jpeg(person, app.clock.today()).unwrap();
    image::load_from_memory(&jpeg).unwrap().to_rgb8()
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 88)
        .encode_image(picture)
        .unwrap();
    file
}

fn face(app: &TestApp, person: &Person) -> FaceSample {
    FaceSample::of_picture(&jpeg(&portrait(app, person)), (300, 400)).unwrap()
}

fn two(app: &TestApp) -> [Person; 2] {
    let mut people = app.citizens();
    [people.next().unwrap(), people.next().unwrap()]
}

#[tokio::test]
async fn a_face_is_compared_with_the_chip_and_with_the_record() {
    let app = TestApp::start().await;
    let [person, other] = two(&app);
    let files: civil::chip::ChipFiles = serde_json::from_slice(&app.chip(&person)).unwrap();
    let chip = FaceSample::of_dg2(&files.dg2).unwrap();

    let own = compare_faces(&app, &face(&app, &person), FaceReference::Chip(&chip), "test")
        .await
        .unwrap();
    let others = compare_faces(&app, &face(&app, &other), FaceReference::Chip(&chip), "test")
        .await
        .unwrap();
    let record = FaceReference::OnRecord(&person.number);
    let on_record = compare_faces(&app, &face(&app, &person), record, "test").await.unwrap();

    assert_eq!((own.decision, own.against), (Decision::Match, Against::Chip));
    assert_eq!(
        (on_record.decision, on_record.against),
        (Decision::Match, Against::Record)
    );
    assert_eq!(others.decision, Decision::Differs);
    assert_eq!((others.threshold, others.one_in), (Some(400), 10_000));
    assert!(others.score < others.threshold && own.stand_in, "{others:?}");
    assert_eq!(own.liveness, Liveness::NotAssessed);
}

#[tokio::test]
async fn a_print_is_compared_with_the_same_finger_on_record() {
    let app = TestApp::start().await;
    let [person, other] = two(&app);
    let print = nation::picture::fingerprint_png(&person, Finger::LEFT_INDEX.code()).unwrap();
    let sample = FingerSample::of_picture(Finger::LEFT_INDEX, &print, (300, 400)).unwrap();

    let own = compare_fingers(&app, &sample, &person.number, "test").await.unwrap();
    let others = compare_fingers(&app, &sample, &other.number, "test").await.unwrap();

    assert_eq!((own.decision, own.modality), (Decision::Match, Modality::Finger(7)));
    assert_eq!((others.decision, others.one_in), (Decision::Differs, 100_000));
}

#[tokio::test]
async fn the_rates_of_the_stand_in_are_turned_through_the_sandbox() {
    let app = TestApp::start().await;
    let [person, other] = two(&app);
    let mut tester = app.client();
    let asked = async |kind: &str, who: &Person| {
        let form = json!({ "source": "matcher", "fault": kind });
        let answer = app.client().post("/sandbox/faults", &form).await;
        assert_eq!(answer.status, ::http::StatusCode::OK, "{answer}");
        let record = FaceReference::OnRecord(&person.number);
        compare_faces(&app, &face(&app, who), record, "test").await.unwrap()
    };

    let mistaken = asked("false-match", &other).await;
    let missed = asked("false-non-match", &person).await;
    let poor = asked("poor-quality", &person).await;
    let still = asked("not-live", &person).await;
    let shown = tester.get("/sandbox/faults").await;
    let well = asked("none", &person).await;

    assert_eq!(mistaken.decision, Decision::Match);
    assert_eq!(missed.decision, Decision::Differs);
    assert_eq!(
        (poor.decision, poor.outcome),
        (Decision::Undecided, Outcome::PoorQuality)
    );
    assert_eq!(
        (still.decision, still.liveness),
        (Decision::Undecided, Liveness::NotLive)
    );
    assert_eq!(shown.at("/sources/2/fault"), "not-live");
    assert_eq!(well.decision, Decision::Match);
    assert_eq!(app.faults().matcher_model(), Model::default());
}

#[tokio::test]
async fn a_matcher_that_is_down_or_broken_decides_nothing() {
    let app = TestApp::start().await;
    let [person, _] = two(&app);
    let record = || FaceReference::OnRecord(&person.number);

    let mut slugs = Vec::new();
    for fault in [
        Fault {
            down: true,
            ..Fault::default()
        },
        Fault {
            errors_per_mille: 1000,
            ..Fault::default()
        },
    ] {
        app.faults().set(Source::Matcher, fault);
        let silent = compare_faces(&app, &face(&app, &person), record(), "test").await;
        slugs.push(Problem::from(silent.unwrap_err()).slug());
    }
    app.faults().clear();
    let again = compare_faces(&app, &face(&app, &person), record(), "test")
        .await
        .unwrap();

    assert_eq!(slugs, ["biometrics-silent"; 2]);
    assert_eq!(again.decision, Decision::Match);
}

async fn advice(app: &TestApp, picture: &RgbImage) -> Vec<Advice> {
    let judged = quality::judge(app, &jpeg(picture), "test").await.unwrap();
    assert!(judged.stand_in);
    judged.advice
}

/// A portrait in a larger frame: left, top and width in per cent of the frame's width.
fn framed(portrait: &RgbImage, left: i64, top: i64, width: u32) -> RgbImage {
    let mut frame = RgbImage::from_pixel(900, 1200, Rgb([218, 228, 236]));
    let face = imageops::resize(portrait, 9 * width, 12 * width, FilterType::Triangle);
    imageops::overlay(&mut frame, &face, 9 * left, 12 * top);
    frame
}

fn lit(portrait: &RgbImage, per_cent: u32) -> RgbImage {
    let shade = |part: u8| u8::try_from((u32::from(part) * per_cent / 100).min(255)).unwrap();
    RgbImage::from_fn(portrait.width(), portrait.height(), |x, y| {
        Rgb(portrait.get_pixel(x, y).0.map(shade))
    })
}

#[tokio::test]
async fn everybodys_portrait_is_good_enough() {
    let app = TestApp::start().await;

    for person in app.citizens().take(12) {
        let portrait = portrait(&app, &person);

        assert_eq!(advice(&app, &portrait).await, [], "{}", person.index);
        assert_eq!(
            advice(&app, &framed(&portrait, 0, 0, 100)).await,
            [],
            "{}",
            person.index
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_portrait_is_said_in_words() {
    let app = TestApp::start().await;
    let [person, other] = two(&app);
    let good = portrait(&app, &person);
    let mut both = RgbImage::from_pixel(600, 400, Rgb([218, 228, 236]));
    imageops::overlay(&mut both, &good, 0, 0);
    imageops::overlay(&mut both, &portrait(&app, &other), 300, 0);
    let wall = RgbImage::from_fn(300, 400, |x, y| {
        if (x / 20 + y / 20) % 2 == 0 {
            Rgb([90, 120, 140])
        } else {
            Rgb([200, 190, 160])
        }
    });

    assert_eq!(advice(&app, &both).await, [Advice::TwoFaces]);
    assert_eq!(advice(&app, &wall).await, [Advice::NoFace]);
    assert!(
        advice(&app, &imageops::blur(&good, 6.0))
            .await
            .contains(&Advice::Blurred)
    );
    assert!(advice(&app, &lit(&good, 35)).await.contains(&Advice::Darker));
    assert_eq!(advice(&app, &framed(&good, 30, 30, 45)).await, [Advice::Closer]);
    assert_eq!(advice(&app, &framed(&good, 30, 5, 80)).await, [Advice::Aside]);
    let near = framed(&good, -45, -40, 190);
    assert!(advice(&app, &near).await.contains(&Advice::Farther));
}
