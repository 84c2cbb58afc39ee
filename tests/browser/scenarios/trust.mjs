// Forms that come from elsewhere change nothing. What every page and cookie must carry is looked at in every
// scenario (harness/browser.mjs); here a plain page is asked for what those rules rest on.
import { check, leads, same } from "../harness/browser.mjs";
import { quick } from "../harness/hands.mjs";
import { reporter, walker, word } from "../harness/people.mjs";
import { casesWith, intake } from "../harness/stack.mjs";
import { burglary, home } from "../harness/story.mjs";
import { tours } from "../harness/tours.mjs";

export const scenarios = {
  every_form_is_refused_from_another_site: fromAnotherSite,
  a_wrong_token_changes_no_draft: wrongTokenOfDraft,
  a_wrong_token_changes_no_report: wrongTokenOfReport,
  leaving_ends_the_session: leaving,
};

const HTML = { accept: "text/html" };

/** The forms of a page: where they lead, and what they send. */
const formsOf = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("form")].map((form) => ({
      action: form.getAttribute("action"),
      method: form.method,
      fields: Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string")),
    })),
  );

async function fromAnotherSite(visitors) {
  const tried = new Set();
  const tries = async (page) => {
    for (const { action, method, fields } of await formsOf(page)) {
      same(method, "post", `how ${action} is sent`);
      if (tried.has(action)) continue;
      tried.add(action);
      for (const foreign of [
        { origin: "https://elsewhere.example" },
        { origin: "null" },
        { origin: intake(), "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
      ]) {
        const headers = { ...HTML, ...foreign };
        const answer = await page.request.post(action, { form: fields, headers, maxRedirects: 0 });
        same(answer.status(), 403, `${action} from ${JSON.stringify(foreign)}`);
      }
    }
  };
  const page = await visitors.arrives();
  await tours.someone_watched.tour(page, tries);
  for (const path of ["/report/crime", "/saved", "/verify"]) {
    await page.goto(path);
    await tries(page);
  }
  await tours.coming_back.tour(await visitors.arrives(), tries);
  for (const path of ["/my-report/add", "/my-report/files", "/my-report/withdraw", "/my-report/close", "/my-report", "/saved", "/verify"]) {
    check(tried.has(path), `${path} was never tried`);
  }
  check(tried.size > 15, `only ${tried.size} forms were tried`);
}

/**
 * Sends `fields` as a page of ours that has another session's token. To close and to leave work from any page
 * of ours: they show nobody anything, and whoever presses must be able to rely on it.
 */
const forge = (page, action, fields) =>
  page.request.post(action, {
    form: { token: "0".repeat(64), ...fields },
    headers: { ...HTML, origin: intake() },
    maxRedirects: 0,
  });

async function wrongTokenOfDraft(visitors) {
  const unique = word();
  const page = await visitors.arrives();
  const story = { ...burglary, what: `It was a ${unique} that was taken.` };
  const walk = await walker(page, story, "truth");
  await forge(page, "/report/crime/what", { what: `forged ${unique}` });
  await forge(page, "/report/crime/new", {});
  await forge(page, "/report/crime/truth", { truth: "yes" });
  await forge(page, "/report/crime/back", {});
  await page.goto("/report/crime/truth");
  same(walk.id(), "truth", "the page that the visitor is on");
  same((await casesWith(unique)).length, 0, "reports that a forged form sent");
  await walk.walks();
  const [found] = await casesWith(unique);
  same(found.answers.find(({ question }) => question === "what").value, story.what, "what was reported");
}

async function wrongTokenOfReport(visitors) {
  const unique = word();
  const page = await visitors.arrives();
  const report = await reporter(page, { ...burglary, what: `It was a ${unique} that was taken.` });
  await page.goto("/my-report");
  const key = (await formsOf(page)).map(({ fields }) => fields.key).find(Boolean);
  for (const act of ["add", "withdraw", "stop-contact"]) {
    await forge(page, `/my-report/${act}`, { key, text: "A forged word that nobody said." });
  }
  await forge(page, "/report/again/new", {});
  const [found] = await casesWith(unique);
  same([found.version, found.withdrawal_asked, found.replies.length], [1, false, 0], "what became of the case");
  await page.goto("/my-report");
  check((await page.locator("main").innerText()).includes(report.reference), "the report was closed");
}

async function leaving(visitors) {
  const page = await visitors.arrives();
  await walker(page, home, "where");
  await page.fill("[name=where-town]", "Newtown");
  await leads(page, () => quick.goesOn(page));
  const before = await page.context().cookies();
  same(before.length, 1, "cookies of somebody who is on the way");
  // What the button and the key lead to, without waiting for the other site.
  const answer = await page.request.get("/leave", { headers: HTML, maxRedirects: 0 });
  check(!new URL(answer.headers().location, intake()).href.startsWith(intake()), "it leads nowhere else");
  same(await page.context().cookies(), [], "cookies that are left");
  // Whoever kept the cookie opens nothing with it.
  await page.context().addCookies(before);
  await page.goto("/report/crime/where");
  check(!(await page.content()).includes("Newtown"), "the session is still there");
}
