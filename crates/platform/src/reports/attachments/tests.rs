use std::io::{Cursor, Write as _};

use ::http::{StatusCode, header};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::json;

use super::rules::{Refused, examine};
use crate::accounts::Level;
use crate::applications::tests::officer_of;
use crate::officers::Role;
use crate::testing::TestApp;

const EICAR: [&str; 2] = [
    "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-",
    "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
];
/// Where a picture was taken, as a camera writes it.
const PLACE: &[u8] = b"Exif\0\0MM\0*GPSLatitude 21.0285 GPSLongitude 105.8542";

fn picture(format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(64, 48, |x, y| {
        Rgb([x * 4, y * 5, 90].map(|shade| u8::try_from(shade).unwrap()))
    });
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// A JPEG with a segment of metadata after its beginning, and something behind its end.
fn jpeg_with_place() -> Vec<u8> {
    let plain = picture(ImageFormat::Jpeg);
    let mut file = plain[..2].to_vec();
    file.extend_from_slice(&[0xff, 0xe1]);
    file.extend_from_slice(&u16::try_from(PLACE.len() + 2).unwrap().to_be_bytes());
    file.extend_from_slice(PLACE);
    file.extend_from_slice(&plain[2..]);
    file.extend_from_slice(b"GPSLatitude behind the end");
    file
}

/// A PNG with a text chunk before its end.
fn png_with_place() -> Vec<u8> {
    let plain = picture(ImageFormat::Png);
    let end = plain.len() - 12;
    let mut file = plain[..end].to_vec();
    let text = b"tEXtComment\0GPSLatitude 21.0285";
    file.extend_from_slice(&u32::try_from(text.len() - 4).unwrap().to_be_bytes());
    file.extend_from_slice(text);
    let mut crc = flate2::Crc::new();
    crc.update(text);
    file.extend_from_slice(&crc.sum().to_be_bytes());
    file.extend_from_slice(&plain[end..]);
    file
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a byte string is a reference")]
fn part(name: &[u8; 4], content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let mut part = u32::try_from(content.len() + 8).unwrap().to_be_bytes().to_vec();
    part.extend_from_slice(name);
    part.extend_from_slice(&content);
    part
}

/// A film with one track of a kind, a date of making, the name of the phone, and a place.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "a byte string is a reference")]
fn film(kind: &[u8; 4]) -> Vec<u8> {
    let dated = [&[0; 4][..], &[0xdd; 8], &[0; 80]].concat();
    let handler = part(b"hdlr", &[&[0; 8], kind, &[0; 12], b"Core Media of my phone\0"]);
    let media = part(
        b"mdia",
        &[
            &part(b"mdhd", &[&dated]),
            &handler,
            &part(b"minf", &[&part(b"stbl", &[&[0; 8]])]),
        ],
    );
    let track = part(b"trak", &[&part(b"tkhd", &[&dated]), &media]);
    let notes = part(b"udta", &[&part(b"\xa9xyz", &[b"\0\x11\x15\xc7+21.0285+105.8542/"])]);
    let movie = part(b"moov", &[&part(b"mvhd", &[&dated]), &track, &notes]);
    [
        part(b"ftyp", &[b"isom\0\0\0\x01isom"]),
        movie,
        part(b"mdat", &[b"picture and sound"]),
    ]
    .concat()
}

fn holds(file: &[u8], text: &[u8]) -> bool {
    file.windows(text.len()).any(|window| window == text)
}

#[test]
fn the_exif_position_of_a_picture_is_gone() {
    for file in [jpeg_with_place(), png_with_place()] {
        assert!(holds(&file, b"GPSLatitude"));

        let clean = examine(file, true).unwrap();

        assert!(!holds(&clean.bytes, b"GPS") && !holds(&clean.bytes, b"Exif"));
        let left = image::load_from_memory(&clean.bytes).unwrap();
        assert_eq!((left.width(), left.height()), (64, 48));
    }
}

#[test]
fn a_film_keeps_picture_and_sound_and_loses_where_when_and_by_what_it_was_taken() {
    let file = film(b"vide");
    let length = file.len();

    let clean = examine(file, true).unwrap();

    assert_eq!((clean.media_type, clean.bytes.len()), ("video/mp4", length));
    assert!(holds(&clean.bytes, b"picture and sound") && holds(&clean.bytes, b"vide"));
    for trace in [&b"+21.0285"[..], b"Core Media", b"udta", b"\xdd\xdd"] {
        assert!(!holds(&clean.bytes, trace), "{}", String::from_utf8_lossy(trace));
    }
    assert_eq!(examine(film(b"meta"), true), Err(Refused::Telemetry));
}

#[test]
fn a_damaged_film_is_refused_and_makes_nothing_panic() {
    let whole = film(b"soun");
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        let _ = examine(damaged, true);
        let _ = examine(whole[..at].to_vec(), true);
    }
    assert_eq!(examine(whole[..40].to_vec(), true), Err(Refused::Unreadable));
}

#[test]
fn what_could_do_harm_is_refused_by_what_it_is_and_not_by_its_name() {
    let virus = [jpeg_with_place(), EICAR.concat().into_bytes()].concat();
    for (file, refused) in [
        (EICAR.concat().into_bytes(), Refused::Virus),
        (virus, Refused::Virus),
        (
            b"MZ\x90\0This program cannot be run in DOS mode".to_vec(),
            Refused::Program,
        ),
        (b"\x7fELF\x02\x01\x01".to_vec(), Refused::Program),
        (b"#!/bin/sh\nrm -rf /".to_vec(), Refused::Program),
        (b"  <SCRIPT>alert(1)</SCRIPT>".to_vec(), Refused::Program),
        (b"PK\x03\x04word/vbaProject.bin".to_vec(), Refused::Macros),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), Refused::Macros),
        (b"GIF89a".to_vec(), Refused::Unknown),
        (b"\xff\xd8\xff\xe0 not a picture".to_vec(), Refused::Unreadable),
    ] {
        assert_eq!(
            examine(file.clone(), false),
            Err(refused),
            "{}",
            String::from_utf8_lossy(&file)
        );
    }
}

