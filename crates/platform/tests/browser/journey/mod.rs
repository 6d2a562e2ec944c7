//! The main job, from the QR code of a card to a signed-in portal, as people do it: through the pages of the real executable.

pub mod citizen;
mod counter;
pub mod officers;
pub mod sandbox;
mod second_factor;
mod security;

use std::path::{Path, PathBuf};

use crate::cdp::{Answer, Browser, Failure, Frame, Page, Visitor, y4m};
use citizen::{Card, Portrait};
use sandbox::{Citizen, Sandbox};

#[tokio::test]
async fn from_the_card_before_the_camera_to_the_portal() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let citizen = sandbox.citizens().await?.remove(0);
    let files = Files::of(&sandbox, &citizen.number).await?;
    let with_card = Browser::launch(Some(&files.video_of_card)).await?;
    let phone = with_card.visit(&Visitor::PHONE).await?;

    citizen::register(&phone, &sandbox, &citizen, Card::Camera).await?;
    assert_eq!(phone.text("#full-name").await?, citizen.full_name);
    assert_eq!(phone.complaints(), [""; 0]);
    with_card.close().await?;

    let with_face = Browser::launch(Some(&files.video_of_face)).await?;
    let phone = with_face.visit(&Visitor::PHONE).await?;
    phone.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(&phone, &citizen, citizen::PASSWORD).await?;
    let way = Way {
        sandbox: &sandbox,
        citizen: &citizen,
        files: &files,
        portrait: Portrait::Camera,
        picture: "script",
    };
    way.on_from_level_0(&phone, &with_face, &Visitor::DESK).await?;

    phone.goto(&format!("{}/account/history", sandbox.url)).await?;
    phone.wait_for("[data-result=proved]").await?;
    assert_eq!(phone.complaints(), [""; 0]);
    with_face.close().await
}

#[tokio::test]
async fn from_a_picture_of_the_card_to_the_portal_without_script() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let citizen = sandbox.citizens().await?.remove(2);
    let files = Files::of(&sandbox, &citizen.number).await?;
    let browser = Browser::launch(None).await?;
    let (phone, desk) = (
        Visitor {
            script: false,
            ..Visitor::PHONE
        },
        Visitor {
            script: false,
            ..Visitor::DESK
        },
    );
    let phone = browser.visit(&phone).await?;

    citizen::register(&phone, &sandbox, &citizen, Card::Picture(&files.card)).await?;
    let portrait = Portrait::File(&files.face);
    let way = Way {
        sandbox: &sandbox,
        citizen: &citizen,
        files: &files,
        portrait,
        picture: "plain",
    };
    way.on_from_level_0(&phone, &browser, &desk).await?;

    browser.close().await
}

/// The way of a citizen who has registered.
struct Way<'a> {
    sandbox: &'a Sandbox,
    citizen: &'a Citizen,
    files: &'a Files,
    portrait: Portrait<'a>,
    picture: &'a str,
}

impl Way<'_> {
    /// Level 1 from home, level 2 at a counter, the electronic identity card, the portal.
    async fn on_from_level_0(&self, phone: &Page, browser: &Browser, desk: &Visitor) -> Answer<()> {
        let reviewers = self.sandbox.officers("reviewer").await?;
        citizen::apply_for_level_1(phone, self.sandbox, self.citizen, self.portrait, self.picture).await?;
        self.keep(phone, "application").await?;
        let first = browser.visit(desk).await?;
        officers::sign_in(&first, self.sandbox, &reviewers[0]).await?;
        officers::approve_first(&first, &self.at("queue")).await?;
        citizen::activate(phone, self.sandbox).await?;
        citizen::confirm_first_activation(phone, self.sandbox, self.citizen).await?;
        assert_eq!(phone.text("#level").await?, "Mức 1");

        let counter = browser.visit(desk).await?;
        officers::sign_in(&counter, self.sandbox, &self.sandbox.officers("counter").await?[0]).await?;
        officers::take_level_2(&counter, self.citizen, self.files).await?;
        self.keep(&counter, "receipt").await?;
        let second = browser.visit(desk).await?;
        officers::sign_in(&second, self.sandbox, &reviewers[1]).await?;
        officers::approve_first(&second, &self.at("dossier")).await?;
        citizen::activate(phone, self.sandbox).await?;
        citizen::confirm_upgrade(phone, self.sandbox, self.citizen).await?;
        assert_eq!(phone.text("#level").await?, "Mức 2");
        self.keep(phone, "account").await?;

        assert_eq!(citizen::open_card(phone).await?, self.citizen.full_name.to_uppercase());
        self.keep(phone, "eid").await?;
        phone.goto(&self.sandbox.portal).await?;
        phone.follow("#login").await?;
        phone.follow("#consent-agree").await?;
        let greeting = phone.text("#greeting").await?;
        assert!(greeting.contains(&self.citizen.full_name), "{greeting}");
        for officer in [first, counter, second] {
            assert_eq!(officer.complaints(), [""; 0]);
        }
        Ok(())
    }

    fn at(&self, page: &str) -> PathBuf {
        picture(&format!("{page}-{}", self.picture))
    }

    async fn keep(&self, page: &Page, name: &str) -> Answer<()> {
        page.screenshot(&self.at(name)).await
    }
}

