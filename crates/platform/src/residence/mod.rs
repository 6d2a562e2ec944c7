//! Residence (*cư trú*): owners of a dwelling and heads of a household agree, in their own accounts, that somebody registers residence there
//! (Luật Cư trú 68/2020/QH14, article 20; form CT01 of Circular 53/2025/TT-BCA). The procedures themselves stand in `procedures`.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /residence/agreements` | what the citizen asked others for, and what others ask the citizen |
//! | `POST /residence/agreements` | asks: `number` of the owner or head, `role`, `commune`, `address` |
//! | `POST /residence/agreements/{id}/answer` | the one who is asked agrees or not: `answer` (`agree`, `refuse`), `passcode` |
//! | `POST /residence/agreements/{id}/withdrawal` | who agreed takes that back, as long as it stands; who asked takes the question back |
//!
//! **Invariant:** an agreement is given by the account of whom it is asked from, with the passcode, for one person and one address.
//! **Invariant:** who asks does not learn whether the number that was typed has an account.

use axum::Router;
use axum::routing::{get, post};
use civil::names;
use db::Conn;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::{App, Capability};
use crate::shell::ids::{PersonId, id};
use crate::shell::problem::Problem;
use crate::shell::texts;
use crate::shell::vault::Vault;
use crate::shell::words::words;

mod http;
mod store;

#[cfg(test)]
mod tests;

pub(crate) const CAPABILITY: Capability = Capability {
    texts: texts::source!(),
    routes,
    jobs: |_| {},
    only_in_sandbox: false,
};

fn routes() -> Router<App> {
    Router::new()
        .route("/residence/agreements", get(http::list).post(http::ask))
        .route("/residence/agreements/{id}/answer", post(http::answer))
        .route("/residence/agreements/{id}/withdrawal", post(http::withdraw))
}

id! {
    /// What somebody is asked to agree to.
    AgreementId
}

words! {
    /// As what somebody is asked.
    Role {
        /// *Chủ sở hữu chỗ ở hợp pháp*.
        Owner = "owner",
        /// *Chủ hộ*.
        Head = "head",
    }
}

/// What of an agreement is sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Content {
    asker: String,
    /// Of who is asked, as the asker typed it.
    masked_number: String,
    role: Role,
    commune: String,
    address: String,
}

const TABLE: &str = "residence_agreement";

/// The digest that tells a dwelling from all others, however its address is spelt.
fn digest_of_place(vault: &Vault, commune: &str, address: &str) -> [u8; 32] {
    vault.digest(
        "residence-place",
        format!("{commune}|{}", names::fold(address)).as_bytes(),
    )
}

/// How a person's agreements about a dwelling stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Agreed {
    /// Who agreed, and still does.
    pub(crate) agreed: usize,
    /// Who was asked and has not agreed.
    pub(crate) open: usize,
}

/// An agreement that stands: as what it was given, by whom (masked), since when.
pub(crate) struct Given {
    /// Owner or head.
    pub(crate) role: Role,
    /// The personal number, as few digits as tell people apart.
    pub(crate) masked_number: String,
    /// When it was given.
    pub(crate) agreed_at: Timestamp,
}

/// The agreements of others that a person has for a dwelling now.
///
/// # Errors
/// Those of the database, and sealed data that cannot be opened.
pub(crate) fn given(
    conn: &mut Conn<'_>,
    vault: &Vault,
    person: &PersonId,
    (commune, address): (&str, &str),
    now: Timestamp,
) -> Result<Vec<Given>, Problem> {
    let place = digest_of_place(vault, commune, address);
    let stands = store::of_place(conn, person, &place, now)?;
    let agreed = stands.into_iter().filter_map(|row| Some((row.agreed_at?, row)));
    let opened = agreed.map(|(agreed_at, row)| {
        let content: Content = vault.open_record(TABLE, "content", row.id.bytes(), &row.content_sealed)?;
        Ok(Given {
            role: content.role,
            masked_number: content.masked_number,
            agreed_at,
        })
    });
    opened.collect()
}

/// How the agreements that a person asked for about a dwelling stand now.
///
/// # Errors
/// Those of the database.
pub(crate) fn agreed(
    conn: &mut Conn<'_>,
    vault: &Vault,
    person: &PersonId,
    (commune, address): (&str, &str),
    now: Timestamp,
) -> Result<Agreed, db::Error> {
    let place = digest_of_place(vault, commune, address);
    let all = store::of_place(conn, person, &place, now)?;
    let agreed = all.iter().filter(|row| row.agreed_at.is_some()).count();
    Ok(Agreed {
        agreed,
        open: all.len() - agreed,
    })
}
