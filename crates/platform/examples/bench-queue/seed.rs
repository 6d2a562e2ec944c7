//! Millions of applications, put into the database as statements, not as people.

use civil::units::{self, Commune};
use db::{Db, Engine, Value};
use jiff::{SignedDuration, Timestamp};

/// How many communes are filled in one unit of work.
const COMMUNES_AT_ONCE: usize = 100;

/// The applications of one commune, `$1` to `$2`. One in ten waits; of those one in a hundred is taken up, one in fifty has a failing check, one in ten is late. What
/// is sealed of an application is as long as it is for people.
macro_rules! insert {
    ($key:literal, $sealed:literal) => {
        concat!(
            "INSERT INTO application (person, application, number, level, state, commune, unit, province, risk, subject_sealed, reasons, \
                                      basis, opened_at, submitted_at, deadline_at)
             WITH RECURSIVE running (n) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT n + 1 FROM running WHERE n < $2)
             SELECT ", $key, ", ", $key, ", CONCAT('B', n), 1 + n / 10 % 2,
                    CASE WHEN n % 10 > 0 THEN 'activated' WHEN n % 1000 = 0 THEN 'claimed' ELSE 'submitted' END,
                    $3, $3, $4,
                    CASE WHEN n % 500 = 0 THEN 'high' WHEN n % 50 = 10 THEN 'raised' ELSE 'low' END,
                    ", $sealed, ", '', 'level-1', $5, $5 - (n * 7919000003) % 864000000000,
                    $5 + (n * 104729000003) % 864000000000 - 86400000000
               FROM running"
        )
    };
}

const SQLITE: &str = insert!("CAST(printf('%016x', n) AS BLOB)", "zeroblob(700)");
const POSTGRES: &str = insert!(
    "convert_to(lpad(to_hex(n), 16, '0'), 'UTF8')",
    "decode(repeat('00', 700), 'hex')"
);

/// Fills the communes evenly, once.
pub async fn seed(db: &Db, applications: i64, now: Timestamp) {
    let filled = db.read(|conn| {
        conn.query_opt("SELECT 1 AS one FROM application LIMIT 1", &[], |row| {
            row.get::<i64>("one")
        })
    });
    if filled.await.unwrap().is_some() {
        return;
    }
    let communes: Vec<&'static Commune> = units::communes().collect();
    let each = applications / i64::try_from(communes.len()).unwrap() + 1;
    let statement = if db.engine() == Engine::Sqlite {
        SQLITE
    } else {
        POSTGRES
    };
    let opened = now - SignedDuration::from_hours(24);
    for (piece, some) in communes.chunks(COMMUNES_AT_ONCE).enumerate() {
        let first = i64::try_from(piece * COMMUNES_AT_ONCE).unwrap() * each;
        let some = some.to_vec();
        db.write(move |tx| {
            for (at, commune) in some.iter().enumerate() {
                let from = first + i64::try_from(at).unwrap_or_default() * each;
                let values = [
                    Value::Int(from + 1),
                    Value::Int(from + each),
                    commune.code.into(),
                    commune.province.into(),
                    opened.into(),
                ];
                tx.execute(statement, &values)?;
            }
            Ok::<_, db::Error>(())
        })
        .await
        .unwrap();
    }
}
