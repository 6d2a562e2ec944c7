//! The client of the browser does what a person would do, tried on a few pages made for it.

use axum::Router;
use axum::extract::{Form, Multipart};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, GrayImage, Luma};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

use crate::cdp::{Answer, Browser, Failure, Frame, Visitor, y4m};

const FORM: &str = r#"<!doctype html><title>Form</title><script>document.title = 'Script'</script>
<form method="post" action="/greet"><input id="name" name="name" value="old"><input id="born" name="born" type="date">
<select id="sex" name="sex"><option value="male">Nam</option><option value="female">Nữ</option></select>
<div style="height:2000px"></div><button id="send">Gửi</button></form>
<form method="post" action="/keep" enctype="multipart/form-data"><input id="file" name="file" type="file" hidden><button id="keep">Nộp</button></form>"#;

const SCRIPT: &str = r#"<!doctype html><button id="go" onclick="setTimeout(() => done.hidden = false, 50)">Đi</button>
<p id="done" hidden>Xong</p><div style="position:relative"><button id="under">Dưới</button><p id="over" style="position:absolute;inset:0;margin:0">Trên</p></div>"#;

#[derive(Deserialize)]
struct Greeting {
    name: String,
    born: String,
    sex: String,
}

/// Serves the pages on a free port, and says where.
async fn serve() -> Answer<String> {
    let pages = Router::new()
        .route("/", get(async || Html(FORM)))
        .route("/script", get(async || Html(SCRIPT)))
        .route(
            "/broken",
            get(async || Html("<!doctype html><script>nothing.at.all()</script>")),
        )
        .route(
            "/language",
            get(async |headers: HeaderMap| {
                let language = headers
                    .get("accept-language")
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or_default()
                    .to_owned();
                (
                    [("set-cookie", "seen=yes; HttpOnly")],
                    Html(format!("<!doctype html><p id=language>{language}</p>")),
                )
            }),
        )
        .route(
            "/greet",
            post(async |Form(form): Form<Greeting>| {
                Redirect::to(&format!("/greeted/{}-{}-{}", form.name.len(), form.born, form.sex))
            }),
        )
        .route(
            "/greeted/{what}",
            get(async |axum::extract::Path(what): axum::extract::Path<String>| {
                Html(format!("<!doctype html><h1 id=greeting>{what}</h1>"))
            }),
        )
        .route("/keep", post(keep));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, pages).await });
    Ok(format!("http://{address}"))
}

async fn keep(mut form: Multipart) -> impl IntoResponse {
    let mut kept = String::new();
    while let Ok(Some(field)) = form.next_field().await {
        kept = format!(
            "{} {}",
            field.file_name().unwrap_or_default().to_owned(),
            field.bytes().await.unwrap_or_default().len()
        );
    }
    Html(format!("<!doctype html><p id=kept>{kept}</p>"))
}

#[tokio::test]
async fn a_form_is_filled_and_sent_with_and_without_script() -> Answer<()> {
    let (site, browser) = (serve().await?, Browser::launch(None).await?);

    for script in [true, false] {
        let page = browser
            .visit(&Visitor {
                script,
                ..Visitor::PHONE
            })
            .await?;
        page.goto(&site).await?;
        let title = page.evaluate("document.title").await?;
        page.fill("#name", "Trần Thị An").await?;
        page.fill("#born", "1999-01-15").await?;
        page.fill("#sex", "female").await?;
        page.follow("#send").await?;

        assert_eq!(title, if script { "Script" } else { "Form" });
        assert_eq!(
            page.text("#greeting").await?,
            format!("{}-1999-01-15-female", "Trần Thị An".len())
        );
        assert_eq!(
            page.url().await?.strip_prefix(&site),
            Some("/greeted/15-1999-01-15-female")
        );
        page.close().await?;
    }
    browser.close().await
}

#[tokio::test]
async fn a_file_is_sent() -> Answer<()> {
    let (site, browser) = (serve().await?, Browser::launch(None).await?);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("card.png");
    std::fs::write(&file, [7; 321])?;
    let page = browser.visit(&Visitor::DESK).await?;

    page.goto(&site).await?;
    page.choose_file("#file", &file).await?;
    page.follow("#keep").await?;

    assert_eq!(page.text("#kept").await?, "card.png 321");
    Ok(())
}

#[tokio::test]
async fn what_appears_later_is_waited_for_and_what_is_covered_is_not_clicked() -> Answer<()> {
    let (site, browser) = (serve().await?, Browser::launch(None).await?);
    let page = browser.visit(&Visitor::PHONE).await?;
    page.goto(&format!("{site}/script")).await?;

    page.click("#go").await?;
    let done = page.text("#done").await?;
    let covered = page.click("#under").await.map_err(|failure| failure.to_string());

    assert_eq!(done, "Xong");
    assert!(covered.is_err_and(|failure| failure.contains("covered by <p id=\"over\"")));
    Ok(())
}

