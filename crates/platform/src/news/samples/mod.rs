//! What the sandbox has to read from the beginning, so that nobody meets an empty page.

use db::Tx;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::rules::{Category, Written};
use super::{ArticleId, store};
use crate::app::App;
use crate::officers::{self, OfficerId};
use crate::shell::problem::Problem;

#[derive(Deserialize)]
struct File {
    article: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    category: Category,
    #[serde(default)]
    province: String,
    #[serde(default)]
    pinned_days: i64,
    /// So many hours ago it became public.
    hours: i64,
    title: String,
    title_en: String,
    lead: String,
    lead_en: String,
    body: String,
    body_en: String,
}

impl Sample {
    fn written(self, now: Timestamp) -> Written {
        Written {
            category: self.category,
            province: self.province,
            title: self.title,
            title_en: self.title_en,
            lead: self.lead,
            lead_en: self.lead_en,
            body: self.body,
            body_en: self.body_en,
            picture_says: String::new(),
            pinned_days: self.pinned_days,
            publish_at: Some(now - SignedDuration::from_hours(self.hours)),
        }
    }
}

/// Publishes the samples, written by one officer and approved by another, unless there is an article already.
///
/// # Errors
/// Those of the database and of the vault; not found, if there is no such officer.
pub(crate) async fn publish(app: &App, writer: &'static str, reviewer: &'static str) -> Result<(), Problem> {
    let file: File = toml::from_str(include_str!("samples.toml")).map_err(Problem::internal)?;
    let now = app.clock.now();
    let samples: Vec<_> = file
        .article
        .into_iter()
        .map(|sample| (ArticleId::draw(&app.chance), sample.written(now)))
        .collect();
    let vault = app.vault.clone();
    app.db
        .write(move |tx| {
            if !store::list(tx, &[""], 1)?.is_empty() {
                return Ok(());
            }
            let writer = officers::with_login(tx, &vault, writer)?.ok_or_else(Problem::not_found)?;
            let reviewer = officers::with_login(tx, &vault, reviewer)?.ok_or_else(Problem::not_found)?;
            for (id, written) in &samples {
                approved(tx, id, written, (&writer.officer, &reviewer.officer))?;
            }
            Ok::<_, Problem>(())
        })
        .await
}

fn approved(
    tx: &mut Tx<'_>,
    id: &ArticleId,
    written: &Written,
    (writer, reviewer): (&OfficerId, &OfficerId),
) -> Result<(), db::Error> {
    let at = written.publish_at.unwrap_or_default();
    let pinned_until = (written.pinned_days > 0).then(|| at + SignedDuration::from_hours(24 * written.pinned_days));
    store::insert(tx, id, written, writer, at)?;
    store::submit(tx, id, writer, at)?;
    store::approve(tx, (id, 1), reviewer, (at, pinned_until), at)?;
    Ok(())
}
