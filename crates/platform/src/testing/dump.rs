//! What somebody reads who has stolen the database and the files beside it.

use std::path::Path;

use db::Engine;

use super::TestApp;

/// Everything at rest: each row of each table, or the database's file with its log, and all other files of the test's folder.
async fn everything(app: &TestApp) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    files(app.folder(), &mut found);
    if app.db.engine() == Engine::Postgres {
        found.extend(app.db.read(super::store::rows).await.unwrap());
    }
    found
}

fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

/// Fails if anything at rest shows one of these, plain or in hexadecimal.
pub(crate) async fn shows_none_of(app: &TestApp, secrets: &[(&str, Vec<u8>)]) {
    let everything = everything(app).await;
    assert!(
        everything.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > 10_000,
        "there is nothing to look at"
    );
    for (what, secret) in secrets {
        assert!(secret.len() >= 8, "{what} is too short to be searched for");
        let hexadecimal = hex::encode(secret);
        for (place, bytes) in &everything {
            let shows = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
            assert!(
                !shows(secret) && !shows(hexadecimal.as_bytes()),
                "{what} is readable in {place}"
            );
        }
    }
}
