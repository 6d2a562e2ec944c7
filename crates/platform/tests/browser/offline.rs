//! The wallet and the inspector's page with the server down: the card is shown and checked all the same.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, GrayImage, Luma};
use serde_json::{Value, json};

use crate::cdp::{Answer, Browser, Failure, Frame, Page, Visitor, y4m};
use crate::journey::sandbox::{Citizen, Sandbox};
use crate::journey::{citizen, officers, picture};

/// The passcode of every account that the sandbox makes at once.
const PASSCODE: &str = "281946";
const CASES: &str = include_str!("../../../credentials/tests/data/identity_qr/cases.json");

#[tokio::test]
async fn the_browsers_verifier_judges_like_the_library_and_lets_no_changed_byte_pass() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let browser = Browser::launch(None).await?;
    let page = browser.visit(&Visitor::DESK).await?;
    page.goto(&format!("{}/inspection", sandbox.url)).await?;

    let run = |what: &str| format!("import('/assets/verifier/cases.js').then((m) => m.{what}({CASES}))");
    let differences = page.evaluate(&run("differences")).await?;
    let passed = page.evaluate(&run("passedThough")).await?;

    assert_eq!(differences, json!([]));
    assert_eq!(passed, json!([]));
    browser.close().await
}

#[tokio::test]
async fn a_code_that_is_drawn_is_read_again_turned_and_in_perspective() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let browser = Browser::launch(None).await?;
    let page = browser.visit(&Visitor::DESK).await?;
    page.goto(&format!("{}/inspection", sandbox.url)).await?;

    let missed = page
        .evaluate(&format!("(async () => {{ const cases = {CASES}; {READ_AGAIN} }})()"))
        .await?;

    assert_eq!(missed, json!([]));
    browser.close().await
}

/// Draws a code, looks at it as cameras do, and tells how it could not be read.
const READ_AGAIN: &str = "
    const { draw } = await import('/assets/qr/encode.js');
    const { find } = await import('/assets/qr/find.js');
    const text = cases.codes[0].text, missed = [];
    for (const level of ['L', 'M']) for (const [angle, bend] of [[0, 0], [0.3, 0], [1.6, 0], [2.6, 0], [3.5, 0], [0.1, 0.2]]) {
        const { modules } = draw(text, level), scale = 6, size = modules.length + 8;
        const width = 900, height = 900, data = new Uint8ClampedArray(width * height * 4);
        for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
            const depth = 1 + (bend * (x - 450)) / 900, dx = (x - 450) / depth, dy = (y - 450) / depth;
            const u = Math.floor((Math.cos(angle) * dx + Math.sin(angle) * dy) / scale + size / 2 - 4);
            const v = Math.floor((Math.cos(angle) * dy - Math.sin(angle) * dx) / scale + size / 2 - 4);
            const inside = u >= -4 && v >= -4 && u < size - 4 && v < size - 4;
            data.fill(inside ? (modules[v]?.[u] ? 40 : 220) : 120, (y * width + x) * 4, (y * width + x) * 4 + 3);
        }
        if (find({ width, height, data }) !== text) missed.push([level, angle, bend]);
    }
    return missed;";

#[tokio::test]
async fn a_card_is_shown_and_checked_with_no_network_at_all() -> Answer<()> {
    let mut sandbox = Sandbox::start().await?;
    let holder = sandbox.citizens().await?.remove(3);
    let citizens = Browser::launch(None).await?;
    let phone = citizens.visit(&Visitor::PHONE).await?;
    let password = take_card(&phone, &sandbox, &holder).await?;
    let eyes = Eyes::closed()?;
    let inspectors = Browser::launch(Some(&eyes.video)).await?;
    let inspector = inspectors.visit(&Visitor::PHONE).await?;
    // What the worker fetches carries the cookie, not the language that the visitor's window was given.
    inspector.goto(&format!("{}/?lang=vi", sandbox.url)).await?;
    officers::sign_in(&inspector, &sandbox, &sandbox.officers("inspector").await?[0]).await?;
    inspector.goto(&format!("{}/inspection", sandbox.url)).await?;
    inspector.wait_for("#kit[data-state=kept]").await?;
    kept(&inspector).await?;

    sandbox.cut().await?;
    open_without_network(&phone, &sandbox).await?;
    phone.screenshot(&picture("wallet-offline")).await?;
    inspector.goto(&format!("{}/inspection", sandbox.url)).await?;
    inspector.wait_for("#kit[data-state=kept]").await?;
    scan(&inspector, &phone, &eyes).await?;

    inspector.wait_for("#verdict.accept").await?;
    assert_eq!(inspector.text("#verdict-word").await?, "HỢP LỆ");
    assert_eq!(inspector.text("#holder-name").await?, holder.full_name);
    inspector
        .wait_until("document.querySelector('#kit-waiting').textContent === '1'")
        .await?;
    inspector.screenshot(&picture("inspection-offline")).await?;

    sandbox.mend().await?;
    inspector.click("#kit-renew").await?;
    inspector
        .wait_until("document.querySelector('#kit-waiting').textContent === '0'")
        .await?;
    phone.goto(&format!("{}/account/history", sandbox.url)).await?;
    assert!(phone.text("#looks").await?.contains("Công an kiểm tra danh tính"));
    locked_and_unlocked(&mut sandbox, (&phone, &holder, &password), (&inspector, &eyes)).await?;
    for page in [&phone, &inspector] {
        assert_eq!(page.complaints(), [""; 0]);
    }
    citizens.close().await?;
    inspectors.close().await
}

