//! What goes in comes out, and what does not fit is refused.

use db::{Error, Rule, Value};
use jiff::Timestamp;

use crate::harness::with_book;

#[tokio::test]
async fn every_value_comes_back_as_it_went_in() {
    with_book(async |db| {
        let at = Timestamp::from_microsecond(1_798_761_599_999_999).unwrap();

        db.write(move |tx| {
            let insert = "INSERT INTO entry (id, note, body, amount) VALUES ($1, $2, $3, $4)";
            tx.execute(
                insert,
                &[
                    i64::MIN.into(),
                    "Nguyễn Thị Ước".into(),
                    (&[0_u8, 255, 39]).into(),
                    at.into(),
                ],
            )?;
            tx.execute(
                insert,
                &[
                    i64::MAX.into(),
                    Value::Null,
                    None::<&[u8]>.into(),
                    (&None::<i64>).into(),
                ],
            )
        })
        .await
        .unwrap();

        let rows = db
            .read(|conn| {
                conn.query("SELECT id, note, body, amount FROM entry ORDER BY id", &[], |row| {
                    Ok((
                        row.get::<i64>("id")?,
                        row.get::<Option<String>>("note")?,
                        row.get::<Option<[u8; 3]>>("body")?,
                        row.get::<Option<Timestamp>>("amount")?,
                    ))
                })
            })
            .await;
        let full = (
            i64::MIN,
            Some("Nguyễn Thị Ước".to_owned()),
            Some([0, 255, 39]),
            Some(at),
        );
        assert_eq!(rows, Ok::<_, Error>(vec![full, (i64::MAX, None, None, None)]));
    })
    .await;
}

#[tokio::test]
async fn placeholders_stand_in_any_order_and_as_often_as_needed() {
    with_book(async |db| {
        db.write(|tx| {
            tx.execute(
                "INSERT INTO entry (amount, note, id) VALUES ($3, $2, $1)",
                &[1.into(), "two, not $2".into(), 3.into()],
            )
        })
        .await
        .unwrap();

        let found = db
            .read(|conn| {
                conn.query_one(
                    "SELECT id, amount FROM entry WHERE note <> '$9' AND (amount = $2 OR id = $2) AND id = $1",
                    &[1.into(), 3.into()],
                    |row| Ok((row.get::<i64>("id")?, row.get::<i64>("amount")?)),
                )
            })
            .await;

        assert_eq!(found, Ok::<_, Error>((1, 3)));
    })
    .await;
}

