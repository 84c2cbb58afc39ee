use serde_json::Value;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use tests::officer::Officer;
use tests::stack::Stack;
use tests::wait;

use crate::{LIMIT, Told};

/// What the service's record of reads says about the report, the oldest first.
pub(crate) async fn reads(
    stack: &Stack,
    log: &str,
    reference: &str,
) -> anyhow::Result<Vec<String>> {
    let mut conn = connect(stack, log).await?;
    let what = "select what from read_audit where reference = $1 and actor <> '' order by id";
    Ok(sqlx::query_scalar(what).bind(reference).fetch_all(&mut conn).await?)
}

async fn connect(stack: &Stack, log: &str) -> anyhow::Result<PgConnection> {
    let urls = stack.urls()?;
    Ok(PgConnection::connect(urls.get(&format!("{log}_DATABASE_URL"))?).await?)
}

#[tokio::test]
async fn whoever_of_staff_reads_is_on_record_in_both_services() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, urls) = (stack.citizen()?, stack.triager()?, stack.urls()?);
    let sender = Officer::new(urls.get("NOTIFIER_URL")?, urls.get("STAFF_TOKEN_AUDITOR")?)?;
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    let reference = receipt.reference.as_str();
    officer.sees(reference, "the case", LIMIT, |_| true).await?;
    let path = format!("contacts/{reference}");
    let contact = wait::until("the contact", LIMIT, || async {
        let answer = sender.get(&path).await?;
        Ok((answer.status == 200).then_some(answer.body))
    })
    .await?;
    assert_eq!(contact["reference"], reference);
    assert_eq!(reads(&stack, "NOTIFIER", reference).await?, ["contact"]);

    // Staff type what they hear; the record says what it is.
    let spoken = reference.to_lowercase().replace('-', "%20");
    officer.sees(&spoken, "the case as it is spoken of", LIMIT, |_| true).await?;
    officer.opens(&spoken).await?;
    let run_together = reference.replace('-', "");
    officer.get(&format!("cases/{run_together}/history")).await?.into::<Value>(200)?;
    assert_eq!(reads(&stack, "BUREAU", reference).await?, ["case", "history"]);

    for log in ["NOTIFIER", "BUREAU"] {
        for change in ["delete from read_audit", "update read_audit set actor = ''"] {
            let refused = connect(&stack, log).await?.execute(change).await;
            assert!(refused.unwrap_err().to_string().contains("append-only"), "{log}: {change}");
        }
    }
    stack.verify().await?;
    Ok(())
}
