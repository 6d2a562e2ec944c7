use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, blur, overlay, resize};
use image::{Rgb, RgbImage};
use jiff::Timestamp;
use std::sync::Arc;

use super::super::{Clock, Faults};
use super::*;
use crate::people::{Nation, Person};
use crate::picture::{fingerprint_png, portrait_jpeg};
use crate::testing::{TODAY, nation};
use civil::chip::PortraitFormat;
use civil::finger::{Finger, FingerFormat};
use jiff::tz::TimeZone;

fn people() -> Vec<Person> {
    let nation = nation();
    (0..120).filter_map(|index| nation.person(index)).collect()
}

fn picture(person: &Person) -> RgbImage {
    image::load_from_memory(&portrait_jpeg(person, TODAY).unwrap())
        .unwrap()
        .to_rgb8()
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 80)
        .encode_image(picture)
        .unwrap();
    file
}

/// A picture as a face sample.
fn sample(image: Vec<u8>) -> Sample {
    let portrait = Portrait {
        format: PortraitFormat::Jpeg,
        width: 300,
        height: 400,
        image,
    };
    Sample {
        format: FACE.to_owned(),
        base64: STANDARD.encode(portrait.to_record()),
    }
}

fn print(person: &Person, finger: Finger) -> Sample {
    let image = FingerImage {
        finger,
        format: FingerFormat::Png,
        width: 300,
        height: 400,
        image: fingerprint_png(person, finger.code()).unwrap(),
    };
    Sample {
        format: FINGER.to_owned(),
        base64: STANDARD.encode(image.to_record()),
    }
}

fn sources(faults: &Faults) -> Sources {
    let noon: Timestamp = TODAY.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
    let clock: Clock = Arc::new(move || noon);
    Sources {
        nation: nation(),
        faults: faults.clone(),
        clock,
        keys: crate::sources::signed::Keys::of(&nation()),
    }
}

fn faces(image: &[u8]) -> Vec<FaceFacts> {
    let scene = Scene::read(image).unwrap();
    let faces = scene.faces();
    faces
        .iter()
        .map(|face| (scene.box_of(face), scene.mark_of(face).map(|mark| mark.person)))
        .collect()
}

type FaceFacts = (wire::FaceBox, Option<u64>);

#[test]
fn everybodys_face_is_found_where_it_was_drawn_and_known() {
    for person in people() {
        let found = faces(&jpeg(&picture(&person)));

        let [(face, known)] = found.as_slice() else {
            panic!("{}: {} faces", person.index, found.len())
        };
        assert_eq!(*known, Some(person.index), "{face:?}");
        assert!((face.left - 74).abs() <= 5 && (face.top - 80).abs() <= 6, "{face:?}");
        assert!(face.roll.abs() <= 1, "{face:?}");
    }
}

#[test]
fn a_face_is_known_at_any_distance_that_a_form_allows() {
    let person = &people()[7];
    for side in [480, 700, 900, 1400] {
        let mut frame = RgbImage::from_pixel(1200, 1600, Rgb([225, 230, 235]));
        let face = resize(&picture(person), side, side * 4 / 3, FilterType::Triangle);
        overlay(&mut frame, &face, 60, 90);

        let found = faces(&jpeg(&frame));

        assert_eq!(found.len(), 1, "{side}");
        assert_eq!(found[0].1, Some(person.index).filter(|_| side < 1200), "{side}");
    }
}

#[test]
fn two_faces_are_two_and_what_shows_none_has_none() {
    let people = people();
    let mut both = RgbImage::from_pixel(600, 400, Rgb([225, 230, 235]));
    overlay(&mut both, &picture(&people[1]), 0, 0);
    overlay(&mut both, &picture(&people[2]), 300, 0);
    let card = crate::testing::holder(crate::card::Layout::Cccd2021);
    let wall = RgbImage::from_fn(300, 400, |x, y| {
        Rgb([u8::try_from(x % 200).unwrap(), 90, u8::try_from(y % 250).unwrap()])
    });

    let known: Vec<Option<u64>> = faces(&jpeg(&both)).into_iter().map(|(_, known)| known).collect();

    assert_eq!(known, [Some(people[1].index), Some(people[2].index)]);
    assert_eq!(faces(&jpeg(&wall)), []);
    assert_eq!(faces(&fingerprint_png(&card.0, 2).unwrap()), []);
    assert_eq!(faces(&jpeg(&blur(&picture(&people[1]), 9.0))), []);
}

