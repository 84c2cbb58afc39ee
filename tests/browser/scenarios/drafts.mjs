// What is typed and not sent: on two devices by its code, twice at once, and readable for nobody else.
import { execFileSync } from "node:child_process";
import { check, leads, same } from "../harness/browser.mjs";
import { quick } from "../harness/hands.mjs";
import { press, walker, word } from "../harness/people.mjs";
import { referenceOn } from "../harness/report.mjs";
import { casesWith, setting, sql } from "../harness/stack.mjs";
import { burglary } from "../harness/story.mjs";
import { Walker } from "../harness/walker.mjs";

export const scenarios = {
  on_two_devices_sent_at_once: onTwoDevices,
  wrong_codes_wait_and_the_right_one_does_not: wrongCodes,
  are_nowhere_in_the_clear: nowhereInTheClear,
};

async function saves(page) {
  await press(page, "Save for later");
  return (await page.locator(".app-code").innerText()).trim();
}

async function opensDraft(page, code) {
  await page.goto("/saved");
  await page.fill("[name=code]", code);
  await press(page, "Open");
}

async function onTwoDevices(visitors) {
  const unique = word();
  const story = { ...burglary, what: `It was a ${unique} that was taken.` };
  const one = await visitors.arrives();
  const begun = await walker(one, story, "evidence");
  const code = await saves(one);

  const two = await visitors.arrives({ javaScriptEnabled: false });
  await opensDraft(two, code.toLowerCase().replaceAll("-", " "));
  const resumed = new Walker(two, story, quick);
  same(resumed.id(), "evidence", "where the other device goes on");
  await resumed.walks("truth");
  await one.goto("/report/crime/truth");
  for (const walk of [begun, resumed]) await walk.fill();
  await Promise.all([one, two].map((page) => leads(page, () => quick.goesOn(page))));
  // Reference and return code are shown where it was sent from, and on no other device.
  const references = [];
  for (const page of [one, two]) {
    await page.goto("/report/crime/sent");
    const path = new URL(page.url()).pathname;
    if (path === "/report/crime/sent") references.push(await referenceOn(page));
    else same(path, "/my-report", "where the other device is led");
  }
  same(references.length, 1, "devices that show the codes");
  const cases = await casesWith(unique);
  same(cases.map(({ reference }) => reference), references, "what the bureau has");
}

async function wrongCodes(visitors) {
  const page = await visitors.arrives();
  await walker(page, burglary, "what");
  const code = await saves(page);

  const stranger = await visitors.arrives();
  const statuses = [];
  for (let tries = 0; tries < 7; tries += 1) {
    // The half that finds it is right.
    const wrong = code.replace(/.{4}$/, (end) => (end === `000${tries}` ? "0009" : `000${tries}`));
    const answer = await stranger.request.post("/saved", { form: { code: wrong }, headers: { accept: "text/html" } });
    statuses.push(answer.status());
    if (tries === 6) {
      same(answer.status(), 429, "the seventh wrong code");
      check(Number(answer.headers()["retry-after"]) > 0, "no Retry-After");
      const told = (await answer.text()).match(/try again in \d+ seconds?/);
      check(told, "nobody is told how long to wait");
    }
  }
  same(statuses.slice(0, 5), [404, 404, 404, 404, 404], "the first five wrong codes");
  await opensDraft(stranger, code);
  same(new URL(stranger.url()).pathname, "/report/crime/what", "where the right code leads");
}

async function nowhereInTheClear(visitors) {
  const unique = word();
  const page = await visitors.arrives();
  const walk = await walker(page, { ...burglary, what: `It was a ${unique} that was taken.` }, "what");
  await walk.one();
  // What is typed and left unfinished is kept as well.
  await page.goto("/report/crime/what");
  await page.fill("[name=what]", `Or else a ${unique}, I think.`);
  const code = (await saves(page)).replaceAll("-", "");
  const [cookie] = await page.context().cookies();

  sql("checkpoint");
  const find = code.slice(0, 6);
  check(inTables(find).length > 0 && inFiles(find).length > 0, "a search that finds nothing proves nothing");
  for (const secret of [unique, code, code.slice(6), cookie.value]) {
    same(inTables(secret), [], `tables with ${secret}`);
    same(inFiles(secret), [], `files with ${secret}`);
  }
}

/** Tables of the intake in which a row holds `text`, as it is or in its bytes. */
function inTables(text) {
  const tables = sql(`select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`).split("\n");
  check(tables.length > 5, "no tables to look at");
  const bytes = Buffer.from(text).toString("hex");
  return tables.filter((table) => {
    const holds = `strpos(row::text, '${text}') > 0 or strpos(row::text, '${bytes}') > 0`;
    return sql(`select exists (select from ${table} as row where ${holds})`) === "t";
  });
}

/** Files of the stack that hold `text`: data of the database, of the broker, logs, settings. */
function inFiles(text) {
  try {
    const flags = ["--recursive", "--text", "--fixed-strings", "--files-with-matches", "--devices=skip"];
    const found = execFileSync("grep", [...flags, text, setting("STACK_DIR")], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return found.trim().split("\n");
  } catch (error) {
    // A file may be gone before it is looked at; then what was found counts.
    return error.stdout.trim().split("\n").filter(Boolean);
  }
}
