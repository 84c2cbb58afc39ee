//! Who of staff has read what, and when: written, and committed, before the answer is sent.

use sqlx::PgPool;

/// Adds a line to the record of a service that has one. What it cannot record may not be shown.
pub async fn record(
    pool: &PgPool,
    actor: &str,
    what: &str,
    reference: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into read_audit (actor, what, reference) values ($1, $2, $3)")
        .bind(actor)
        .bind(what)
        .bind(reference)
        .execute(pool)
        .await?;
    Ok(())
}
