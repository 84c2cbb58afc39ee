// Pictures and papers for a report that was sent: with scripts in pieces, without them in the form itself. What
// arrives is what was chosen, byte for byte, and once.
import { createHash, randomBytes } from "node:crypto";
import { check, leads, same } from "../harness/browser.mjs";
import { keyboard } from "../harness/hands.mjs";
import { judge } from "../harness/judge.mjs";
import { aFile, button, opens, press, reporter } from "../harness/people.mjs";
import { intake, sql, until } from "../harness/stack.mjs";
import { burglary } from "../harness/story.mjs";

export const scenarios = {
  without_scripts: withoutScripts,
  with_scripts: withScripts,
  line_is_cut: lineIsCut,
  sent_twice_is_sent_once: sentTwice,
  session_lost: sessionLost,
};

const PHONE = { viewport: { width: 360, height: 640 } };

const picture = (bytes = 5_000) =>
  aFile("IMG 1.jpg", Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(bytes)]));
const paper = () => aFile("letter.pdf", Buffer.concat([Buffer.from("%PDF-1.7\n"), randomBytes(9_000)]));
const program = () => aFile("setup.exe", Buffer.concat([Buffer.from("MZ"), randomBytes(3_000)]));

const digest = (file) => createHash("sha256").update(file.buffer).digest("hex");

/** Where the files of somebody's report are added. */
async function addsFiles(page) {
  const report = await reporter(page, burglary);
  await press(page, "Add pictures, video or other files");
  return report;
}

const errors = async (page) => (await page.locator(".govuk-error-summary li").allInnerTexts()).map((text) => text.trim());

/** What is known of an upload, by its token. */
async function upload(token) {
  return (await fetch(`${intake()}/api/v1/uploads/${token}`)).json();
}

/** How large the files are that the report has, in their order. */
const sizesOf = ({ reference }) =>
  sql(`select size from evidence join report using (report_id) where reference = '${reference}' order by number`)
    .split("\n")
    .filter(Boolean)
    .map(Number);

const sizes = (...files) => files.map(({ buffer }) => buffer.length);

async function isDone(page, report, ...files) {
  await until("the page that says so", 20_000, () => page.url().endsWith("/my-report/done/files"));
  same(await page.locator("h1").innerText(), "We have your files", "what is said");
  same(sizesOf(report), sizes(...files), "what the report has");
  await page.goto("/my-report");
  const told = files.length === 1 ? "We have 1 file from you" : `We have ${files.length} files from you`;
  const text = await page.locator("main").innerText();
  check(text.includes(told), `how many there are is not told: ${text}`);
  for (const { name } of files) check(!text.includes(name), "the page shows the name of a file");
}

/** The keyboard comes to the field, and a device's own window opens. */
async function choosesByKeyboard(page, files) {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), keyboard.presses(page, "#file")]);
  check(chooser.isMultiple(), "one file only");
  await chooser.setFiles(files);
}

/** One cannot be taken: it is named, the others wait on the page, and one press more sends them. */
async function oneIsNotTaken(page, report) {
  const [a, b] = [picture(), paper()];
  await choosesByKeyboard(page, [a, program(), b]);
  await page.fill("[name=about]", "The back door");
  await leads(page, () => keyboard.goesOn(page));
  await judge(page, "files with one that is not taken");
  const told = "setup.exe cannot be opened safely. Tell us about it below, and we will ask for it in another way";
  same(await errors(page), [told], "what is wrong");
  same(await page.inputValue("[name=about]"), "The back door", "what was typed");
  const boxes = page.locator("[name=upload]");
  const tokens = await boxes.evaluateAll((all) => all.map((box) => box.value));
  const kept = await Promise.all(tokens.map(upload));
  same(kept.map(({ name }) => name), [a.name, b.name], "the names of what waits");
  same(kept.map(({ sha256 }) => sha256), [a, b].map(digest), "the bytes of what waits");
  same(sizesOf(report), [], "what the report has meanwhile");
  await leads(page, () => keyboard.goesOn(page));
  await isDone(page, report, a, b);
  same((await upload(tokens[0])).state, "taken", "what became of the first");
}

