//! The table of articles. Nothing in it is about anybody.

use db::{Conn, Error, Row, Tx};
use jiff::Timestamp;

use super::ArticleId;
use super::rules::{Category, Progress, Written};
use crate::officers::OfficerId;

/// An article as it is kept, without its picture.
#[derive(Clone)]
pub(super) struct Article {
    pub(super) article: ArticleId,
    /// Counts its changes: what was reviewed is what is published.
    pub(super) version: i64,
    pub(super) written: Written,
    pub(super) pinned_until: Option<Timestamp>,
    pub(super) progress: Progress,
    pub(super) has_picture: bool,
}

/// Which articles are wanted of those that everybody may read.
#[derive(Clone)]
pub(super) struct Asked {
    /// Beside what is for the whole country, what is for this province.
    pub(super) province: String,
    /// Of this category alone; empty for all.
    pub(super) category: String,
    /// What comes after this place.
    pub(super) from: Place,
    pub(super) most: i64,
}

/// A place in the list: the newest come first, and of one instant each in its order, so that none is passed over between two pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    at: Timestamp,
    article: ArticleId,
}

impl Place {
    /// Before everything.
    pub(super) fn beginning() -> Self {
        Self {
            at: Timestamp::MAX,
            article: ArticleId::from([0xff; 16]),
        }
    }

    /// Where an article stands.
    pub(super) fn of(article: &Article) -> Option<Self> {
        Some(Self {
            at: article.written.publish_at?,
            article: article.article,
        })
    }

    /// As an address says it; what is none is the beginning.
    pub(super) fn read(text: &str) -> Self {
        let place = || {
            let (at, article) = text.split_once('_')?;
            Some(Self {
                at: at.parse().ok()?,
                article: article.parse().ok()?,
            })
        };
        place().unwrap_or_else(Self::beginning)
    }

