//! Evidence in a bucket of an S3-compatible store that is not ours (moto), which checks our signatures.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use nation::sources::Pki;
use platform::app::App;
use platform::evidence::{self, Placed, Removal};
use platform::notices::Gateway;
use platform::shell::chance::Chance;
use platform::shell::clock::Clock;
use platform::shell::config::{Biometrics, Config, Evidence, Officers, Registries};
use platform::shell::ids::PersonId;
use platform::shell::problem::Problem;
use platform::shell::{jobs, server};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::PATIENCE;

/// What it takes without a signature: a user, what the user may do, an access key, a bucket.
const SETTING_UP: &str = "4";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":"*"}]}"#;

/// The store, with one user.
struct Store {
    url: String,
    key: String,
    secret: String,
    _process: Child,
}

impl Store {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test is told by the environment where Python is"
    )]
    async fn start() -> Self {
        let python = std::env::var("VNEID_TEST_PYTHON").expect("`cargo xtask test --only interop` names it");
        let mut process = Command::new(python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .env("INITIAL_NO_AUTH_ACTION_COUNT", SETTING_UP)
            .env("PYTHONUNBUFFERED", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let listening = async {
            loop {
                let line = lines.next_line().await.unwrap().expect("it says where it listens");
                if let Some((_, address)) = line.split_once("http://") {
                    break format!("http://{}", address.trim());
                }
            }
        };
        let url = tokio::time::timeout(PATIENCE, listening).await.expect("it listens");
        // Else it would wait for somebody to read what it says.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let mut store = Self {
            url,
            key: String::new(),
            secret: String::new(),
            _process: process,
        };
        store.set_up().await;
        store
    }

    async fn set_up(&mut self) {
        self.manage(&[("Action", "CreateUser")]).await;
        let policy = [
            ("Action", "PutUserPolicy"),
            ("PolicyName", "evidence"),
            ("PolicyDocument", POLICY),
        ];
        self.manage(&policy).await;
        let made = self.manage(&[("Action", "CreateAccessKey")]).await;
        let between = |tag: &str| {
            let (_, after) = made.split_once(&format!("<{tag}>")).unwrap();
            after.split('<').next().unwrap().to_owned()
        };
        (self.key, self.secret) = (between("AccessKeyId"), between("SecretAccessKey"));
        let bucket = format!("{}/evidence", self.url);
        assert!(
            reqwest::Client::new()
                .put(bucket)
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
    }

    async fn manage(&self, fields: &[(&str, &str)]) -> String {
        const SCOPE: &str =
            "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0";
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields)
            .append_pair("UserName", "vneid")
            .append_pair("Version", "2010-05-08");
        let request = reqwest::Client::new()
            .post(&self.url)
            .header("authorization", SCOPE)
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(form.finish()).send().await.unwrap();
        assert!(answer.status().is_success(), "{fields:?}");
        answer.text().await.unwrap()
    }

    /// The platform with its evidence in the bucket, by this secret.
    async fn platform(&self, folder: &Path, secret: &str) -> App {
        fs::create_dir_all(folder).unwrap();
        let private = |name: &str, text: &str| {
            let file = folder.join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            file
        };
        let pki = Pki::generate(&["localhost"]).unwrap();
        let authority = private("authority.pem", &pki.ca_pem);
        let identity = format!("{}{}", pki.client.certificate_pem, pki.client.key_pem.expose());
        let identity = private("identity.pem", &identity);
        let config = Config {
            database: format!("sqlite:{}", folder.join("vneid.db").display()),
            keys: folder.join("keys"),
            biometrics: Biometrics {
                authority: authority.clone(),
                identity: identity.clone(),
                ..Biometrics::default()
            },
            registries: Registries {
                authority,
                identity,
                ..Registries::default()
            },
            evidence: Evidence {
                bucket: Some("evidence".to_owned()),
                endpoint: Some(self.url.clone()),
                access_key: Some(private("access-key", &format!("{}\n{secret}\n", self.key))),
                ..Evidence::default()
            },
            officers: Officers::default(),
            ..Config::default()
        };
        let opened = server::open(config, Gateway::Mailbox, Clock::system(), Chance::system()).await;
        opened.unwrap()
    }
}

async fn place(app: &App, person: PersonId, content: &[u8]) -> Result<Placed, Problem> {
    let placed = evidence::place(app, person, "portrait", "image/jpeg", content).await?;
    let (kept, now) = (placed.clone(), app.clock.now());
    app.db.write(move |tx| evidence::keep(tx, &kept, now)).await?;
    Ok(placed)
}

#[tokio::test]
async fn evidence_lies_sealed_in_a_bucket_of_a_foreign_store_and_goes_when_its_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::start().await;
    let app = store.platform(&folder.path().join("right"), &store.secret).await;
    let person = PersonId::draw(&app.chance);
    let portrait = b"the portrait of somebody".repeat(2_000);

    let placed = place(&app, person, &portrait).await.unwrap();
    let piece = placed.piece();
    let read = evidence::read(&app, &person, &piece).await.unwrap();
    let removal = Removal::now(&app, person);
    app.db
        .write(move |tx| evidence::drop_pieces(tx, &removal, &[piece]))
        .await
        .unwrap();
    jobs::run_due(&app).await.unwrap();
    let gone = evidence::read(&app, &person, &piece).await.unwrap();
    let dead = jobs::count_dead(&app).await.unwrap();
    let due = jobs::count_due(&app).await.unwrap();

    assert_eq!(read.as_deref(), Some(&portrait[..]));
    assert_eq!(gone, None);
    assert_eq!((due, dead), (0, 0), "its object is removed");
}

#[tokio::test]
async fn a_store_that_does_not_know_our_secret_takes_nothing_and_the_answer_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::start().await;
    let app = store.platform(&folder.path().join("wrong"), "another-secret").await;

    let refused = place(&app, PersonId::draw(&app.chance), b"a portrait").await;

    assert_eq!(refused.unwrap_err().slug(), "evidence-unavailable");
}
