// Each kind of report by keyboard alone on a phone's screen, with scripts and without: every question as
// it comes with its example, and once more with other choices. Every page that is met has no fault that a
// program finds, and what was typed is what the bureau reads.
import { referenceOn, areRead } from "../harness/report.mjs";
import { keyboard } from "../harness/hands.mjs";
import { judge } from "../harness/judge.mjs";
import { examples, kinds, otherwise } from "../harness/kinds.mjs";
import { caseOf } from "../harness/stack.mjs";
import { Walker } from "../harness/walker.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const SEED = 7;

export const scenarios = {};
for (const kind of kinds()) {
  scenarios[`${kind}_with_scripts`] = (visitors) => reports(visitors, kind, () => examples, true);
  scenarios[`${kind}_without_scripts`] = (visitors) => reports(visitors, kind, () => examples, false);
  scenarios[`${kind}_with_other_choices`] = (visitors) => reports(visitors, kind, () => otherwise(SEED), true);
}

/** Pages on which there is nothing to fill. */
const UNFILLED = ["start", "begin", "sent"];

async function reports(visitors, kind, answers, javaScriptEnabled) {
  const spent = { judging: 0 };
  const begun = performance.now();
  const page = await visitors.arrives({ ...PHONE, javaScriptEnabled });
  const sees = async (page, id, state) => {
    // Scripts show under a choice what hangs on it: with them a page is whole when it is filled. Without
    // them all stands there from the first.
    const isWhole = javaScriptEnabled && !UNFILLED.includes(id) ? state === "filled" : state === "shown";
    if (!isWhole) return;
    const since = performance.now();
    await judge(page, `${id} ${state}`);
    spent.judging += performance.now() - since;
  };
  const walker = new Walker(page, {}, keyboard, { kind, sees, answers: answers() });
  await walker.begins();
  await walker.walks();

  const found = await caseOf(await referenceOn(page));
  areRead(walker, found.answers, { least: 3 });
  const seconds = (since) => (since / 1000).toFixed(1);
  const all = seconds(performance.now() - begun);
  console.log(
    `${kind}: ${walker.walked.length} pages, ${found.answers.length} answers in ${all} s, ` +
      `of which ${seconds(spent.judging)} s judging`,
  );
}