#[tokio::test]
async fn a_missing_and_an_extra_value_are_refused() {
    with_book(async |db| {
        for (sql, given) in [
            ("SELECT id FROM entry WHERE id = $1 AND amount = $2", 1),
            ("SELECT id FROM entry WHERE id = $1 AND amount = $2", 3),
            ("SELECT id FROM entry WHERE id = $1 AND amount = $3", 2),
            ("SELECT id FROM entry WHERE id = $1 AND amount = $3", 3),
            ("SELECT id FROM entry", 1),
        ] {
            let outcome = db
                .read(move |conn| conn.query(sql, &vec![Value::Int(1); given], |row| row.get::<i64>("id")))
                .await;

            assert!(
                matches!(outcome, Err(Error::Parameters(_))),
                "{sql} with {given}: {outcome:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_statement_still_runs_after_a_call_with_too_few_values() {
    with_book(async |db| {
        let sql = "SELECT count(*) AS n FROM entry WHERE id = $1 AND amount = $2";

        let outcome = db
            .read(move |conn| {
                let refused = conn.query_one(sql, &[1.into()], |row| row.get::<i64>("n"));
                let counted = conn.query_one(sql, &[1.into(), 2.into()], |row| row.get::<i64>("n"))?;
                let refused_again = conn.query_one(sql, &[1.into()], |row| row.get::<i64>("n"));
                Ok::<_, Error>((refused.is_err(), counted, refused_again.is_err()))
            })
            .await;

        assert_eq!(outcome, Ok((true, 0, true)));
    })
    .await;
}

#[tokio::test]
async fn an_error_names_its_column() {
    with_book(async |db| {
        db.write(|tx| {
            tx.execute(
                "INSERT INTO entry (id, note, body) VALUES (1, 'secret', $1)",
                &[(&[1, 2]).into()],
            )
        })
        .await
        .unwrap();
        let sql = "SELECT id, note, body, amount FROM entry";

        let wrong = db
            .read(move |conn| {
                Ok::<_, Error>([
                    conn.query(sql, &[], |row| row.get::<i64>("note").map(drop))
                        .unwrap_err()
                        .to_string(),
                    conn.query(sql, &[], |row| row.get::<String>("id").map(drop))
                        .unwrap_err()
                        .to_string(),
                    conn.query(sql, &[], |row| row.get::<[u8; 16]>("body").map(drop))
                        .unwrap_err()
                        .to_string(),
                    conn.query(sql, &[], |row| row.get::<i64>("amount").map(drop))
                        .unwrap_err()
                        .to_string(),
                    conn.query(sql, &[], |row| row.get::<i64>("age").map(drop))
                        .unwrap_err()
                        .to_string(),
                ])
            })
            .await
            .unwrap();

        assert_eq!(
            wrong,
            [
                "column note: text is not a whole number",
                "column id: a whole number is not text",
                "column body: bytes is not of 16 bytes",
                "column amount: null is not a whole number",
                "column age: there is no such column",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn counts_sums_and_conditions_are_whole_numbers() {
    with_book(async |db| {
        let sums = [
            (-3, 1),
            (99_999_999, 2),
            (-9_000_000_000_000_000_000, -223_372_036_854_775_807),
            (10_000, 0),
        ];

        for (a, b) in sums {
            let counted = db
                .write(move |tx| {
                    tx.execute("DELETE FROM entry", &[])?;
                    tx.execute(
                        "INSERT INTO entry (id, amount) VALUES (1, $1), (2, $2)",
                        &[a.into(), b.into()],
                    )?;
                    tx.query_one(
                        "SELECT sum(amount) AS sum, count(*) AS n, EXISTS (SELECT 1 FROM entry) AS any FROM entry",
                        &[],
                        |row| Ok((row.get::<i64>("sum")?, row.get::<i64>("n")?, row.get::<i64>("any")?)),
                    )
                })
                .await;

            assert_eq!(counted, Ok::<_, Error>((a + b, 2, 1)));
        }
    })
    .await;
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused() {
    with_book(async |db| {
        let text = db
            .write(|tx| tx.execute("INSERT INTO entry (id) VALUES ($1)", &["một".into()]))
            .await;
        let bytes = db
            .write(|tx| tx.execute("INSERT INTO entry (id, note) VALUES (1, $1)", &[(&[1]).into()]))
            .await;

        assert_eq!(text, Err(Error::Violated(Rule::Type)));
        assert_eq!(bytes, Err(Error::Violated(Rule::Type)));
    })
    .await;
}

#[tokio::test]
async fn one_row_means_one_row() {
    with_book(async |db| {
        let sql = "SELECT id FROM entry";

        let none = db
            .read(move |conn| conn.query_one(sql, &[], |row| row.get::<i64>("id")))
            .await;
        db.write(|tx| tx.execute("INSERT INTO entry (id) VALUES (1), (2)", &[]))
            .await
            .unwrap();
        let two = db
            .read(move |conn| conn.query_opt(sql, &[], |row| row.get::<i64>("id")))
            .await;

        assert_eq!(none, Err(Error::NoRow));
        assert_eq!(two, Err(Error::ManyRows));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_statement_says_what_is_wrong() {
    with_book(async |db| {
        let outcome = db
            .read(|conn| conn.query("SELECT id FROM nowhere", &[], |row| row.get::<i64>("id")))
            .await;

        assert!(
            matches!(&outcome, Err(Error::Statement(why)) if why.contains("nowhere")),
            "{outcome:?}"
        );
    })
    .await;
}
