// What a report asks of the person who makes it: pages, answers, words, and the time that all of it takes.
import { check } from "../harness/browser.mjs";
import { quick } from "../harness/hands.mjs";
import { referenceOn } from "../harness/report.mjs";
import { caseOf, questions } from "../harness/stack.mjs";
import { Walker } from "../harness/walker.mjs";

/** How people read, choose and type: somebody used to it, and somebody slow. */
const TYPICAL = { readsAMinute: 220, choiceSeconds: 2, typesAMinute: 30, pageSeconds: 2 };
const SLOW = { readsAMinute: 150, choiceSeconds: 4, typesAMinute: 18, pageSeconds: 3.5 };
/** Nobody reads everything. */
const READ = 0.6;
/** A typed word is five letters and a space, as in every measure of typing. */
const LETTERS = 6;

/** What a home burglary may ask for at most. */
const MOST = {
  pages: 16,
  required: 22,
  typed: 6,
  words: 1_050,
  typicalMinutes: 7,
  slowMinutes: 11,
  typicalMinutesWithoutAccount: 5,
};

/** An account of 60 words. */
const ACCOUNT = `I went to work at eight and came home at half past six. The back door was open and the
  lock was broken. Somebody was in every room. My laptop was gone from the table and a ring that my
  mother gave me was gone from the bedroom. I called my sister, and she came to stay until the
  morning.`.replace(/\s+/g, " ");

/** A home burglary; nothing is known of who did it, and what may be left out is left out. */
const CORE = {
  now: "no",
  danger: "no",
  type: "break_in",
  break_in_where: "home",
  role: "me",
  where_kind: "home",
  where: { line1: "14 Station Road", town: "Newtown" },
  when: { known: "yesterday" },
  what: ACCOUNT,
  taken: "yes",
  know_who: "no",
  evidence: ["unsure"],
  afraid: "no",
  identity: "details",
  name: "Robin Ash",
  channel: "email",
  email: "robin.ash@example.com",
  safe_email: "yes",
  truth: true,
};

const TYPED = ["text", "long_text", "email", "phone", "place", "person", "number", "money", "date", "time"];

export const scenarios = { of_a_home_burglary: burden };

async function burden(visitors) {
  check(words(ACCOUNT) === 60, `the account has ${words(ACCOUNT)} words`);
  const shown = [];
  const page = await visitors.arrives();
  const walker = new Walker(page, CORE, quick, {
    sees: async (page, id, state) => {
      if (state === "filled") shown.push((await page.evaluate(seen)).split("\n"));
    },
  });
  await walker.begins();
  await walker.walks();

  const all = await questions("crime");
  const { answers } = await caseOf(await referenceOn(page));
  const optional = answers.filter(({ question }) => !all.get(question).required);
  check(optional.length === 0, `answered though nobody has to: ${optional.map(({ question }) => question)}`);
  const typed = answers.filter(({ question }) => TYPED.includes(all.get(question).kind));
  const texts = [...walker.fields].filter(([name]) => TYPED.includes(walker.kindOf(name)));
  const length = texts.reduce((sum, [, text]) => sum + text.length, 0);

  const figures = {
    pages: walker.walked.length,
    required: answers.length,
    typed: typed.length,
    words: wordsShown(shown),
  };
  const choices = figures.required - figures.typed;
  const minutes = (who, typedLetters) =>
    (figures.words * READ) / who.readsAMinute +
    (choices * who.choiceSeconds + figures.pages * who.pageSeconds) / 60 +
    typedLetters / LETTERS / who.typesAMinute;
  figures.typicalMinutes = minutes(TYPICAL, length);
  figures.slowMinutes = minutes(SLOW, length);
  figures.typicalMinutesWithoutAccount = minutes(TYPICAL, length - ACCOUNT.length);

  for (const [name, most] of Object.entries(MOST)) {
    console.log(`burden: ${name} ${Math.round(figures[name] * 100) / 100}, at most ${most}`);
  }
  console.log(`burden: words a page ${shown.map((lines, at) => `${walker.walked[at]} ${words(lines.join(" "))}`).join(", ")}`);
  const own = texts.reduce((sum, [, text]) => sum + words(text), 0);
  console.log(`burden: ${own} of the words are the reporter's own, shown again before they are sent`);
  const above = Object.keys(MOST).filter((name) => figures[name] > MOST[name]);
  check(above.length === 0, `more than people can be asked for: ${above.map((name) => `${name} ${figures[name]}`)}`);
}

/** Runs in the page: what can be seen of it, without what is only for ears. */
function seen() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(".govuk-visually-hidden { display: none !important }");
  document.adoptedStyleSheets = [sheet];
  const text = document.querySelector("main").innerText;
  document.adoptedStyleSheets = [];
  return text;
}

const words = (text) => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** Words of all pages; a line that stands on most of them is read once. */
function wordsShown(pages) {
  const on = new Map();
  for (const lines of pages) for (const line of new Set(lines)) on.set(line, (on.get(line) ?? 0) + 1);
  const isFurniture = (line) => on.get(line) > pages.length / 2;
  const once = [...on.keys()].filter(isFurniture);
  const rest = pages.flatMap((lines) => lines.filter((line) => !isFurniture(line)));
  return words(once.join("\n")) + words(rest.join("\n"));
}
