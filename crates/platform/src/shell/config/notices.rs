//! How SMS and e-mail leave the platform.

use std::path::{Path, PathBuf};

use crypto::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::notices::{mail, smpp};

/// Where SMS and e-mail go.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notices {
    /// A folder from which a gateway takes messages, one JSON file each.
    pub spool: Option<PathBuf>,
    /// SMS centres, in order of preference; with one of them, or a mail server, the spool is not used.
    pub smpp: Vec<SmsCentre>,
    /// The mail server.
    pub smtp: Option<MailServer>,
    /// About how many people a second the sources are asked when their papers end; 0: about nobody.
    pub learn_per_second: i64,
    /// After how many days they are asked about somebody again.
    pub learn_again_days: i64,
    /// For how many days a note stays in the inbox after it was read; one that was not read stays.
    pub read_kept_days: i64,
    /// For how many days it is kept that a job was done.
    pub done_kept_days: i64,
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            spool: None,
            smpp: Vec::new(),
            smtp: None,
            learn_per_second: 20,
            learn_again_days: 90,
            read_kept_days: 365,
            done_kept_days: 30,
        }
    }
}

/// An SMS centre (SMPP 3.4).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsCentre {
    /// Host and port. SMPP has no encryption of its own: reach it through a private line or a tunnel.
    pub address: String,
    /// Our name there: at most 15 letters.
    pub system_id: String,
    /// A file with our password there: at most 8 letters.
    pub password: PathBuf,
    /// What the phone shows as sender: at most 11 letters and digits.
    pub sender: String,
    /// How its receipts name messages: as its answers do (`same`), or the same number in another base (`decimal` where its answers are
    /// hexadecimal, `hexadecimal` where they are decimal).
    #[serde(default)]
    pub receipt_ids: smpp::Ids,
    /// What a part costs, in đồng.
    #[serde(default)]
    pub vnd_per_part: i64,
}

/// A mail server (SMTP submission over TLS, port 465).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailServer {
    /// Its name, as in its certificate.
    pub server: String,
    /// Our name there.
    pub user: String,
    /// A file with our password there.
    pub password: PathBuf,
    /// The sender of every message: `VNeID <no-reply@id.example.vn>`.
    pub from: String,
}

impl Notices {
    pub(super) fn check(&self, must: &mut impl FnMut(bool, &str)) {
        must(
            self.learn_per_second >= 0,
            "notices.learn_per_second must not be negative",
        );
        must(
            self.learn_again_days >= 1,
            "notices.learn_again_days must be at least 1",
        );
        must(self.read_kept_days >= 30, "notices.read_kept_days must be at least 30");
        must(self.done_kept_days >= 7, "notices.done_kept_days must be at least 7");
        let has_spool = self.spool.as_ref().is_some_and(|folder| folder.is_dir());
        must(
            has_spool || (!self.smpp.is_empty() && self.smtp.is_some()),
            "notices.spool must be a folder, or notices.smpp and notices.smtp must both be set",
        );
        must(
            self.smpp.iter().all(|centre| centre.password.is_file()),
            "notices.smpp.password must be a file",
        );
        must(
            self.smtp.iter().all(|server| server.password.is_file()),
            "notices.smtp.password must be a file",
        );
    }
}

impl SmsCentre {
    /// The line to it.
    ///
    /// # Errors
    /// A password that cannot be read.
    pub fn line(&self) -> std::io::Result<smpp::Line> {
        Ok(smpp::Line {
            address: self.address.clone(),
            system_id: self.system_id.clone(),
            password: password(&self.password)?,
            sender: self.sender.clone(),
            ids: self.receipt_ids,
        })
    }
}

impl MailServer {
    /// The line to it.
    ///
    /// # Errors
    /// A password that cannot be read.
    pub fn line(&self) -> std::io::Result<mail::Line> {
        Ok(mail::Line {
            server: self.server.clone(),
            user: self.user.clone(),
            password: password(&self.password)?,
            from: self.from.clone(),
        })
    }
}

fn password(file: &Path) -> std::io::Result<Secret<String>> {
    Ok(Secret::new(std::fs::read_to_string(file)?.trim_end().to_owned()))
}