#[tokio::test]
async fn a_holder_signs_in_to_the_portal_and_out_again_without_script() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let citizen = sandbox.citizens().await?.remove(1);
    let credentials = sandbox.account(&citizen, 2).await?;
    let browser = Browser::launch(None).await?;
    let scriptless = Visitor {
        script: false,
        ..Visitor::PHONE
    };
    let phone = browser.visit(&scriptless).await?;

    phone.goto(&sandbox.portal).await?;
    phone.follow("#login").await?;
    citizen::sign_in(&phone, &citizen, &credentials.password).await?;
    phone.screenshot(&picture("consent")).await?;
    phone.follow("#consent-agree").await?;
    let greeting = phone.text("#greeting").await?;
    let told = phone.text("#claims").await?;
    phone.screenshot(&picture("portal")).await?;
    phone.follow("#logout").await?;

    assert!(greeting.contains(&citizen.full_name), "{greeting}");
    assert!(told.contains("vneid_account_level"), "{told}");
    assert!(phone.url().await?.starts_with(&sandbox.portal));
    phone.goto(&format!("{}/account", sandbox.url)).await?;
    phone.wait_for("#signin-form").await?;
    browser.close().await
}

/// What a citizen holds: the card, the own face, what a reader read from the chip.
pub struct Files {
    video_of_card: PathBuf,
    video_of_face: PathBuf,
    card: PathBuf,
    pub face: PathBuf,
    chip: PathBuf,
    print: PathBuf,
    _folder: tempfile::TempDir,
}

impl Files {
    pub async fn of(sandbox: &Sandbox, number: &str) -> Answer<Files> {
        let folder = tempfile::tempdir()?;
        let keep = async |name: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, sandbox.file(&format!("/sandbox/people/{number}/{name}")).await?)?;
            Ok::<_, Failure>(file)
        };
        let (card, face, chip) = (
            keep("card.png").await?,
            keep("portrait.jpg").await?,
            keep("chip.json").await?,
        );
        let print = folder.path().join("print.png");
        ridges().save(&print).map_err(|error| Failure::new(error.to_string()))?;
        Ok(Files {
            print,
            video_of_card: video(&card, &folder.path().join("card.y4m"))?,
            video_of_face: video(&face, &folder.path().join("face.y4m"))?,
            card,
            face,
            chip,
            _folder: folder,
        })
    }
}

/// What a finger scanner would send: ridges.
fn ridges() -> image::GrayImage {
    image::GrayImage::from_fn(400, 500, |x, y| {
        let (x, y) = (f64::from(x) - 200.0, f64::from(y) - 260.0);
        image::Luma([if (x.hypot(y * 0.8) / 5.0).sin() > 0.0 { 230 } else { 40 }])
    })
}

/// A video in which a picture is held before the camera.
fn video(picture: &Path, file: &Path) -> Answer<PathBuf> {
    let picture = image::open(picture).map_err(|error| Failure::new(error.to_string()))?;
    std::fs::write(file, y4m(&picture, Frame::Wide, 2))?;
    Ok(file.to_owned())
}

/// Where a picture of a page is kept, to be looked at.
pub fn picture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    drop(std::fs::create_dir_all(&folder));
    folder.join(format!("{name}.png"))
}
