//! Sending a report: the form, and the one unit of work that keeps it.

use ::http::StatusCode;
use jiff::Timestamp;

use super::attachments::{Clean, Ready};
use super::form::Checked;
use super::rules::{self, Kind, State, Word};
use super::{Link, LinkId, ReportId, Sender, attachments, code_digest, counting, entry, link_row, store};
use crate::accounts::Account;
use crate::app::App;
use crate::evidence;
use crate::officers;
use crate::shell::problem::Problem;

pub(super) mod http;

/// A report, ready to be kept.
#[derive(Clone)]
struct Sending {
    row: store::Row,
    province: String,
    code: Option<[u8; 10]>,
    code_digest: Option<[u8; 32]>,
    first: store::Entry,
    files: Vec<Ready>,
    link: Option<(LinkId, Vec<u8>)>,
}

/// How a report is sent.
#[derive(Clone, Copy)]
struct How {
    anonymous: bool,
    /// Whether the sender's account keeps where it is.
    keep: bool,
    urgent: bool,
}

impl Sending {
    /// Prepares a report by the sender with this account to a unit, and puts its files where evidence lies.
    async fn draw(
        app: &App,
        (account, report, kind): (&Account, ReportId, Kind),
        checked: &Checked,
        (unit, how): (&str, How),
        files: Vec<Clean>,
    ) -> Result<Self, Problem> {
        let (now, vault, row) = (app.clock.now(), &app.vault, report.bytes());
        let sender = (!how.anonymous).then(|| Sender {
            person: account.person,
            full_name: account.full_name.clone(),
            number: account.number.as_str().to_owned(),
            phone: account.phone.national(),
        });
        let sealed = sender.map(|sender| vault.seal_record("report", "sender", row, &sender));
        let code: Option<[u8; 10]> = how.anonymous.then(|| app.chance.bytes());
        let link = link(app, account, report, now)?;
        Ok(Self {
            files: attachments::place(app, &report, files).await?,
            province: officers::province(unit),
            code_digest: code.map(|code| code_digest(vault, code)),
            code,
            first: entry(app, Word::Sent, unit, "", ""),
            link: (!how.anonymous || how.keep).then_some(link),
            row: store::Row {
                report,
                number: number(app, kind, now),
                kind,
                unit: unit.to_owned(),
                state: State::Sent,
                sent_at: now,
                urgent_at: how.urgent.then_some(now),
                due_at: due_at(app, kind, now)?,
                settled_at: None,
                content_sealed: vault.seal_record("report", "content", row, &checked.content)?,
                sender_sealed: sealed.transpose()?,
            },
        })
    }

    /// Keeps it.
    fn keep(&self, tx: &mut db::Tx<'_>, account: &Account) -> Result<(), Problem> {
        let digest = self.code_digest.as_ref();
        if store::find(tx, &self.row.report)?.is_some() {
            return Err(Problem::new("reports-already-sent", StatusCode::CONFLICT));
        }
        counting(tx, &self.row.report, self.row.sent_at, |tx| {
            Ok(store::insert(tx, &self.row, &self.province, digest, &self.files)?)
        })?;
        store::add_entry(tx, &self.row.report, &self.first)?;
        for file in &self.files {
            evidence::keep(tx, &file.placed, self.row.sent_at)?;
        }
        if let Some((link, sealed)) = &self.link {
            store::insert_link(tx, &account.person, link, sealed)?;
        }
        Ok(())
    }
}

fn link(app: &App, account: &Account, report: ReportId, at: Timestamp) -> Result<(LinkId, Vec<u8>), Problem> {
    let link = LinkId::draw(&app.chance);
    let row = link_row(&account.person, &link);
    let sealed = app
        .vault
        .seal_record("report_link", "link", &row, &Link { report, at })?;
    Ok((link, sealed))
}

fn number(app: &App, kind: Kind, now: Timestamp) -> String {
    let day = crate::shell::clock::civil_date(now);
    let drawn = u32::from_be_bytes(app.chance.bytes());
    format!("{}-{}-{drawn:08X}", kind.letters(), day.strftime("%y%m"))
}

fn due_at(app: &App, kind: Kind, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let Some(limit) = kind.limit(app.clock.today()) else {
        return Ok(None);
    };
    let due_at = app.calendar.add_days(now, limit.days);
    due_at.map(Some).map_err(Problem::internal)
}

/// Which report a form is: the same form sent again is the same report.
fn report_of(app: &App, draft: &str) -> ReportId {
    let digest = app.vault.digest("report-draft", draft.as_bytes());
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().zip(digest) {
        *place = byte;
    }
    ReportId::from(bytes)
}

/// What the choices of a form are called.
#[derive(Clone, serde::Serialize)]
struct Choice {
    code: &'static str,
    name: String,
}

/// The communes of a province.
fn communes(province: &str) -> Vec<Choice> {
    let mut communes: Vec<Choice> = civil::units::communes_of(province)
        .map(|commune| Choice {
            code: commune.code,
            name: commune.full_name(),
        })
        .collect();
    communes.sort_by_key(|commune| civil::names::fold(&commune.name));
    communes
}

/// All provinces.
fn provinces() -> Vec<Choice> {
    rules::provinces()
        .into_iter()
        .map(|(code, name)| Choice { code, name })
        .collect()
}
