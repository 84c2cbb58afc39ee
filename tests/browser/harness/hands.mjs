// How somebody uses a page: with the keyboard alone, or with whatever is quickest.
import { check } from "./browser.mjs";

const TABS_MAX = 150;

/** Tab, arrows, Space, Enter and letters. Where the focus is must be seen all the time. */
export const keyboard = {
  async follows(page, selector) {
    await tabTo(page, selector);
    await page.keyboard.press("Enter");
  },

  async presses(page, selector) {
    await tabTo(page, selector);
    await page.keyboard.press("Enter");
  },

  async goesOn(page) {
    await tabTo(page, GO_ON);
    await page.keyboard.press("Enter");
  },

  async fills(page, fields) {
    const done = new Set();
    // A page that asks for one thing more begins there.
    let at = await focus(page);
    if (!at.name) at = await tab(page);
    for (let tabs = 0; tabs < TABS_MAX; tabs += 1, at = await tab(page)) {
      if (at.isLast) return;
      if (!at.name || !fields.has(at.name)) continue;
      const answer = fields.get(at.name);
      if (at.type === "checkbox") {
        if (answer.includes(at.value) !== at.checked) await page.keyboard.press("Space");
      } else if (done.has(at.name)) {
        continue;
      } else if (at.type === "radio") {
        await choose(page, at, [answer].flat()[0]);
      } else if (at.value !== answer) {
        await page.keyboard.press("Control+A");
        await page.keyboard.type(answer);
      }
      done.add(at.name);
    }
    throw new Error("the page has no end for the keyboard");
  },
};

/** The button that sends a form on its way: not the one that saves, adds or takes away. */
const GO_ON = "main form button:not([name], [type=button])";

async function choose(page, first, value) {
  if (first.checked && first.value === value) return;
  await page.keyboard.press("Space");
  for (let moves = 0; moves < 30; moves += 1) {
    const at = await focus(page);
    if (at.value === value && at.checked) return;
    await page.keyboard.press("ArrowDown");
  }
  throw new Error(`${first.name} has no choice ${value}`);
}

async function tab(page, wanted) {
  await page.keyboard.press("Tab");
  return focus(page, wanted);
}

/** To what `selector` says, if the focus is not there already. */
async function tabTo(page, selector) {
  let at = await focus(page, selector);
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    if (at.isWanted) return;
    at = await tab(page, selector);
  }
  throw new Error(`Tab never comes to ${selector} on ${page.url()}`);
}

/** What has the focus. It must be in view and under nothing else (WCAG 2.4.11). */
async function focus(page, wanted) {
  const at = await page.evaluate(([goOn, wanted]) => {
    const element = document.activeElement;
    const { name, type, value, checked } = element;
    const field = element.matches("main form :is(input, textarea, select)");
    const isLast = element.matches(goOn) || element === document.body;
    const box = element.getBoundingClientRect();
    const [x, y] = [
      Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1),
      Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 0), innerHeight - 1),
    ];
    const top = document.elementFromPoint(x, y);
    const own = [element, ...(element.labels ?? [])];
    const isSeen = element === document.body || own.some((part) => part.contains(top) || top?.contains(part));
    const html = element.outerHTML.slice(0, 200);
    const isWanted = Boolean(wanted) && element.matches(wanted);
    const over = top?.outerHTML.slice(0, 200);
    return { name: field ? name : null, type, value, checked, isLast, isWanted, isSeen, html, over };
  }, [GO_ON, wanted]);
  check(at.isSeen, `what has the focus is covered on ${page.url()}: ${at.html} by ${at.over}`);
  return at;
}

/** Straight to each field, for stories that are not about how it is used. */
export const quick = {
  follows: (page, selector) => page.locator(selector).first().click(),
  presses: (page, selector) => page.locator(selector).first().click(),
  goesOn: (page) => page.locator(GO_ON).first().click(),

  /** Also says how much there was to fill. */
  async fills(page, fields) {
    const wanted = Object.fromEntries(fields);
    const controls = page.locator(FIELDS);
    let filled = 0;
    // In the order of the page: what a choice brings up stands behind it.
    for (let at = 0; ; filled += 1) {
      const next = await page.evaluate(nextField, [FIELDS, wanted, at]);
      if (!next) return filled;
      const control = controls.nth(next.at);
      if (next.isChoice) await control.check();
      else await control.fill(next.answer);
      at = next.at + 1;
    }
  },
};

const FIELDS = "main form :is(input, textarea, select)[name]:not([type=hidden])";

/** Runs in the page: the next field from `from` on that can be seen and has an answer. */
function nextField([all, wanted, from]) {
  const fields = [...document.querySelectorAll(all)];
  for (let at = from; at < fields.length; at += 1) {
    const { name, type, value } = fields[at];
    const answer = wanted[name];
    if (answer === undefined || !fields[at].checkVisibility()) continue;
    const isChoice = type === "radio" || type === "checkbox";
    if (!isChoice || [answer].flat().includes(value)) return { at, answer, isChoice };
  }
  return null;
}
