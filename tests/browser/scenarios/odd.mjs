// Browsers that show the pages otherwise: very narrow, with more space between letters and lines (WCAG
// 1.4.12), in the reader's own colours, without pictures, without a style sheet. A report gets through.
import { check } from "../harness/browser.mjs";
import { quick } from "../harness/hands.mjs";
import { referenceOn } from "../harness/report.mjs";
import { caseOf } from "../harness/stack.mjs";
import { glimpse } from "../harness/story.mjs";
import { tours } from "../harness/tours.mjs";
import { Walker } from "../harness/walker.mjs";

const NARROW = { viewport: { width: 240, height: 480 } };

export const scenarios = {
  narrow_and_spaced: async (visitors) => {
    const page = await visitors.arrives(NARROW);
    await tours.someone_watched.tour(page, cutsNothing);
  },
  narrow_and_spaced_coming_back: async (visitors) => {
    const page = await visitors.arrives(NARROW);
    await tours.coming_back.tour(page, cutsNothing);
  },
  own_colours: (visitors) => reports(visitors, { forcedColors: "active", colorScheme: "dark" }),
  without_pictures: (visitors) => reports(visitors, { blocks: /\.(svg|png|ico|jpe?g|gif|webp)(\?|$)/ }),
  without_style: (visitors) => reports(visitors, { blocks: /\.css(\?|$)/ }),
  without_style_and_scripts: (visitors) =>
    reports(visitors, { blocks: /\.css(\?|$)/, javaScriptEnabled: false }),
};

async function reports(visitors, options) {
  const page = await visitors.arrives(options);
  const walker = new Walker(page, glimpse, quick);
  await walker.begins();
  await walker.walks();
  const found = await caseOf(await referenceOn(page));
  check(found.answers.some(({ value }) => value === glimpse.what), "what was typed did not arrive");
}

async function cutsNothing(page, template, state = "") {
  const cut = await page.evaluate(spaced);
  check(cut.length === 0, `${template} ${state}: ${cut.join("\n")}`);
}

/** Runs in the page: spaces its text, and names what is then cut off, beside the page, or over another. */
function spaced() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
    p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
  const told = [];
  const tell = (element, what) => told.push(`${what}: ${element.outerHTML.slice(0, 160)}`);
  const { scrollWidth, clientWidth } = document.scrollingElement;
  if (scrollWidth > clientWidth) told.push(`${scrollWidth} wide in a window of ${clientWidth}`);
  const pressed = [];
  for (const element of document.querySelectorAll("body *")) {
    if (!element.checkVisibility() || element.closest(".govuk-visually-hidden, .govuk-skip-link")) continue;
    const style = getComputedStyle(element);
    const hides = [style.overflowX, style.overflowY].some((value) => value !== "visible");
    const isField = element.matches("input, textarea, select");
    if (hides && !isField && element.textContent.trim()) {
      if (element.scrollHeight > element.clientHeight + 1) tell(element, "cut below");
      if (element.scrollWidth > element.clientWidth + 1) tell(element, "cut beside");
    }
    const box = element.getBoundingClientRect();
    if (box.width > 0 && (box.right > clientWidth + 1 || box.left < -1)) tell(element, "beside the page");
    if (element.matches("a, button") || (isField && !element.matches("[type=hidden]"))) pressed.push([element, box]);
  }
  for (const [at, [one, a]] of pressed.entries()) {
    for (const [other, b] of pressed.slice(at + 1)) {
      const over = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      const sticks = [one, other].some((part) => part.closest(".govuk-exit-this-page"));
      if (over > 1 && down > 1 && !sticks && !one.contains(other)) tell(other, `over ${one.outerHTML.slice(0, 80)}`);
    }
  }
  document.adoptedStyleSheets = [];
  return told;
}
