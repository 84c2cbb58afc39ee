// Ways past every kind of page. Each tells `sees` what is shown: (page, template, state).
import { check, leads, same } from "./browser.mjs";
import { quick } from "./hands.mjs";
import { aFile, hoursPass, isAsked, opens, press, reporter, walker } from "./people.mjs";
import { intake } from "./stack.mjs";
import { Walker } from "./walker.mjs";
import { burglary, cannotCall, home, nonsense } from "./story.mjs";

/** The template that a page is made of, by the last part of its address. */
const TEMPLATES = ["start", "begin", "leaving", "send-now", "save", "sent", "back", "elsewhere"];

async function templateOf(page, id) {
  if (TEMPLATES.includes(id)) return id;
  return (await page.locator(".govuk-summary-list").count()) > 0 ? "check" : "question";
}

/** Looks at each page of a walk as it comes, sent empty, sent with nonsense, and filled. */
function looksAt(sees) {
  return {
    sees: async (page, id, state) => sees(page, await templateOf(page, id), `${id} ${state}`),
    stumbles: async (walker, id) => {
      const { page } = walker;
      const before = page.url();
      if ((await page.locator("main form :is(input, textarea):not([type=hidden])").count()) === 0) return;
      await leads(page, () => quick.goesOn(page));
      if (await hasErrors(page)) await sees(page, await templateOf(page, id), `${id} empty`);
      else await page.goto(before);
      if (!(await quick.fills(page, nonsense))) return;
      await leads(page, () => quick.goesOn(page));
      check(await hasErrors(page), `${id} takes nonsense`);
      await sees(page, await templateOf(page, id), `${id} in error`);
      const texts = [...nonsense].filter(([, answer]) => typeof answer === "string");
      await quick.fills(page, new Map(texts.map(([name]) => [name, ""])));
    },
  };
}

const hasErrors = async (page) => (await page.locator(".govuk-error-summary").count()) > 0;

async function burglaryAndAfter(page, sees) {
  const walk = await walker(page, burglary, "truth", looksAt(sees));
  const check = page.url();
  await press(page, "Save for later");
  await sees(page, "save");
  await page.goto("/report/crime");
  await sees(page, "begin", "begun");
  await page.goto("/");
  await sees(page, "start", "begun");

  // A second tab stands where the report is not sent yet.
  await page.goto(check);
  const other = await page.context().newPage();
  await other.goto("/report/crime/what");
  await walk.walks();
  await other.fill("[name=what]", "I forgot: the window was broken too.");
  await press(other, "Continue");
  await sees(other, "already");
  await other.close();

  await page.goto("/report/crime");
  await sees(page, "begin", "sent");
  await page.goto("/report/crime/sent");
  await addsMore(page, sees);
  await page.goto("/report/crime/sent");
  await press(page, "Show the copy");
  await sees(page, "copy");
}

async function someoneWatched(page, sees) {
  await reporter(page, home, looksAt(sees));
  await page.goto("/my-report");
  await sees(page, "status", "with a way out");
}

async function emergency(page, sees) {
  await walker(page, cannotCall, "send-now", looksAt(sees));
  await leads(page, () => page.locator("main form button").click());
  await sees(page, "send-now", "empty");
  await quick.fills(page, new Map([["what", "Two men are upstairs"], ["where-how_to_find", "The cellar"]]));
  await sees(page, "send-now", "filled");
  await leads(page, () => page.locator("main form button").click());
  await sees(page, "sent", "short");
}

async function worryingWords(page, sees) {
  const story = { ...burglary, what: "He said that he is going to kill me." };
  const walk = await walker(page, story, "truth");
  await walk.fill();
  await leads(page, () => quick.goesOn(page));
  await sees(page, "danger");
  await leads(page, () => quick.goesOn(page));
  await sees(page, "sent", "after a question");
}

