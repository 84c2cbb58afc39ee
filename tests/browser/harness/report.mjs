// What became of a report: on the confirmation, and in the bureau.
import { check, same } from "./browser.mjs";

/** The reference that the page shows. */
export async function referenceOn(page) {
  const text = await page.locator("main").innerText();
  const found = text.match(/\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b/);
  check(found, `no reference in: ${text}`);
  return found[0];
}

/** The return code that the page shows. */
export async function returnCodeOn(page) {
  const text = await page.locator("main").innerText();
  const found = text.match(/\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\b/);
  check(found, `no return code in: ${text}`);
  return found[0];
}

/** The bureau reads each question as the pages asked it, and each answer as it was given there. */
export function areRead(walker, answers, { least = 10 } = {}) {
  const given = [...walker.asked].filter(([id]) => walker.gave(id) !== undefined);
  check(given.length >= least, `only ${given.length} questions were answered`);
  for (const [id, label] of given) {
    const read = answers.find((answer) => answer.question === id);
    check(read, `the bureau reads nothing of ${id}: "${label}"`);
    same(read.label, label, `how ${id} was asked`);
    const { kind } = walker.known.get(id);
    same(plain(read.value, kind), plain(walker.gave(id), kind), `what was answered to ${id}`);
  }
  for (const { question } of answers) {
    check(walker.gave(question) !== undefined, `the bureau reads ${question}, which nobody answered`);
  }
}

/** An answer without the freedom that a person has in writing it. */
function plain(answer, kind) {
  if (Array.isArray(answer)) return answer.map((item) => plain(item));
  if (answer?.known === "today" || answer?.known === "yesterday" || answer?.known === "exact") {
    return { known: "a day", time: plain(answer.time ?? null) };
  }
  if (answer !== null && typeof answer === "object") {
    const parts = Object.entries(answer).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(parts.map(([part, value]) => [part, plain(value)]));
  }
  if (kind === "phone") return answer.replace(/\D/g, "").replace(/^0/, "44");
  if (kind === "vehicle_registration") return answer.replace(/[\s-]/g, "").toUpperCase();
  const clock = /^(\d{1,2}):(\d\d)(am|pm)$/.exec(answer);
  if (clock) return `${(Number(clock[1]) % 12) + (clock[3] === "pm" ? 12 : 0)}:${clock[2]}`;
  return /^\d+(\.\d\d)?$/.test(answer) ? Number(answer) : answer;
}