    /// As an address says it.
    pub(super) fn said(&self) -> String {
        format!("{}_{}", self.at, self.article)
    }
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    article: &ArticleId,
    written: &Written,
    by: &OfficerId,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO news_article (article, version, category, province, title, title_en, lead, lead_en, body, body_en, picture_says,
                pinned_days, publish_at, written_by, written_at)
         VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        &[
            article.into(),
            written.category.word().into(),
            (&written.province).into(),
            (&written.title).into(),
            (&written.title_en).into(),
            (&written.lead).into(),
            (&written.lead_en).into(),
            (&written.body).into(),
            (&written.body_en).into(),
            (&written.picture_says).into(),
            written.pinned_days.into(),
            written.publish_at.into(),
            by.into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// Writes another version, which is a draft again; false unless its writer asks and it was not approved.
pub(super) fn rewrite(
    tx: &mut Tx<'_>,
    article: &ArticleId,
    written: &Written,
    by: &OfficerId,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE news_article SET version = version + 1, category = $2, province = $3, title = $4, title_en = $5, lead = $6, lead_en = $7,
                body = $8, body_en = $9, picture_says = $10, pinned_days = $11, publish_at = $12, written_at = $14, submitted_at = NULL
          WHERE article = $1 AND written_by = $13 AND reviewed_at IS NULL AND withdrawn_at IS NULL",
        &[
            article.into(),
            written.category.word().into(),
            (&written.province).into(),
            (&written.title).into(),
            (&written.title_en).into(),
            (&written.lead).into(),
            (&written.lead_en).into(),
            (&written.body).into(),
            (&written.body_en).into(),
            (&written.picture_says).into(),
            written.pinned_days.into(),
            written.publish_at.into(),
            by.into(),
            now.into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Sets the picture of an article that was just written.
pub(super) fn set_picture(tx: &mut Tx<'_>, article: &ArticleId, picture: Option<&[u8]>) -> Result<(), Error> {
    tx.execute(
        "UPDATE news_article SET picture = $2 WHERE article = $1 AND reviewed_at IS NULL",
        &[article.into(), picture.into()],
    )?;
    Ok(())
}

/// Hands a draft to another officer; false unless its writer asks and it is one.
pub(super) fn submit(tx: &mut Tx<'_>, article: &ArticleId, by: &OfficerId, now: Timestamp) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE news_article SET submitted_at = $3
          WHERE article = $1 AND written_by = $2 AND submitted_at IS NULL AND reviewed_at IS NULL AND withdrawn_at IS NULL",
        &[article.into(), by.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// Approves the version that was read; false unless it waits, unchanged, and somebody else wrote it.
pub(super) fn approve(
    tx: &mut Tx<'_>,
    (article, version): (&ArticleId, i64),
    by: &OfficerId,
    (publish_at, pinned_until): (Timestamp, Option<Timestamp>),
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE news_article SET reviewed_by = $3, reviewed_at = $6, publish_at = $4, pinned_until = $5
          WHERE article = $1 AND version = $2 AND written_by <> $3
            AND submitted_at IS NOT NULL AND reviewed_at IS NULL AND withdrawn_at IS NULL",
        &[
            article.into(),
            version.into(),
            by.into(),
            publish_at.into(),
            pinned_until.into(),
            now.into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Gives it back to its writer; false unless it waits and somebody else wrote it.
pub(super) fn give_back(
    tx: &mut Tx<'_>,
    (article, version): (&ArticleId, i64),
    by: &OfficerId,
    why: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE news_article SET submitted_at = NULL, returned_by = $3, returned_at = $5, returned_why = $4
          WHERE article = $1 AND version = $2 AND written_by <> $3
            AND submitted_at IS NOT NULL AND reviewed_at IS NULL AND withdrawn_at IS NULL",
        &[article.into(), version.into(), by.into(), why.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// Takes an article back, whatever it is; false if it was taken back before.
pub(super) fn withdraw(
    tx: &mut Tx<'_>,
    article: &ArticleId,
    by: &OfficerId,
    why: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "UPDATE news_article SET withdrawn_by = $2, withdrawn_at = $4, withdrawn_why = $3 WHERE article = $1 AND withdrawn_at IS NULL",
        &[article.into(), by.into(), why.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// A statement over all columns but the picture.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT article, version, category, province, title, title_en, lead, lead_en, body, body_en, picture_says, pinned_days,
                    publish_at, pinned_until, written_by, written_at, submitted_at, reviewed_by, reviewed_at, returned_at, returned_why,
                    withdrawn_at, withdrawn_why, CASE WHEN picture IS NULL THEN 0 ELSE 1 END AS pictured
               FROM news_article ",
            $rest
        )
    };
}

pub(super) fn find(conn: &mut Conn<'_>, article: &ArticleId) -> Result<Option<Article>, Error> {
    conn.query_opt(select!("WHERE article = $1"), &[article.into()], read)
}

pub(super) fn picture(conn: &mut Conn<'_>, article: &ArticleId) -> Result<Option<Vec<u8>>, Error> {
    let found = conn.query_opt(
        "SELECT picture FROM news_article WHERE article = $1",
        &[article.into()],
        |row| row.get("picture"),
    )?;
    Ok(found.flatten())
}

/// What everybody may read now, newest first.
pub(super) fn public(conn: &mut Conn<'_>, asked: &Asked, now: Timestamp) -> Result<Vec<Article>, Error> {
    conn.query(
        select!(
            "WHERE reviewed_at IS NOT NULL AND withdrawn_at IS NULL AND publish_at <= $1
            AND (publish_at < $2 OR (publish_at = $2 AND article > $6))
            AND (province = '' OR province = $3) AND (category = $4 OR $4 = '')
          ORDER BY publish_at DESC, article LIMIT $5"
        ),
        &[
            now.into(),
            asked.from.at.into(),
            (&asked.province).into(),
            (&asked.category).into(),
            asked.most.into(),
            (&asked.from.article).into(),
        ],
        read,
    )
}

/// The warnings that stand before everything else now, newest first.
pub(super) fn pinned(conn: &mut Conn<'_>, province: &str, most: i64, now: Timestamp) -> Result<Vec<Article>, Error> {
    conn.query(
        select!(
            "WHERE reviewed_at IS NOT NULL AND withdrawn_at IS NULL AND publish_at <= $1 AND pinned_until > $1
            AND (province = '' OR province = $2)
          ORDER BY publish_at DESC, article LIMIT $3"
        ),
        &[now.into(), province.into(), most.into()],
        read,
    )
}

/// What officers work on or have worked on, for some places (the codes of provinces; empty is the whole country): first what waits for review, then
/// the newest.
pub(super) fn list(conn: &mut Conn<'_>, places: &[&str], most: i64) -> Result<Vec<Article>, Error> {
    let places = format!(",{},", places.join(","));
    conn.query(
        select!(
            "WHERE $2 LIKE '%,' || province || ',%'
          ORDER BY CASE WHEN submitted_at IS NOT NULL AND reviewed_at IS NULL AND withdrawn_at IS NULL THEN 0 ELSE 1 END, written_at DESC, article
          LIMIT $1"
        ),
        &[most.into(), (&places).into()],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<Article, Error> {
    Ok(Article {
        article: row.get("article")?,
        version: row.get("version")?,
        pinned_until: row.get("pinned_until")?,
        has_picture: row.get::<i64>("pictured")? == 1,
        written: Written {
            category: Category::of_word(&row.get::<String>("category")?).unwrap_or(Category::Announcement),
            province: row.get("province")?,
            title: row.get("title")?,
            title_en: row.get("title_en")?,
            lead: row.get("lead")?,
            lead_en: row.get("lead_en")?,
            body: row.get("body")?,
            body_en: row.get("body_en")?,
            picture_says: row.get("picture_says")?,
            pinned_days: row.get("pinned_days")?,
            publish_at: row.get("publish_at")?,
        },
        progress: Progress {
            written_by: row.get("written_by")?,
            written_at: row.get("written_at")?,
            submitted_at: row.get("submitted_at")?,
            reviewed_by: row.get("reviewed_by")?,
            reviewed_at: row.get("reviewed_at")?,
            returned_at: row.get("returned_at")?,
            returned_why: row.get("returned_why")?,
            withdrawn_at: row.get("withdrawn_at")?,
            withdrawn_why: row.get("withdrawn_why")?,
        },
    })
}
