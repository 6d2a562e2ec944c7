//! Units of work on SQLite and PostgreSQL; knows no table.