async function comingBack(page, sees) {
  const report = await reporter(page, burglary);
  await page.context().clearCookies();
  await page.goto("/my-report");
  await sees(page, "my-report");
  await press(page, "Open my report");
  await sees(page, "my-report", "empty");
  await page.fill("[name=reference]", report.reference);
  await page.fill("[name=code]", "AAAA-BBBB-CCCC-DDDD");
  await press(page, "Open my report");
  await sees(page, "my-report", "wrong code");
  await opens(page, report);
  await sees(page, "status");
  await press(page, "Send this");
  await sees(page, "status", "empty");
  await page.fill("[name=text]", "A neighbour saw a red van.");
  await sees(page, "status", "filled");
  await press(page, "Send this");
  await sees(page, "done", "added");
  await isAsked(page, report, [
    { label: "About what time did you leave home?", kind: "text" },
    { label: "Where had you left the key?", kind: "place" },
    { label: "When did you see it last?", kind: "approximate_date" },
  ]);
  await sees(page, "status", "asked");
  await quick.fills(page, new Map([["q3-known", ["exact"]], ["q3-exact-date-day", "40"]]));
  await press(page, "Send this");
  await sees(page, "status", "asked, in error");
  await page.goto("/my-report/files");
  await sees(page, "files");
  await press(page, "Send files");
  await sees(page, "files", "empty");
  await page.setInputFiles("[name=file]", aFile("notes.txt", "What I wrote down that evening."));
  await page.fill("[name=about]", "My notes");
  await sees(page, "files", "filled");
  await press(page, "Send files");
  await sees(page, "done", "files");
  await page.goto("/my-report/found");
  await sees(page, "found");
  await page.fill("[name=where]", "At the station");
  await press(page, "Send this");
  await sees(page, "done", "found");
  await page.goto("/my-report/stop-contact");
  await sees(page, "stop-contact");
  await leads(page, () => quick.goesOn(page));
  await sees(page, "done", "no contact");
  await page.goto("/my-report");
  await press(page, "It has got worse or happened again");
  await sees(page, "question", "got worse");
  const worse = new Walker(page, { what: "He came back.", when: { known: "today" } }, quick, {
    kind: "again",
    ...looksAt(sees),
  });
  await worse.walks("told");
  await sees(page, "told");
  await page.goto("/my-report/withdraw");
  await sees(page, "withdraw");
  await leads(page, () => quick.goesOn(page));
  await sees(page, "done", "to stop");
}

/** What is offered by name once a report is sent. */
async function addsMore(page, sees) {
  const links = page.locator('main a[href^="/my-report/more/"]');
  const offered = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  check(offered.length > 0, "nothing more is offered");
  for (const path of offered) {
    await page.goto(path);
    await sees(page, "more", path);
    await press(page, "Send this");
    if (await hasErrors(page)) await sees(page, "more", `${path} empty`);
  }
}

async function goesElsewhere(page, sees) {
  const story = { ...burglary, type: "fraud", money_on: "elsewhere" };
  await walker(page, story, "elsewhere", looksAt(sees));
  // What the force does not take has no way on.
  const card = { danger: "no", thing: "card", stolen: "no" };
  await walker(page, card, "only-card", { kind: "property-lost", ...looksAt(sees) });
}

/** Half-way it turns out to be something else: what was told is there already. */
async function somethingElse(page, sees) {
  await walker(page, burglary, "where");
  await press(page, "This is something else");
  await sees(page, "other");
  await press(page, "Continue");
  await sees(page, "other", "nothing chosen");
  await page.check('[name=to][value="fraud"]');
  await leads(page, () => quick.goesOn(page));
  await sees(page, "question", "something else");
  const path = new URL(page.url()).pathname;
  check(path.startsWith("/report/fraud/") && !path.endsWith("/now"), `goes on at ${path}`);
}

