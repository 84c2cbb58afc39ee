use tests::smtp_server::tools;
use tests::stack::Stack;

use crate::{LIMIT, Told};

/// The other stories run on Debian's nats-server; this one on a current one.
#[tokio::test]
async fn a_current_nats_server_serves_as_well() -> Told {
    let program = tools()?.join("bin/nats-server");
    let program = program.to_string_lossy();
    let stack = Stack::start(&[("NATS_SERVER_BIN", &program)]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let answers = citizen.answers("crime").await?;
    let first = citizen.reports(&answers).await?;
    officer.sees(&first.reference, "the case", LIMIT, |_| true).await?;
    officer.assesses(&first.reference).await?;
    officer.files(&first.reference, "Nothing more can be done.").await?;
    mailbox.gets(&[&first.reference, "Nothing more can be done."], LIMIT).await?;
    // It forgets everything, and is refilled with the same numbers and bytes.
    stack.kill("NATS")?;
    std::fs::remove_dir_all(stack.dir().join("nats"))?;
    stack.up().await?;
    let second = citizen.reports(&answers).await?;
    officer.sees(&second.reference, "the case", LIMIT, |_| true).await?;
    stack.verify().await?;
    Ok(())
}