#[test]
fn a_paper_is_taken_of_a_named_sender_alone_and_only_when_it_does_nothing() {
    let still = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>".to_vec();
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"<</S/JavaScript/JS(app.alert)>>").unwrap();
    let packed = packed.finish().unwrap();
    let hidden = [
        b"%PDF-1.7\n1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n",
        packed.as_slice(),
        b"\nendstream endobj",
    ]
    .concat();

    assert_eq!(examine(still.clone(), false).unwrap().media_type, "application/pdf");
    assert_eq!(examine(still, true), Err(Refused::NotAnonymous));
    for active in [
        b"%PDF-1.7\n1 0 obj<</OpenAction 2 0 R>>endobj".to_vec(),
        b"%PDF-1.7\n1 0 obj<</J#61vaScript 2 0 R>>endobj".to_vec(),
        b"%PDF-1.7\ntrailer<</Encrypt 9 0 R>>".to_vec(),
        hidden,
    ] {
        assert_eq!(
            examine(active.clone(), false),
            Err(Refused::Active),
            "{}",
            String::from_utf8_lossy(&active)
        );
    }
}

#[tokio::test]
async fn a_virus_like_attachment_is_refused_and_a_clean_one_is_shown_to_the_unit_alone() {
    let app = TestApp::start().await;
    let mut sender = app.holder(app.citizen(), Level::Two).await;
    let mut officer = officer_of(&app, "hoankiem", Role::Reviewer, "00070").await;
    let form = [
        ("kind", "crime"),
        ("matters", "theft"),
        ("commune", "00070"),
        ("summary", "Mất xe"),
        ("pledge", "yes"),
        ("anonymous", "yes"),
    ];
    let (virus, place) = (EICAR.concat().into_bytes(), jpeg_with_place());

    let refused = sender
        .client
        .upload(
            "/reports/new",
            &form,
            &[("attachments", &place), ("attachments", &virus)],
        )
        .await;
    let six: Vec<(&str, &[u8])> = (0..6).map(|_| ("attachments", place.as_slice())).collect();
    let many = sender.client.upload("/reports/new", &form, &six).await;
    let sent = sender
        .client
        .upload("/reports/new", &form, &[("attachments", &place)])
        .await;
    let listed = officer.get("/officers/reports").await;
    let path = format!("/officers/reports/{}/attachments/1", listed.at("/reports/0/report"));
    let shown = officer.get(&path).await;
    let stranger = sender.client.get(&path).await;
    let answer = format!("/officers/reports/{}/answer", listed.at("/reports/0/report"));
    officer.post(&answer, &json!({ "text": "Đã xong" })).await;
    let still = officer.get(&path).await;
    app.run_jobs().await;

    assert_eq!(refused.at("/errors/0/detail"), "File 2 holds a virus and is not taken.");
    assert_eq!(many.at("/errors/0/detail"), "Too many files: at most 5.");
    assert_eq!(sent.at("/files"), "1", "{sent}");
    assert_eq!(shown.headers[header::CONTENT_TYPE], "image/jpeg");
    assert!(!holds(&shown.body, b"GPS"));
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        still.status,
        StatusCode::OK,
        "it is kept for the time that the rule says"
    );
}
