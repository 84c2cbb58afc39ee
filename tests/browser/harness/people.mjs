// Ways to come to a page that several scenarios need.
import { randomBytes } from "node:crypto";
import { leads } from "./browser.mjs";
import { quick } from "./hands.mjs";
import { referenceOn, returnCodeOn } from "./report.mjs";
import { acts, caseOf, sql, until } from "./stack.mjs";
import { Walker } from "./walker.mjs";

/** Somebody on their way through a report; at the page `until`, if one is given. */
export async function walker(page, story, until, options) {
  const walker = new Walker(page, story, quick, options);
  await walker.begins();
  if (until) await walker.walks(until);
  return walker;
}

/** Somebody who has sent a report: its reference and return code. */
export async function reporter(page, story, options) {
  await walker(page, story, "sent", options);
  return { reference: await referenceOn(page), code: await returnCodeOn(page) };
}

/** The button with these words. */
export const button = (page, words) => page.getByRole("button", { name: words, exact: true });

/** Presses a button or link that leads to another page. */
export async function press(page, words) {
  const target = button(page, words).or(page.getByRole("link", { name: words, exact: true }));
  await leads(page, () => target.first().click());
}

/** Opens a report with its code. */
export async function opens(page, { reference, code }) {
  await page.goto("/my-report");
  await page.fill("[name=reference]", reference);
  await page.fill("[name=code]", code);
  await press(page, "Open my report");
}

/** All sessions are as old as if nobody had used them for hours. */
export const hoursPass = () => sql("update session set used_at = used_at - interval '3 hours'");

/** Staff ask the reporter something; the status page then asks it. */
export async function isAsked(page, { reference }, questions) {
  await caseOf(reference);
  await acts(reference, "decisions", {
    decision: "request_details",
    reason: "when",
    rationale: "Something is not known.",
    message: "We need something before we can decide.",
    questions,
  });
  await until("the question on the status page", 20_000, async () => {
    await page.goto("/my-report");
    return (await page.locator("main").innerText()).includes(questions[0].label);
  });
}

/** A file as a browser takes it from a device. */
export const aFile = (name, content) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) });

/** A word that nobody else types. */
export const word = () => `quill${randomBytes(6).toString("hex")}`;
