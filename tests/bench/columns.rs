//! Rows of a table as the arrays of an unnest, taken from one table and ready to be written to
//! another: a floor writes what the real run wrote, and spends nothing on making it.

use anyhow::Context as _;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::{
    Arguments as _, AssertSqlSafe, Encode, PgConnection, Postgres, Row as _, Type, TypeInfo as _,
    ValueRef as _,
};
use tests::Result;
use uuid::Uuid;

/// An array as PostgreSQL sent it.
#[derive(Debug, Clone)]
struct Column {
    bytes: Vec<u8>,
    kind: PgTypeInfo,
}

impl Type<Postgres> for Column {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("bytea")
    }
}

impl Encode<'_, Postgres> for Column {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.kind.clone())
    }
}

/// A table's columns, its key, and how rows get into it.
#[derive(Debug)]
pub(crate) struct Table {
    name: &'static str,
    columns: Vec<String>,
    upsert: String,
}

/// Rows for one statement.
#[derive(Debug)]
pub(crate) struct Rows(Vec<Column>);

impl Table {
    /// Reads the columns of `name` from the catalogue. With a key, rows that are there are updated.
    pub(crate) async fn of(
        conn: &mut PgConnection,
        name: &'static str,
        key: Option<&str>,
    ) -> Result<Self> {
        let described: Vec<(String, String)> = sqlx::query_as(
            "select attname::text, format_type(atttypid, atttypmod) from pg_attribute
             where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum",
        )
        .bind(name)
        .fetch_all(conn)
        .await?;
        let columns: Vec<String> = described.iter().map(|(column, _)| column.clone()).collect();
        let arrays: Vec<String> =
            (1..).zip(&described).map(|(place, (_, kind))| format!("${place}::{kind}[]")).collect();
        let conflict = key.map_or_else(String::new, |key| {
            let rest = columns.iter().filter(|column| *column != key);
            let set: Vec<String> =
                rest.map(|column| format!("{column} = excluded.{column}")).collect();
            format!("on conflict ({key}) do update set {}", set.join(", "))
        });
        let upsert = format!(
            "insert into {name} ({}) select * from unnest({}) {conflict}",
            columns.join(", "),
            arrays.join(", ")
        );
        Ok(Self { name, columns, upsert })
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// The rows whose `column` is one of `ids`; None where there are none.
    pub(crate) async fn take(
        &self,
        conn: &mut PgConnection,
        column: &str,
        ids: &[Uuid],
    ) -> Result<Option<Rows>> {
        let arrays: Vec<String> =
            self.columns.iter().map(|name| format!("array_agg({name})")).collect();
        let query = format!(
            "select {} from (select * from {} where {column} = any($1) order by ctid) as taken",
            arrays.join(", "),
            self.name
        );
        let row = sqlx::query(AssertSqlSafe(query)).bind(ids).fetch_one(conn).await?;
        let mut columns = vec![];
        for place in 0..self.columns.len() {
            let value = row.try_get_raw(place)?;
            if value.is_null() {
                return Ok(None);
            }
            let kind = value.type_info().into_owned();
            let bytes = value.as_bytes().map_err(|error| anyhow::anyhow!(error));
            let bytes =
                bytes.with_context(|| format!("{} of {}", kind.name(), self.name))?.to_vec();
            columns.push(Column { bytes, kind });
        }
        Ok(Some(Rows(columns)))
    }

    /// Writes rows with one statement.
    pub(crate) async fn put(&self, conn: &mut PgConnection, rows: &Rows) -> Result<()> {
        let mut arguments = PgArguments::default();
        for column in &rows.0 {
            arguments.add(column).map_err(|error| anyhow::anyhow!(error))?;
        }
        let query = sqlx::query_with(AssertSqlSafe(self.upsert.as_str()), arguments);
        query.execute(conn).await?;
        Ok(())
    }
}