async fn compare(sources: &Sources, probe: Sample, reference: Reference) -> Compared {
    let query = CompareQuery {
        purpose: "test".to_owned(),
        request_id: "q-1".to_owned(),
        probe,
        reference,
    };
    let body = Bytes::from(serde_json::to_vec(&query).unwrap());
    let answer = if query.probe.format == FINGER {
        compare_fingers(State(sources.clone()), body).await
    } else {
        compare_faces(State(sources.clone()), body).await
    };
    answer.map(|Json(answer)| answer).ok().unwrap()
}

fn on_record(person: &Person) -> Reference {
    Reference::PersonalNumber(person.number.as_str().to_owned())
}

fn two_with_cards(nation: &Nation) -> [Person; 2] {
    let people = (0..400).filter_map(|index| nation.person(index));
    let mut holders = people.filter(|person| person.newest_card(TODAY).is_some());
    [holders.next().unwrap(), holders.next().unwrap()]
}

#[tokio::test]
async fn one_person_is_one_and_another_is_another() {
    let faults = Faults::default();
    let sources = sources(&faults);
    let [person, other] = two_with_cards(&sources.nation);
    let face = || sample(jpeg(&picture(&person)));

    let own = compare(&sources, face(), on_record(&person)).await;
    let own_again = compare(&sources, face(), on_record(&person)).await;
    let others = compare(&sources, face(), on_record(&other)).await;
    let chip = compare(&sources, face(), Reference::Sample(sample(jpeg(&picture(&other))))).await;
    let finger = compare(&sources, print(&person, Finger::LEFT_INDEX), on_record(&person)).await;
    let others_finger = compare(&sources, print(&person, Finger::LEFT_INDEX), on_record(&other)).await;
    let neighbour = compare(
        &sources,
        print(&person, Finger::LEFT_INDEX),
        Reference::Sample(print(&person, Finger::RIGHT_INDEX)),
    )
    .await;

    assert_eq!(own, own_again);
    assert!(own.engine.stand_in && own.score >= Some(720), "{own:?}");
    assert!(finger.score >= Some(720), "{finger:?}");
    for differs in [others, chip, others_finger, neighbour] {
        assert_eq!(differs.outcome, Outcome::Compared);
        assert!(differs.score < Some(400), "{differs:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_compared_says_why() {
    let faults = Faults::default();
    let sources = sources(&faults);
    let [person, other] = two_with_cards(&sources.nation);
    let mut both = RgbImage::from_pixel(600, 400, Rgb([225, 230, 235]));
    overlay(&mut both, &picture(&person), 0, 0);
    overlay(&mut both, &picture(&other), 300, 0);
    let newer = Sample {
        format: "iso-39794-5:2019".to_owned(),
        base64: "oQJlAA==".to_owned(),
    };
    let nobody = Reference::PersonalNumber("001199000001".to_owned());

    let two = compare(&sources, sample(jpeg(&both)), on_record(&person)).await;
    let none = compare(&sources, sample(jpeg(&RgbImage::new(300, 400))), on_record(&person)).await;
    let unread = compare(&sources, newer, on_record(&person)).await;
    let unknown = compare(&sources, sample(jpeg(&picture(&person))), nobody).await;
    faults.set_matcher_model(Model {
        not_live_per_mille: 1000,
        ..Model::default()
    });
    let not_live = compare(&sources, sample(jpeg(&picture(&person))), on_record(&person)).await;
    faults.set_matcher_model(Model {
        poor_quality_per_mille: 1000,
        ..Model::default()
    });
    let poor = compare(&sources, sample(jpeg(&picture(&person))), on_record(&person)).await;

    let outcomes = [two, none, unread, unknown, not_live, poor].map(|answer| answer.outcome);
    assert_eq!(
        outcomes,
        [
            Outcome::TwoFaces,
            Outcome::NoFace,
            Outcome::Unreadable,
            Outcome::NothingOnRecord,
            Outcome::NotLive,
            Outcome::PoorQuality,
        ]
    );
}
