//! Appointing an officer: for the command line and for the sandbox.

use std::io::Read as _;

use ::http::StatusCode;
use clap::Subcommand;
use serde::Serialize;

use super::OfficerId;
use super::passkeys::{self, Reason};
use super::policy::{Action, Asker, Dossier, Occasion, On, SecondFactor, Sphere};
use super::rules::{Role, is_unit};
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
        /// The code of the unit: a commune (five digits), a province (two digits), or C06 for the ministry.
        #[arg(long)]
        unit: String,
    },
    /// Give out a code by which an officer enrols a passkey as second factor: for the first administrator, and where none can help.
    Enrol {
        /// What the officer signs in with.
        #[arg(long)]
        login: String,
        /// Why. Where a passkey was lost or may be in other hands, all of the officer's go and the sessions end.
        #[arg(long)]
        reason: Reason,
    },
    /// Say whether an officer may do something in the own unit, and by which rules.
    May {
        /// What the officer signs in with.
        #[arg(long)]
        login: String,
        /// The word of the action, as the policies have it: `see-queue`.
        #[arg(long)]
        action: String,
        /// The unit whose application or queue it is; the officer's own if not said.
        #[arg(long)]
        unit: Option<String>,
    },
}

impl Command {
    /// Does it, and answers one line to print.
    ///
    /// # Errors
    /// If the password cannot be read, or [`appoint`] refuses.
    pub async fn run(self, app: &App) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        match self {
            Command::Appoint {
                login,
                name,
                role,
                unit,
            } => {
                let mut password = String::new();
                std::io::stdin().take(1024).read_to_string(&mut password)?;
                let password = password.trim_end_matches(['\r', '\n']);
                let officer = appoint(app, &login, &name, role, &unit, password)
                    .await
                    .map_err(|problem| format!("refused: {}", problem.slug()))?;
                let unit = super::unit(&unit);
                Ok(format!("{login} is appointed as {} of {unit} ({officer})", role.word()))
            }
            Command::Enrol { login, reason } => enrol(app, &login, reason).await,
            Command::May { login, action, unit } => may(app, &login, &action, unit).await,
        }
    }
}

async fn enrol(app: &App, login: &str, reason: Reason) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let wanted = login.trim().to_owned();
    let known = app.db.read(move |conn| store::of_login(conn, &wanted)).await?;
    let officer = known.ok_or("there is no officer with this login")?.officer;
    let code = passkeys::give(app, officer, reason, None)
        .await
        .map_err(|problem| format!("refused: {}", problem.slug()))?;
    Ok(format!(
        "{code} enrols a passkey of {login}, once, within a day: after the password, at /officers/passkey"
    ))
}

/// Explains a decision, a rule on each line.
async fn may(
    app: &App,
    login: &str,
    action: &str,
    unit: Option<String>,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let wanted = login.trim().to_owned();
    let row = app
        .db
        .read(move |conn| match store::of_login(conn, &wanted)? {
            Some(found) => store::find(conn, &found.officer),
            None => Ok(None),
        })
        .await?;
    let row = row.ok_or("there is no officer with this login")?;
    let words = || {
        Action::ALL
            .iter()
            .map(|action| action.word())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let action = Action::of_word(action).ok_or_else(|| format!("the actions are: {}", words()))?;
    let place = unit.as_deref().unwrap_or(&row.unit);
    let on = match action.sphere() {
        Sphere::Platform => On::Platform,
        Sphere::Person => On::Person,
        Sphere::Unit => On::Unit(place),
        Sphere::Dossier => On::Dossier(Dossier {
            unit: place,
            ..Dossier::default()
        }),
    };
    let asker = Asker {
        role: row.role,
        unit: &row.unit,
        second_factor: SecondFactor::Given,
    };
    let verdict = app.policies.decide(&asker, (action, &on), &Occasion::default());
    let answer = if verdict.denied.is_none() { "yes" } else { "no" };
    let mut lines = vec![format!(
        "{answer}: {login}, {} of {}",
        row.role.word(),
        super::unit(&row.unit)
    )];
    let decided = app
        .policies
        .rules()
        .iter()
        .filter(|rule| verdict.rules.contains(&rule.id));
    lines.extend(decided.map(|rule| format!("  {}: {} ({})", rule.id, rule.en, rule.basis)));
    if verdict.rules.is_empty() {
        lines.push("  no rule permits it to this role".to_owned());
    }
    Ok(lines.join("\n"))
}

/// Appoints an officer. One who has the login already keeps the identity and gets this name, role, unit and password; a new
/// password ends the officer's sessions.
///
/// # Errors
/// The problem `officers-appointment` if login, name or password is too short or the unit does not exist; those of the database.
pub async fn appoint(
    app: &App,
    login: &str,
    full_name: &str,
    role: Role,
    unit: &str,
    password: &str,
) -> Result<OfficerId, Problem> {
    let sound = !login.trim().is_empty()
        && !full_name.trim().is_empty()
        && password.chars().count() >= SHORTEST_PASSWORD
        && is_unit(unit);
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
        unit: unit.to_owned(),
    };
    let office = Office {
        officer,
        login: login.trim(),
        role: role.word(),
        unit,
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
    unit: &'a str,
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
