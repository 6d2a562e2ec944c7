//! A look at every row of every table, for the tests alone.

use db::Conn;

/// Every row of this test's schema on PostgreSQL, as text, with its table.
pub(super) fn rows(conn: &mut Conn<'_>) -> Result<Vec<(String, Vec<u8>)>, db::Error> {
    let tables: Vec<String> = conn.query(
        "SELECT CAST(table_name AS TEXT) AS name FROM information_schema.tables WHERE table_schema = current_schema()",
        &[],
        |row| row.get("name"),
    )?;
    let mut found = Vec::new();
    for table in tables {
        // The statement lives as long as the test.
        let all: &'static str = format!("SELECT CAST(line AS TEXT) AS line FROM {table} AS line").leak();
        for line in conn.query(all, &[], |row| row.get::<String>("line"))? {
            found.push((table.clone(), line.into_bytes()));
        }
    }
    Ok(found)
}
