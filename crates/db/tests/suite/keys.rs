//! What the schema forbids, in the same words on both engines.

use db::{Db, Error, Migration, Rule};

use crate::harness::on_each_engine;

const REGISTER: &[Migration] = &[Migration {
    name: "V0001__register",
    sql: "
        CREATE TABLE person (
            id BIGINT NOT NULL PRIMARY KEY,
            email TEXT UNIQUE,
            age BIGINT NOT NULL DEFAULT 0 CHECK (age >= 0)
        );
        CREATE TABLE phone (
            person BIGINT NOT NULL REFERENCES person (id),
            place BIGINT NOT NULL,
            country TEXT NOT NULL,
            number TEXT NOT NULL,
            PRIMARY KEY (person, place)
        );
        CREATE UNIQUE INDEX phone_by_number ON phone (country, number);
        CREATE TABLE pledge (person BIGINT REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE event (at BIGINT NOT NULL, number BIGINT NOT NULL, PRIMARY KEY (at, number))
        -- only postgres
        PARTITION BY RANGE (at)
        -- end
        ;
        -- only postgres
        CREATE TABLE event_early PARTITION OF event FOR VALUES FROM (0) TO (100);
        CREATE TABLE event_late PARTITION OF event FOR VALUES FROM (100) TO (200);
        -- end
    ",
}];

/// Runs a test on a register of one person with one phone.
async fn with_register(test: impl AsyncFn(Db)) {
    on_each_engine(async |place| {
        let db = place.open().await;
        db.migrate(REGISTER).await.unwrap();
        db.write(|tx| {
            tx.execute("INSERT INTO person (id, email) VALUES (1, 'a@example.vn')", &[])?;
            tx.execute("INSERT INTO event (at, number) VALUES (7, 1), (107, 1)", &[])?;
            tx.execute(
                "INSERT INTO phone (person, place, country, number) VALUES (1, 0, '84', '900000001')",
                &[],
            )
        })
        .await
        .unwrap();

        test(db.clone()).await;

        db.close().await;
    })
    .await;
}

async fn change(db: &Db, sql: &'static str) -> Result<u64, Error> {
    db.write(move |tx| tx.execute(sql, &[])).await
}

#[tokio::test]
async fn a_clash_names_table_and_columns() {
    with_register(async |db| {
        for (sql, key) in [
            ("INSERT INTO person (id) VALUES (1)", "person.id"),
            (
                "INSERT INTO person (id, email) VALUES (2, 'a@example.vn')",
                "person.email",
            ),
            (
                "INSERT INTO phone (person, place, country, number) VALUES (1, 0, '84', '2')",
                "phone.person,place",
            ),
            (
                "INSERT INTO phone (person, place, country, number) VALUES (1, 1, '84', '900000001')",
                "phone.country,number",
            ),
            ("INSERT INTO event (at, number) VALUES (7, 1)", "event.at,number"),
            ("UPDATE event SET at = 107 WHERE at = 7", "event.at,number"),
        ] {
            let outcome = change(&db, sql).await;

            assert_eq!(outcome, Err(Error::Taken(key.to_owned())), "{sql}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_broken_rule_is_named() {
    with_register(async |db| {
        for (sql, rule) in [
            ("INSERT INTO person (id, age) VALUES (2, -1)", Rule::Check),
            ("INSERT INTO person (id, age) VALUES (2, NULL)", Rule::NotNull),
            ("INSERT INTO person (email) VALUES ('b@example.vn')", Rule::NotNull),
            (
                "INSERT INTO phone (person, place, country, number) VALUES (9, 0, '84', '2')",
                Rule::Reference,
            ),
            ("DELETE FROM person WHERE id = 1", Rule::Reference),
        ] {
            let outcome = change(&db, sql).await;

            assert_eq!(outcome, Err(Error::Violated(rule)), "{sql}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_clash_spoils_the_unit_even_if_it_is_swallowed() {
    with_register(async |db| {
        let outcome = db
            .write(|tx| {
                tx.execute("INSERT INTO person (id) VALUES (2)", &[])?;
                let clash = tx.execute("INSERT INTO person (id) VALUES (1)", &[]);
                assert_eq!(clash, Err(Error::Taken("person.id".to_owned())));
                let after = tx.execute("INSERT INTO person (id) VALUES (3)", &[]);
                assert_eq!(after, Err(Error::Spoiled));
                Ok::<_, Error>(())
            })
            .await;

        let people = db
            .read(|conn| conn.query("SELECT id FROM person", &[], |row| row.get::<i64>("id")))
            .await;
        assert_eq!(outcome, Err(Error::Spoiled));
        assert_eq!(people, Ok::<_, Error>(vec![1]));
    })
    .await;
}

#[tokio::test]
async fn an_expected_clash_can_be_passed_over() {
    with_register(async |db| {
        let changed = change(
            &db,
            "INSERT INTO person (id) VALUES (1), (2) ON CONFLICT (id) DO NOTHING",
        )
        .await;

        assert_eq!(changed, Ok(1));
    })
    .await;
}

#[tokio::test]
async fn a_deferred_rule_fails_its_unit_and_no_other() {
    with_register(async |db| {
        let units: Vec<_> = (0..40_i64)
            .map(|n| {
                let db = db.clone();
                let person = if n % 4 == 0 { 9 } else { 1 };
                tokio::spawn(async move {
                    db.write(move |tx| tx.execute("INSERT INTO pledge (person) VALUES ($1)", &[person.into()]))
                        .await
                })
            })
            .collect();

        let mut outcomes = Vec::new();
        for unit in units {
            outcomes.push(unit.await.unwrap());
        }

        let kept = db.read(|conn| conn.query_one("SELECT count(*) AS n FROM pledge", &[], |row| row.get::<i64>("n")));
        for (n, outcome) in outcomes.iter().enumerate() {
            let expected = if n % 4 == 0 {
                Err(Error::Violated(Rule::Reference))
            } else {
                Ok(1)
            };
            assert_eq!(*outcome, expected, "unit {n}");
        }
        assert_eq!(kept.await, Ok::<_, Error>(30));
    })
    .await;
}
