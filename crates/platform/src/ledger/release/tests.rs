use super::{announce, http};
use crate::ledger::turn;
use crate::testing::TestApp;

#[tokio::test]
async fn a_released_program_is_found_in_the_log_and_a_changed_one_is_not() {
    let app = TestApp::start().await;
    let program = app.folder().join("vneid");
    std::fs::write(&program, b"a program").unwrap();
    announce(&app, Some(&program)).await.unwrap();
    announce(&app, Some(&program)).await.unwrap();
    turn(&app).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/ledger", listener.local_addr().unwrap());
    let router = crate::app::router(&app);
    tokio::spawn(async move { axum::serve(listener, router).await });

    let released = http::check(&address, Some(&program), &[], &[]).await.unwrap();
    std::fs::write(&program, b"another program").unwrap();
    let other = http::check(&address, Some(&program), &[], &[]).await.unwrap();
    let page = app.client().browser().get("/ledger/releases").await.text();

    assert_eq!(released, None);
    assert!(other.is_some_and(|wrong| wrong.contains("was released")));
    assert!(
        page.contains("Programs that were released") && page.contains("/ledger/proof/0"),
        "{page}"
    );
}
