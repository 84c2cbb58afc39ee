// Judges a page as it stands: its accessibility in the browser, and the HTML that was served.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { HtmlValidate, StaticConfigLoader } from "html-validate";
import { check } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const html = new HtmlValidate(
  new StaticConfigLoader({
    extends: ["html-validate:recommended"],
    rules: {
      // How a template indents is of no use to anybody who reads the page.
      "no-trailing-whitespace": "off",
      // A number may be broken: on a narrow screen it would stick out else.
      "tel-non-breaking": "off",
      // Names of form fields are the form's question ids; ids have other rules than these styles.
      "form-dup-name": ["error", { shared: ["radio", "checkbox", "button", "submit"] }],
      "name-pattern": "off",
      "id-pattern": "off",
      // GOV.UK Frontend says so of a date's fieldset, for old screen readers.
      "no-redundant-role": "off",
      // GOV.UK Frontend's links that look like buttons are links: they lead somewhere, without scripts too.
      "prefer-native-element": ["error", { exclude: ["button"] }],
      // "disabled" and "disabled=\"\"" are the same.
      "attribute-boolean-style": "off",
      "attribute-empty-style": "off",
      // Small in bytes: what a phone loads.
      "long-title": "off",
    },
  }),
);

/** Fails with every fault of the page, which is called `what`. */
export async function judge(page, what) {
  const faults = [...(await accessibility(page)), ...(await markup(page))];
  check(faults.length === 0, `${what} (${page.url()}):\n${faults.join("\n")}`);
}

async function accessibility(page) {
  const judged = page.runsScripts ? page : await alike(page);
  await judged.evaluate(axe);
  const found = await judged.evaluate(async (values) => {
    // From its top: what is scrolled under the button to leave is there again when it is scrolled to.
    const place = scrollY;
    scrollTo(0, 0);
    const found = await globalThis.axe.run({ runOnly: { type: "tag", values }, resultTypes: ["violations"] });
    scrollTo(0, place);
    return found;
  }, TAGS);
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `axe ${id}: ${help}: ${node.html.slice(0, 300)} ${node.failureSummary ?? ""}`),
  );
}

/** For each page that runs no script, the one beside it in which a judge can. */
const beside = new WeakMap();

/** The page as it was served, where the judge's script runs and the page's own do not. */
async function alike(page) {
  if (!beside.has(page)) {
    const context = await page.context().browser().newContext({ viewport: page.viewportSize() });
    await context.route(/\.js(\?|$)/, (route) => route.abort());
    beside.set(page, await context.newPage());
  }
  const other = beside.get(page);
  const [url] = page.url().split("#");
  const body = await page.served.text();
  await other.route(url, (route) => route.fulfill({ contentType: "text/html", body }), { times: 1 });
  await other.goto(url);
  return other;
}

async function markup(page) {
  const served = await page.served.text();
  const report = await html.validateString(served);
  const lines = served.split("\n");
  return report.results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line }) => `html ${ruleId}: ${message}: ${lines[line - 1]?.slice(0, 200)}`),
  );
}
