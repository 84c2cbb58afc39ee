// The crime report by keyboard alone, with scripts and without, on a narrow screen, a wide one, and one
// that shows everything four times as large. What was typed is what the bureau reads.
import { check } from "../harness/browser.mjs";
import { areRead, referenceOn } from "../harness/report.mjs";
import { keyboard } from "../harness/hands.mjs";
import { caseOf } from "../harness/stack.mjs";
import { burglary } from "../harness/story.mjs";
import { Walker } from "../harness/walker.mjs";

const SCREENS = {
  at_320: { viewport: { width: 320, height: 640 } },
  at_1280: { viewport: { width: 1280, height: 800 } },
  at_400_percent: { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 },
};

export const scenarios = {};
for (const [screen, options] of Object.entries(SCREENS)) {
  for (const [scripts, javaScriptEnabled] of [["without_scripts", false], ["with_scripts", true]]) {
    scenarios[`${screen}_${scripts}`] = (visitors) => reports(visitors, { ...options, javaScriptEnabled });
  }
}

async function reports(visitors, options) {
  const page = await visitors.arrives(options);
  const walker = new Walker(page, burglary, keyboard, { sees: nothingIsBeside });
  await walker.begins();
  await walker.walks();

  const found = await caseOf(await referenceOn(page));
  areRead(walker, found.answers);
}

async function nothingIsBeside(page, id) {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.scrollingElement;
    return { scrollWidth, clientWidth };
  });
  check(scrollWidth <= clientWidth, `${id} is ${scrollWidth} wide in a window of ${clientWidth}`);
}

