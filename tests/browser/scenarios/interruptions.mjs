// What happens to people on the way: back, again, twice, two tabs, a lost cookie, hours away, a server that
// dies. Nothing typed is lost, and there is one report.
import { check, leads, same } from "../harness/browser.mjs";
import { quick } from "../harness/hands.mjs";
import { button, hoursPass, press, walker, word } from "../harness/people.mjs";
import { referenceOn } from "../harness/report.mjs";
import { casesWith, ends, until, up } from "../harness/stack.mjs";
import { burglary } from "../harness/story.mjs";

export const scenarios = {
  back_button: backButton,
  refresh: refresh,
  double_click_with_scripts: (visitors) => doubleClick(visitors, true),
  double_click_without_scripts: (visitors) => doubleClick(visitors, false),
  two_tabs: twoTabs,
  cookie_lost: cookieLost,
  hours_away: hoursAway,
  server_restarted: serverRestarted,
  database_away: databaseAway,
};

const storyWith = (unique) => ({ ...burglary, what: `It was a ${unique} that was taken.` });
const typed = (page) => page.locator("[name=what]").inputValue();

/** One report holds the word, and it is the one that the page shows. */
async function isTheOnly(page, unique) {
  await page.goto("/report/crime/sent");
  const reference = await referenceOn(page);
  const cases = await casesWith(unique);
  same(cases.map((found) => found.reference), [reference], "the reports that were made");
  return cases[0];
}

async function backButton(visitors) {
  const unique = word();
  const page = await visitors.arrives();
  const walk = await walker(page, storyWith(unique), "know-who");
  for (let steps = 0; walk.id() !== "what"; steps += 1) {
    check(steps < 10, "back does not come to the page");
    await leads(page, () => page.goBack());
  }
  same(await typed(page), walk.story.what, "what stands on the page that was left");
  await page.fill("[name=what]", `${walk.story.what} And a ring.`);
  await leads(page, () => quick.goesOn(page));
  walk.fields.set("what", `${walk.story.what} And a ring.`);
  await walk.walks();

  await page.goBack();
  await page.waitForLoadState("load");
  // A page from before the sending is no page any more, or is answered as sent already.
  if (await button(page, "Send report").isVisible()) await leads(page, () => quick.goesOn(page));
  const found = await isTheOnly(page, unique);
  check(JSON.stringify(found.answers).includes("And a ring."), "the change was lost");
}

async function refresh(visitors) {
  const unique = word();
  const page = await visitors.arrives();
  const walk = await walker(page, storyWith(unique), "what");
  await page.reload();
  await page.fill("[name=what]", `${unique} ${"x".repeat(5_000)}`);
  await leads(page, () => quick.goesOn(page));
  await leads(page, () => page.reload());
  check((await typed(page)).startsWith(unique), "a page in error loses what was typed when it is loaded again");
  await walk.walks();
  const first = await referenceOn(page);
  await leads(page, () => page.reload());
  same(await referenceOn(page), first, "the reference when the confirmation is loaded again");
  await isTheOnly(page, unique);
}

async function doubleClick(visitors, javaScriptEnabled) {
  const unique = word();
  const page = await visitors.arrives({ javaScriptEnabled });
  const walk = await walker(page, storyWith(unique), "truth");
  await walk.fill();
  await button(page, "Send report").dblclick({ noWaitAfter: true });
  // The second press may have ended the first one's way.
  await until("the confirmation", 20_000, () => page.url().endsWith("/sent"));
  await page.waitForLoadState("load");
  await isTheOnly(page, unique);
}

async function twoTabs(visitors) {
  const unique = word();
  const one = await visitors.arrives();
  const first = await walker(one, storyWith(unique), "what");
  const two = await one.context().newPage();
  await two.goto("/report/crime/where");
  await two.fill("[name=where-town]", "Othertown");
  await one.fill("[name=what]", first.story.what);
  // Both go on at once, each with a page of its own.
  await Promise.all([one, two].map((page) => leads(page, () => quick.goesOn(page))));
  first.fields.set("where-town", "Othertown");
  // A tab behind another draws slowly.
  await one.bringToFront();
  await first.walks("truth");
  await two.bringToFront();
  await two.goto("/report/crime/truth");
  await two.check("[name=truth]");
  await one.bringToFront();
  await first.walks();
  await two.bringToFront();
  await leads(two, () => quick.goesOn(two));
  check((await two.locator("main").innerText()).includes(await referenceOn(one)), "the other tab is not told");
  const found = await isTheOnly(one, unique);
  check(JSON.stringify(found.answers).includes("Othertown"), "what the other tab saved was lost");
}

async function cookieLost(visitors) {
  const unique = word();
  const page = await visitors.arrives();
  const walk = await walker(page, storyWith(unique), "what");
  await walk.fill();
  await page.context().clearCookies();
  await leads(page, () => quick.goesOn(page));
  check((await page.locator("h1").innerText()).includes("kept"), "nobody is told that it is kept");
  await press(page, "Go on without a code");
  await walk.walks("what");
  same(await typed(page), walk.story.what, "what stands on the page when it comes again");
  await walk.walks();
  await isTheOnly(page, unique);
}

async function hoursAway(visitors) {
  const unique = word();
  const page = await visitors.arrives();
  const walk = await walker(page, storyWith(unique), "what");
  await walk.fill();
  hoursPass();
  await leads(page, () => quick.goesOn(page));
  check(!(await page.locator("main").innerText()).includes(unique), "shown to whoever sits there now");
  await press(page, "It is me: go on");
  await walk.walks("what");
  same(await typed(page), walk.story.what, "what was typed before the hours");
  await walk.walks();
  await isTheOnly(page, unique);
}

async function serverRestarted(visitors) {
  const unique = word();
  const page = await visitors.arrives();
  const walk = await walker(page, storyWith(unique), "what");
  await walk.fill();
  await ends("INTAKE", "SIGKILL");
  up();
  await leads(page, () => quick.goesOn(page));
  await walk.walks("truth");
  await walk.fill();
  await ends("INTAKE", "SIGKILL");
  up();
  await walk.walks();
  await isTheOnly(page, unique);
}

/** Presses "Try again" until the page is taken: a server that has just come back may need a moment. */
async function triesAgain(page) {
  await until("the page to be taken", 20_000, async () => {
    await press(page, "Try again");
    return page.served.status() !== 503;
  });
}

async function databaseAway(visitors) {
  const unique = word();
  const page = await visitors.arrives();
  const walk = await walker(page, storyWith(unique), "what");
  await walk.fill();
  await ends("POSTGRES", "SIGINT");
  await leads(page, () => quick.goesOn(page));
  same(page.served.status(), 503, "the answer while nothing can be saved");
  await page.getByText("Show what I typed").click();
  check((await page.locator("main").innerText()).includes(unique), "what was typed is not in the page");
  up();
  await triesAgain(page);
  await walk.walks("truth");
  await walk.fill();
  await ends("POSTGRES", "SIGINT");
  await leads(page, () => quick.goesOn(page));
  same(page.served.status(), 503, "the answer while nothing can be sent");
  up();
  await triesAgain(page);
  await isTheOnly(page, unique);
}
