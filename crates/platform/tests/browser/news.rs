//! News: written and approved by officers, read with the server down, and gone once they were taken back.

use crate::cdp::{Answer, Browser, Page, Visitor};
use crate::journey::sandbox::Sandbox;
use crate::journey::{officers, picture};

const TITLE: &str = "Cảnh báo tin nhắn giả mạo nhận quà";
const BODY: &str =
    "## Dấu hiệu\n- Tin nhắn có đường dẫn lạ\n- Yêu cầu đọc **mã OTP**\n\nKhông bấm vào đường dẫn. Gọi 113 khi cần.";

#[tokio::test]
async fn a_warning_is_read_without_network_and_is_gone_once_it_was_taken_back() -> Answer<()> {
    let mut sandbox = Sandbox::start().await?;
    let desk = Browser::launch(None).await?;
    let (writer, reviewer) = (desk.visit(&Visitor::DESK).await?, desk.visit(&Visitor::DESK).await?);
    let ministry = sandbox.officers("ministry").await?;
    officers::sign_in(&writer, &sandbox, &ministry[0]).await?;
    officers::sign_in(&reviewer, &sandbox, &ministry[1]).await?;
    let address = write_and_approve(&writer, &reviewer, &sandbox).await?;
    let readers = Browser::launch(None).await?;
    let phone = readers.visit(&Visitor::PHONE).await?;
    phone.goto(&format!("{}/?lang=vi", sandbox.url)).await?;
    assert_eq!(phone.text("#warnings li:first-child a").await?, TITLE);
    phone.goto(&format!("{}/news", sandbox.url)).await?;
    phone
        .wait_until("document.documentElement.dataset.kept === 'yes'")
        .await?;
    phone.screenshot(&picture("news")).await?;

    sandbox.cut().await?;
    phone.goto(&format!("{}/news", sandbox.url)).await?;
    assert!(phone.text("#pinned").await?.contains(TITLE));
    phone.follow("#pinned li:first-child a").await?;
    assert!(phone.text("#article").await?.contains("mã OTP"));
    phone.screenshot(&picture("news-offline")).await?;

    sandbox.mend().await?;
    reviewer.goto(&format!("{}{address}", sandbox.url)).await?;
    reviewer
        .evaluate("document.querySelector('details').open = true")
        .await?;
    reviewer.fill("#withdraw-why", "Tin không còn đúng.").await?;
    reviewer.follow("#withdraw").await?;
    reviewer.wait_for("#state[data-state=withdrawn]").await?;
    phone.goto(&format!("{}/news", sandbox.url)).await?;
    phone.wait_until(&forgotten(&address)).await?;
    sandbox.cut().await?;
    phone.goto(&format!("{}/news", sandbox.url)).await?;
    assert!(!phone.text("main").await?.contains(TITLE));

    desk.close().await?;
    readers.close().await
}

/// One officer writes a warning, another approves it; answers its address at the desk.
async fn write_and_approve(writer: &Page, reviewer: &Page, sandbox: &Sandbox) -> Answer<String> {
    writer.follow("#desk-news").await?;
    writer.follow("#write").await?;
    writer.fill("#title", TITLE).await?;
    writer
        .fill("#lead", "Kẻ gian gửi đường dẫn lạ kèm lời hứa tặng quà.")
        .await?;
    writer.fill("#body", BODY).await?;
    writer.fill("#pinned_days", "7").await?;
    writer.follow("#article-save").await?;
    writer.follow("#submit").await?;
    writer.wait_for("#state[data-state=submitted]").await?;
    let address = writer.url().await?.trim_start_matches(sandbox.url.as_str()).to_owned();
    reviewer.goto(&format!("{}{address}", sandbox.url)).await?;
    reviewer.screenshot(&picture("news-review")).await?;
    reviewer.follow("#approve").await?;
    reviewer.wait_for("#state[data-state=public]").await?;
    Ok(address)
}

/// Whether the browser keeps the readers' page of an article no more.
fn forgotten(address: &str) -> String {
    let page = address.replacen("/officers", "", 1);
    format!("caches.match('{page}', {{ ignoreVary: true }}).then((kept) => kept === undefined)")
}
