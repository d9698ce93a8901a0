//! The short public numbers of offerings.

use diesel::prelude::*;

use super::StoreError;
use super::connection::AnyConnection;
use super::schema::offering;

/// Stands in for numbers where nothing is stored, so that a rehearsal uses none up.
pub(super) fn no_numbers(_: &mut AnyConnection, count: usize) -> Result<Vec<i64>, StoreError> {
    Ok((1..=count as i64).collect())
}

/// Draws public numbers that were never given out.
pub(super) fn new_numbers(conn: &mut AnyConnection, count: usize) -> Result<Vec<i64>, StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }
    match conn {
        AnyConnection::Postgres(c) => {
            let drawn: Vec<Number> =
                diesel::sql_query("SELECT nextval('offering_number') AS number FROM generate_series(1, $1)")
                    .bind::<diesel::sql_types::BigInt, _>(count as i64)
                    .load(c)?;
            Ok(drawn.into_iter().map(|drawn| drawn.number).collect())
        }
        // Rows are never taken out, and this transaction is the only writer.
        AnyConnection::Sqlite(c) => {
            let last: Option<i64> = offering::table.select(diesel::dsl::max(offering::number)).first(c)?;
            let first = last.unwrap_or(0) + 1;
            Ok((first..first + count as i64).collect())
        }
    }
}
