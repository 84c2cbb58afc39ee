use anyhow::Context as _;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use tests::stack::Stack;

use crate::Told;

#[tokio::test]
async fn an_edited_row_is_found_by_its_position() -> Told {
    let stack = Stack::start(&[]).await?;
    let citizen = stack.citizen()?;
    let answers = citizen.answers("crime").await?;
    for _ in 0..5 {
        citizen.reports(&answers).await?;
    }
    stack.verify().await?;
    for (service, url) in [("intake", "INTAKE"), ("bureau", "BUREAU"), ("notifier", "NOTIFIER")] {
        let whole = stack.service(service, &["log", "verify"]).await?;
        assert!(whole.contains("all whole"), "{whole}");
        let urls = stack.urls()?;
        let mut conn = PgConnection::connect(urls.get(&format!("{url}_DATABASE_URL"))?).await?;
        let refused = conn.execute("update event set kind = 'x.y' where position = 3").await;
        assert!(refused.is_err(), "the log took an update");
        conn.execute("alter table event disable trigger user").await?;
        conn.execute("update event set body = body || 'x'::bytea where position = 3").await?;
        conn.execute("alter table event enable trigger user").await?;
        let run = stack.service_command(service, &["log", "verify"])?.output()?;
        let said = String::from_utf8(run.stdout)?;
        assert_eq!(run.status.code(), Some(3), "{said}");
        assert!(said.contains("position 3:"), "{service}: {said}");
        assert!(!said.contains("position 4:"), "{service}: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn a_services_own_role_cannot_change_the_log() -> Told {
    let stack = Stack::start(&[]).await?;
    let citizen = stack.citizen()?;
    citizen.reports(&citizen.answers("crime").await?).await?;
    for service in ["intake", "bureau", "notifier"] {
        let settings = tests::urls::Urls::read(&stack.dir().join(format!("{service}.env")))?;
        let url = settings.get(&format!("{}_DATABASE_URL", service.to_uppercase()))?;
        let mut conn = PgConnection::connect(url).await.context("connect as the service")?;
        for statement in [
            "update event set kind = 'x.y'",
            "delete from event",
            "truncate event",
            "alter table event disable trigger all",
            "delete from log_head",
        ] {
            let refused = conn.execute(statement).await;
            assert!(refused.is_err(), "{service} may {statement}");
        }
    }
    stack.verify().await?;
    Ok(())
}
