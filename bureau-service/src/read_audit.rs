//! Who has read what, and when: written, and committed, before the answer is sent.

use sqlx::PgPool;

/// Adds a line to the record. What it cannot record may not be shown.
pub async fn record(
    pool: &PgPool,
    actor: &str,
    what: &'static str,
    reference: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into read_audit (actor, what, reference) values ($1, $2, $3)",
        actor,
        what,
        reference
    )
    .execute(pool)
    .await?;
    Ok(())
}