/// The citizen locks the card: amber with network; without, green with the age of what is known; unlocked, green again.
async fn locked_and_unlocked(
    sandbox: &mut Sandbox,
    (phone, holder, password): (&Page, &Citizen, &str),
    (inspector, eyes): (&Page, &Eyes),
) -> Answer<()> {
    phone.goto(&format!("{}/account/locks", sandbox.url)).await?;
    phone.fill("#reason", "Mất điện thoại").await?;
    phone.click("#confirm").await?;
    phone.follow("#lock-send").await?;
    phone.wait_for("#locked").await?;
    open_wallet(phone, sandbox).await?;
    scan(inspector, phone, eyes).await?;
    inspector.wait_for("#verdict.caution #by[data-by=by-platform]").await?;
    assert!(inspector.text("#verdict").await?.contains("đang bị khóa"));
    inspector.screenshot(&picture("inspection-locked")).await?;

    sandbox.cut().await?;
    scan(inspector, phone, eyes).await?;
    inspector.wait_for("#verdict.accept #by[data-by=by-device]").await?;
    assert!(inspector.text("#known").await?.contains("Trạng thái biết đến lúc"));
    sandbox.mend().await?;

    phone
        .goto(&format!("{}/signin?next=/account/locks", sandbox.url))
        .await?;
    citizen::sign_in(phone, holder, password).await?;
    phone.fill("#unlock #reason", "Tìm thấy rồi").await?;
    phone.fill("#unlock #passcode", PASSCODE).await?;
    phone.follow("#unlock-send").await?;
    open_wallet(phone, sandbox).await?;
    scan(inspector, phone, eyes).await?;
    inspector.wait_for("#verdict.accept #by[data-by=by-platform]").await?;
    inspector.screenshot(&picture("inspection-online")).await
}

/// Takes the card of a citizen into the wallet of a phone, and waits until the page is kept; answers the password.
async fn take_card(phone: &Page, sandbox: &Sandbox, holder: &Citizen) -> Answer<String> {
    let credentials = sandbox.account(holder, 2).await?;
    phone.goto(&format!("{}/signin", sandbox.url)).await?;
    citizen::sign_in(phone, holder, &credentials.password).await?;
    bind(phone, sandbox, holder).await?;
    phone.follow("#to-wallet").await?;
    phone.fill("#take-passcode", PASSCODE).await?;
    phone.click("#take-send").await?;
    phone.wait_for("#code svg").await?;
    kept(phone).await?;
    Ok(credentials.password)
}

/// Makes this phone the person's device.
async fn bind(phone: &Page, sandbox: &Sandbox, holder: &Citizen) -> Answer<()> {
    phone.goto(&format!("{}/account/security/device", sandbox.url)).await?;
    phone.follow("#device-bind-send").await?;
    phone.follow("#send-code").await?;
    phone.fill("#code", &sandbox.code(&holder.phone).await?).await?;
    phone.fill("#phone-passcode", PASSCODE).await?;
    phone.follow("#by-phone-send").await?;
    phone.wait_for("#here").await
}

async fn kept(page: &Page) -> Answer<()> {
    page.wait_until("document.documentElement.dataset.kept === 'yes'").await
}

