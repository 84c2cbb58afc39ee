// Somebody who cannot call 999: few fields, one press, and staff see it within seconds.
import { check, leads, same } from "../harness/browser.mjs";
import { keyboard, quick } from "../harness/hands.mjs";
import { walker, word } from "../harness/people.mjs";
import { referenceOn } from "../harness/report.mjs";
import { bureau, until } from "../harness/stack.mjs";
import { cannotCall } from "../harness/story.mjs";
import { Walker } from "../harness/walker.mjs";

const FIELDS_MAX = 4;
const SEEN_WITHIN = 5_000;

export const scenarios = {
  one_press_and_staff_see_it: (visitors) => onePress(visitors, quick, {}),
  by_keyboard_without_scripts: (visitors) =>
    onePress(visitors, keyboard, { javaScriptEnabled: false, viewport: { width: 320, height: 480 } }),
};

async function onePress(visitors, hand, options) {
  const unique = word();
  const page = await visitors.arrives(options);
  const story = { ...cannotCall, what: `Two men, ${unique}` };
  const walk = new Walker(page, story, hand);
  await walk.begins();
  await walk.walks("send-now");
  const fields = await page.locator("main form :is(input, textarea, select):not([type=hidden])").count();
  check(fields > 0 && fields <= FIELDS_MAX, `${fields} fields, and at most ${FIELDS_MAX} may be asked for`);
  same(await page.locator("main form button").count(), 1, "buttons to choose from");
  await walk.fill();
  const pressed = performance.now();
  await leads(page, () => hand.goesOn(page));
  const took = await seen(await referenceOn(page), unique, pressed);
  console.log(`cannot_call: with staff ${Math.round(took)} ms after the press`);
}

async function seen(reference, unique, pressed) {
  const found = await until("staff to see it", SEEN_WITHIN, async () => (await bureau(`cases/${reference}`)).body);
  const took = performance.now() - pressed;
  check(took < SEEN_WITHIN, `it took ${took} ms`);
  check(found.flags.includes("emergency_cannot_call"), `flags are ${found.flags}`);
  check(JSON.stringify(found.answers).includes(unique), "the words did not arrive");
  return took;
}
