//! The schema, in steps; one text serves both engines.

use std::sync::OnceLock;

use db::Migration;

#[derive(rust_embed::Embed)]
#[folder = "migrations/"]
struct Files;

/// All steps, in order.
pub fn all() -> &'static [Migration] {
    static STEPS: OnceLock<Vec<Migration>> = OnceLock::new();
    STEPS.get_or_init(|| {
        let mut names: Vec<_> = Files::iter().collect();
        names.sort();
        names.iter().filter_map(|name| step(name)).collect()
    })
}

fn step(file_name: &str) -> Option<Migration> {
    let sql = String::from_utf8(Files::get(file_name)?.data.into_owned()).ok()?;
    Some(Migration {
        name: String::leak(file_name.strip_suffix(".sql")?.to_owned()),
        sql: sql.leak(),
    })
}