/// Opens the wallet by the passcode while nothing answers, and looks at the card.
async fn open_without_network(phone: &Page, sandbox: &Sandbox) -> Answer<()> {
    phone.goto(&format!("{}/wallet", sandbox.url)).await?;
    phone.fill("#unlock-passcode", "000999").await?;
    phone.click("#unlock-send").await?;
    phone.wait_for("#wallet-state.bad").await?;
    open_wallet(phone, sandbox).await?;
    phone.click("#tab-card").await?;
    phone
        .wait_until("document.querySelector('#eid-portrait').naturalWidth > 0")
        .await?;
    phone.click("#tab-qr").await?;
    phone.wait_for("#code svg").await
}

/// Opens the wallet by the passcode.
async fn open_wallet(phone: &Page, sandbox: &Sandbox) -> Answer<()> {
    phone.goto(&format!("{}/wallet", sandbox.url)).await?;
    phone.fill("#unlock-passcode", PASSCODE).await?;
    phone.click("#unlock-send").await?;
    phone.wait_for("#code svg").await
}

#[tokio::test]
async fn a_guest_proves_the_age_and_nothing_else() -> Answer<()> {
    let sandbox = Sandbox::start().await?;
    let guest = sandbox.citizens().await?.remove(4);
    // Whatever a wallet signs is good where the sandbox's clock was moved, too.
    sandbox.post("/sandbox/clock", &json!({ "advance": "PT26H" })).await?;
    let browser = Browser::launch(None).await?;
    let phone = browser.visit(&Visitor::PHONE).await?;
    take_card(&phone, &sandbox, &guest).await?;
    phone.click("#tab-documents").await?;
    phone.screenshot(&picture("wallet-documents")).await?;

    let mut asked = String::new();
    for format in ["mdoc", "sd-jwt"] {
        phone.goto(&format!("{}/sandbox/over-18", sandbox.url)).await?;
        let choose = format!("document.querySelector('#format').value = '{format}'");
        phone.evaluate(&choose).await?;
        phone.follow("#over18-same").await?;
        phone.fill("#unlock-passcode", PASSCODE).await?;
        phone.click("#unlock-send").await?;
        phone.wait_for("#consent").await?;
        asked = phone.text("#consent-what").await?;
        phone.screenshot(&picture(&format!("consent-over-18-{format}"))).await?;
        phone.follow("#consent-yes").await?;
        phone.wait_for("#over18-outcome[data-state=over-18]").await?;
    }
    phone.screenshot(&picture("over-18")).await?;
    phone.goto(&format!("{}/account/history", sandbox.url)).await?;
    let history = phone.text("#looks").await?;

    assert!(
        asked.contains("Đủ 18 tuổi") && !asked.contains(&guest.full_name),
        "{asked}"
    );
    assert!(history.contains("Quán giải khát mẫu"), "{history}");
    assert_eq!(phone.complaints(), [""; 0]);
    browser.close().await
}

/// Holds the code on the screen of a phone before an inspector's camera.
async fn scan(inspector: &Page, phone: &Page, eyes: &Eyes) -> Answer<()> {
    eyes.look_at(phone).await?;
    inspector.click("#camera-start").await
}

/// What a camera sees.
struct Eyes {
    video: PathBuf,
    _folder: tempfile::TempDir,
}

impl Eyes {
    fn closed() -> Answer<Eyes> {
        let folder = tempfile::tempdir()?;
        let video = folder.path().join("screen.y4m");
        let nothing = DynamicImage::ImageLuma8(GrayImage::from_pixel(64, 64, Luma([128])));
        std::fs::write(&video, y4m(&nothing, Frame::Wide, 2))?;
        Ok(Eyes { video, _folder: folder })
    }

    /// A picture of the code on a screen, as it is now.
    async fn look_at(&self, phone: &Page) -> Answer<()> {
        let place = "(() => { const r = document.querySelector('#code').getBoundingClientRect();
            return { x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height, scale: 2 }; })()";
        let clip: Value = phone.evaluate(place).await?;
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let taken = phone.call("Page.captureScreenshot", wanted).await?;
        let png = STANDARD.decode(taken["data"].as_str().unwrap_or_default())?;
        let screen = image::load_from_memory(&png).map_err(|error| Failure::new(error.to_string()))?;
        replace(&self.video, &y4m(&screen, Frame::Wide, 2))
    }
}

fn replace(file: &Path, bytes: &[u8]) -> Answer<()> {
    Ok(std::fs::write(file, bytes)?)
}
