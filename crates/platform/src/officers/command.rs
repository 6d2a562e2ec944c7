//! Appointing an officer: for the command line and for the sandbox.

use std::io::Read as _;

use ::http::StatusCode;
use clap::Subcommand;
use serde::Serialize;

use super::OfficerId;
use super::rules::Role;
use super::store::{self, Appointment};
use crate::app::App;
use crate::ledger::{self, Commitment, Kind};
use crate::shell::problem::Problem;
use crate::shell::session;

/// The shortest password of an officer, in characters.
const SHORTEST_PASSWORD: usize = 8;

/// What the command line can do with officers.
#[derive(Subcommand)]
pub enum Command {
    /// Appoint an officer, or change the office of one with this login. The password is read from standard input.
    Appoint {
        /// What the officer signs in with.
        #[arg(long)]
        login: String,
        /// The officer's name.
        #[arg(long)]
        name: String,
        /// What the officer may do.
        #[arg(long)]
        role: Role,
        /// The code of the commune, five digits.
        #[arg(long)]
        commune: String,
    },
}

impl Command {
    /// Does it, and answers one line to print.
    ///
    /// # Errors
    /// If the password cannot be read, or [`appoint`] refuses.
    pub async fn run(self, app: &App) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        let Command::Appoint {
            login,
            name,
            role,
            commune,
        } = self;
        let mut password = String::new();
        std::io::stdin().take(1024).read_to_string(&mut password)?;
        let officer = appoint(
            app,
            &login,
            &name,
            role,
            &commune,
            password.trim_end_matches(['\r', '\n']),
        )
        .await
        .map_err(|problem| format!("refused: {}", problem.slug()))?;
        Ok(format!(
            "{login} is appointed as {} of commune {commune} ({officer})",
            role.word()
        ))
    }
}

/// Appoints an officer. One who has the login already keeps the identity and gets this name, role, commune and password; a new
/// password ends the officer's sessions.
///
/// # Errors
/// The problem `officers-appointment` if login, name or password is too short or the commune does not exist; those of the database.
pub async fn appoint(
    app: &App,
    login: &str,
    full_name: &str,
    role: Role,
    commune: &str,
    password: &str,
) -> Result<OfficerId, Problem> {
    let sound = !login.trim().is_empty()
        && !full_name.trim().is_empty()
        && password.chars().count() >= SHORTEST_PASSWORD
        && civil::units::commune(commune).is_some();
    if !sound {
        return Err(Problem::new("officers-appointment", StatusCode::UNPROCESSABLE_ENTITY));
    }
    let wanted = login.trim().to_owned();
    let known = app.db.read(move |conn| store::of_login(conn, &wanted)).await?;

    let now = app.clock.now();
    let is_new = known.is_none();
    let (officer, password, kept) = match known {
        Some(known) if is_password(app, password, known.password.clone()).await? => {
            (known.officer, known.password, true)
        }
        Some(known) => (known.officer, hash(app, password).await?, false),
        None => (OfficerId::draw(&app.chance), hash(app, password).await?, false),
    };
    let appointment = Appointment {
        officer,
        login: login.trim().to_owned(),
        full_name_sealed: app
            .vault
            .seal_text("officer", "full_name", officer.bytes(), full_name.trim()),
        password,
        role,
        commune: commune.to_owned(),
    };
    let office = Office {
        officer,
        login: login.trim(),
        role: role.word(),
        commune,
    };
    let commitment = Commitment::to(&app.vault, Kind::Appointment, now, &office);
    app.db
        .write(move |tx| {
            ledger::commit(tx, &commitment)?;
            if is_new {
                return store::insert(tx, &appointment, now);
            }
            store::renew(tx, &appointment)?;
            if !kept {
                session::end_all(tx, appointment.officer.bytes(), now)?;
            }
            Ok::<_, db::Error>(())
        })
        .await?;
    Ok(officer)
}

/// An appointment as it is committed to in the ledger.
#[derive(Serialize)]
struct Office<'a> {
    officer: OfficerId,
    login: &'a str,
    role: &'a str,
    commune: &'a str,
}

/// Whether a password is the one that was hashed.
pub(super) async fn is_password(app: &App, password: &str, hash: String) -> Result<bool, Problem> {
    let (hasher, password) = (app.hasher.clone(), password.to_owned());
    let same = app.workshop.run(move || hasher.verify(&password, &hash)).await?;
    match same {
        Ok(same) => Ok(same),
        Err(crypto::password::PasswordError::TooLong) => Ok(false),
        Err(error) => Err(Problem::internal(error)),
    }
}

async fn hash(app: &App, password: &str) -> Result<String, Problem> {
    let (hasher, password, salt) = (app.hasher.clone(), password.to_owned(), app.chance.bytes());
    app.workshop
        .run(move || hasher.hash(&password, salt))
        .await?
        .map_err(Problem::internal)
}

/// Takes as long as comparing a password, for a login that has none.
pub(super) async fn spend_the_time(app: &App, password: &str) {
    // A password that is too long is refused at once, as it is where the login exists.
    drop(hash(app, password).await);
}