async function around(page, sees) {
  await page.goto("/");
  await leads(page, () => page.getByRole("link", { name: "Not sure, or something else" }).click());
  await sees(page, "not-sure");
  for (const about of ["accessibility", "privacy", "cookies"]) {
    await page.goto(`/${about}`);
    await sees(page, about);
  }
  await page.goto("/saved");
  await sees(page, "saved");
  await press(page, "Open");
  await sees(page, "saved", "empty");
  await page.fill("[name=code]", "7K4M-2T93-WMK7-HD2V-RC4T");
  await press(page, "Open");
  await sees(page, "saved", "wrong code");
  await checksAReceipt(page, sees);
  await page.goto("/nothing-here");
  await sees(page, "problem", "404");
}

/** A receipt is shown to somebody else, who checks it; and one in which a letter was changed. */
async function checksAReceipt(page, sees) {
  await reporter(page, burglary);
  const receipt = await page.locator("details .app-kept").textContent();
  await page.goto("/verify");
  await sees(page, "verify");
  const checks = async (text) => {
    await page.fill("[name=receipt]", text);
    await press(page, "Check this receipt");
  };
  await checks("");
  await sees(page, "verify", "empty");
  const other = receipt[40] === "A" ? "B" : "A";
  await checks(receipt.slice(0, 40) + other + receipt.slice(41));
  await sees(page, "verify", "changed");
  await checks(receipt);
  await sees(page, "verified");
}

/** Somebody who sends more than an address may: what was typed is in the page that says so. */
async function toldToWait(page, sees) {
  const client = "198.51.100.7";
  await page.context().setExtraHTTPHeaders({ "x-forwarded-for": client });
  const walk = await walker(page, burglary, "truth");
  // The address has used up what it may send.
  const headers = { "x-forwarded-for": client, "content-type": "application/json" };
  await fetch(`${intake()}/api/v1/reports`, { method: "POST", headers, body: "{}" });
  await walk.fill();
  await leads(page, () => quick.goesOn(page));
  same(page.served.status(), 429, "what an address is told that sent too much");
  await sees(page, "problem", "429");
}

/** Somebody who was away for hours. No other browser may use the stack meanwhile. */
async function awayForHours(page, sees) {
  const walk = await walker(page, burglary, "what");
  hoursPass();
  await page.goto("/report/crime/what");
  await sees(page, "back");
  await leads(page, () => quick.goesOn(page));
  await page.context().clearCookies();
  await walk.fill();
  await leads(page, () => quick.goesOn(page));
  await sees(page, "back", "lost");

  await page.context().clearCookies();
  await walker(page, home, "where");
  hoursPass();
  await page.goto("/report/crime/where");
  await sees(page, "back", "by code");
}

/** Each with the templates that it passes. `rough` ones must be alone on their stack. */
/** One form is opened by its code where another one is begun: that one's code is shown. */
async function twoForms(page, sees) {
  await walker(page, burglary, "what");
  await press(page, "Save for later");
  const code = (await page.locator(".app-code").innerText()).trim();
  await page.context().clearCookies();
  await walker(page, burglary, "what");
  await page.goto("/saved");
  await page.fill("[name=code]", code);
  await press(page, "Open");
  await sees(page, "another");
}

export const tours = {
  burglary: { tour: burglaryAndAfter, past: ["start", "begin", "question", "check", "save", "sent", "already", "more", "copy"] },
  someone_watched: { tour: someoneWatched, past: ["leaving", "question", "status"] },
  emergency: { tour: emergency, past: ["send-now", "sent"] },
  worrying_words: { tour: worryingWords, past: ["danger"] },
  coming_back: { tour: comingBack, past: ["my-report", "status", "done", "files", "found", "told", "stop-contact", "withdraw"] },
  sign_posted: { tour: goesElsewhere, past: ["elsewhere"] },
  something_else: { tour: somethingElse, past: ["other"] },
  two_forms: { tour: twoForms, past: ["another"] },
  around: { tour: around, past: ["not-sure", "accessibility", "privacy", "cookies", "saved", "verify", "verified", "problem"] },
  told_to_wait: { tour: toldToWait, past: ["problem"] },
  away_for_hours: { tour: awayForHours, past: ["back"], rough: true },
};