#[tokio::test]
async fn visitors_have_their_own_language_colours_window_and_cookies() -> Answer<()> {
    let (site, browser) = (serve().await?, Browser::launch(None).await?);
    let citizen = browser.visit(&Visitor::PHONE).await?;
    let guest = browser
        .visit(&Visitor {
            language: "en",
            dark: true,
            ..Visitor::DESK
        })
        .await?;

    citizen.goto(&format!("{site}/language")).await?;
    guest.goto(&format!("{site}/broken")).await?;

    assert!(citizen.text("#language").await?.starts_with("vi"));
    assert_eq!(
        guest
            .evaluate("[navigator.language, matchMedia('(prefers-color-scheme: dark)').matches, innerWidth]")
            .await?,
        json!(["en", true, 1280])
    );
    assert_eq!(
        citizen
            .cookies()
            .await?
            .iter()
            .map(|cookie| &cookie["name"])
            .collect::<Vec<_>>(),
        ["seen"]
    );
    assert!(guest.cookies().await?.is_empty());
    assert!(citizen.complaints().is_empty());
    assert!(
        guest
            .complaints()
            .iter()
            .any(|complaint| complaint.contains("ReferenceError")),
        "{:?}",
        guest.complaints()
    );
    Ok(())
}

#[tokio::test]
async fn a_picture_of_the_page_is_taken() -> Answer<()> {
    let (site, browser) = (serve().await?, Browser::launch(None).await?);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("page.png");
    let page = browser.visit(&Visitor::PHONE).await?;
    page.goto(&site).await?;

    page.screenshot(&path).await?;

    let picture = image::open(&path)?;
    assert_eq!(picture.width(), 390);
    assert!(
        picture.height() > 2000,
        "the whole page, not the window: {}",
        picture.height()
    );
    Ok(())
}

#[tokio::test]
async fn the_camera_shows_a_code_that_can_be_read() -> Answer<()> {
    const TEXT: &str = "001199000001||Trần Thị An|15011999|Nữ|Số 1 Đường A, Phường Ba Đình, Hà Nội|20072022";
    let folder = tempfile::tempdir()?;
    let video = folder.path().join("camera.y4m");
    std::fs::write(&video, y4m(&code(TEXT)?, Frame::Wide, 5))?;
    let (site, browser) = (serve().await?, Browser::launch(Some(&video)).await?);
    let page = browser.visit(&Visitor::PHONE).await?;
    page.goto(&site).await?;

    let photo = page
        .evaluate(
            "navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } }).then(async stream => {
                const video = document.createElement('video');
                video.srcObject = stream;
                await video.play();
                const canvas = document.createElement('canvas');
                canvas.width = video.videoWidth;
                canvas.height = video.videoHeight;
                canvas.getContext('2d').drawImage(video, 0, 0);
                return canvas.toDataURL('image/png').split(',')[1];
            })",
        )
        .await?;

    let photo = image::load_from_memory(&STANDARD.decode(photo.as_str().unwrap_or_default())?)?.to_luma8();
    let (width, height) = photo.dimensions();
    let read = rxing::helpers::detect_in_luma(photo.into_raw(), width, height, Some(rxing::BarcodeFormat::QR_CODE))?;
    assert_eq!(read.getText(), TEXT);
    Ok(())
}

#[test]
fn a_video_has_a_header_and_whole_frames() {
    let white = DynamicImage::ImageLuma8(GrayImage::from_pixel(64, 64, Luma([255])));

    let video = y4m(&white, Frame::Small, 3);

    let header = b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n";
    assert!(video.starts_with(header));
    let frame = 6 + 640 * 480 * 3 / 2;
    assert_eq!(video.len(), header.len() + 3 * frame);
    let (middle, chroma) = (240 * 640 + 320, 640 * 480);
    let plane = &video[header.len() + 6..];
    assert_eq!((plane[0], plane[middle], plane[chroma]), (150, 255, 128));
}

/// A QR code as a picture, eight pixels a module, with its quiet zone.
fn code(text: &str) -> Answer<DynamicImage> {
    let code = fast_qr::QRBuilder::new(text)
        .build()
        .map_err(|error| Failure::new(format!("{error:?}")))?;
    let (quiet, scale) = (4, 8);
    let size = u32::try_from((code.size + 2 * quiet) * scale)?;
    let picture = GrayImage::from_fn(size, size, |x, y| {
        let module = |at: u32| (at as usize / scale).checked_sub(quiet).filter(|at| *at < code.size);
        let dark = module(x).zip(module(y)).is_some_and(|(x, y)| code[y][x].value());
        Luma([if dark { 0 } else { 255 }])
    });
    Ok(DynamicImage::ImageLuma8(picture))
}
