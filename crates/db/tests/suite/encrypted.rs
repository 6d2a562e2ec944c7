//! A server elsewhere is spoken to in TLS, and only if it proves who it is.

use std::path::Path;

use db::{Db, Error, Options};

use crate::server::Server;

#[tokio::test]
async fn a_server_is_trusted_only_with_the_right_certificate() {
    let Some(server) = Server::start() else { return };
    let url = format!("{}?sslmode=require", server.url());
    let folder = tempfile::tempdir().unwrap();
    let (right, wrong) = (folder.path().join("right.pem"), folder.path().join("wrong.pem"));
    let stranger = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&right, &server.certificate).unwrap();
    std::fs::write(&wrong, stranger.cert.pem()).unwrap();

    let trusted = Db::open(&url, trusting(&right)).await.unwrap();
    let stranger = Db::open(&url, trusting(&wrong)).await;
    let other_name = Db::open(&url.replace("localhost", "127.0.0.1"), trusting(&right)).await;
    let nobody = Db::open(&url, Options::default()).await;
    let no_file = Db::open(&url, trusting(&folder.path().join("none.pem"))).await;

    let encrypted = trusted
        .read(|conn| {
            conn.query_one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[], |row| {
                row.get::<i64>("ssl")
            })
        })
        .await;
    assert_eq!(encrypted, Ok::<_, Error>(1));
    assert!(matches!(stranger, Err(Error::Unavailable(_))), "{stranger:?}");
    assert!(matches!(other_name, Err(Error::Unavailable(_))), "{other_name:?}");
    assert!(matches!(nobody, Err(Error::Url(_))), "{nobody:?}");
    assert!(matches!(no_file, Err(Error::Url(_))), "{no_file:?}");
    trusted.close().await;
}

fn trusting(certificates: &Path) -> Options {
    Options {
        root_certificates: Some(certificates.to_owned()),
        ..Options::default()
    }
}