async function withoutScripts(visitors) {
  const page = await visitors.arrives({ ...PHONE, javaScriptEnabled: false });
  const report = await addsFiles(page);
  await leads(page, () => keyboard.goesOn(page));
  same(await errors(page), ["Choose a file to send"], "what is wrong with nothing");
  await page.setInputFiles("#file", [aFile("empty.txt", "")]);
  await leads(page, () => keyboard.goesOn(page));
  same(await errors(page), ["empty.txt is empty. Choose it again"], "what is wrong with an empty file");
  await oneIsNotTaken(page, report);

  await press(page, "Add pictures, video or other files");
  const many = Array.from({ length: 9 }, (_, at) => aFile(`note ${at}.txt`, `What I saw, ${at}`));
  await page.setInputFiles("#file", many);
  await leads(page, () => keyboard.goesOn(page));
  check((await errors(page))[0].startsWith("note 8.txt is one too many"), "an eleventh file is not named");
  same(await page.locator("[name=upload]").count(), 8, "files that may still go");
}

async function withScripts(visitors) {
  const page = await visitors.arrives({ ...PHONE, mayFail: true });
  const report = await addsFiles(page);
  await oneIsNotTaken(page, report);
}

async function lineIsCut(visitors) {
  const page = await visitors.arrives({ ...PHONE, mayFail: true });
  const report = await addsFiles(page);
  const film = picture(3_000_000);
  const tokens = [];
  await page.route("**/api/v1/uploads", async (route) => {
    const response = await route.fetch();
    tokens.push((await response.json()).token);
    await route.fulfill({ response });
  });
  // The second piece is cut, and so is the first question how far it came.
  const pieces = [];
  let asked = 0;
  await page.route("**/api/v1/uploads/*", (route) => {
    const request = route.request();
    const isPiece = request.method() === "PATCH";
    if (isPiece) pieces.push(Number(request.headers()["upload-offset"]));
    else asked += 1;
    return (isPiece ? pieces.length : asked) === (isPiece ? 2 : 1) ? route.abort() : route.continue();
  });
  await page.setInputFiles("#file", [film]);
  await button(page, "Send files").click();
  await page.getByText("The connection is lost").waitFor();
  await isDone(page, report, film);
  same(tokens.length, 1, "how often it was begun");
  same((await upload(tokens[0])).sha256, digest(film), "the bytes that arrived");
  same([pieces[0], pieces[2] === pieces[1]], [0, true], "where it went on");
  check(pieces.length > 3, `only ${pieces.length} pieces`);
}

async function sentTwice(visitors) {
  for (const javaScriptEnabled of [false, true]) {
    const page = await visitors.arrives({ javaScriptEnabled });
    const report = await addsFiles(page);
    const file = picture();
    await page.setInputFiles("#file", [file]);
    await button(page, "Send files").dblclick({ noWaitAfter: true });
    await isDone(page, report, file);
    const acts = `select count(*) from reporter_act join report using (report_id) where reference = '${report.reference}'`;
    same(sql(acts), "1", "how often it was added");
  }
}

async function sessionLost(visitors) {
  const page = await visitors.arrives({ javaScriptEnabled: false });
  const report = await addsFiles(page);
  await page.context().clearCookies();
  await page.setInputFiles("#file", [picture()]);
  await page.fill("[name=about]", "The back door");
  await leads(page, () => keyboard.goesOn(page));
  check((await page.locator("main").innerText()).includes("The back door"), "what was typed is lost");
  same(sizesOf(report), [], "what the report has");
  await opens(page, report);
  await page.goto("/my-report/files");
  const file = paper();
  await page.setInputFiles("#file", [file]);
  await leads(page, () => keyboard.goesOn(page));
  await isDone(page, report, file);
}
