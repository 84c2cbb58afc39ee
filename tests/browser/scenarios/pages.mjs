// Every kind of page, empty, in error and filled: no fault of accessibility that a program finds, and
// HTML that is what it says.
import { readdirSync } from "node:fs";
import { check, same } from "../harness/browser.mjs";
import { judge } from "../harness/judge.mjs";
import { tours } from "../harness/tours.mjs";

export const scenarios = { no_template_is_forgotten: noneIsForgotten };
for (const [name, { tour, past }] of Object.entries(tours)) {
  scenarios[name] = async (visitors) => {
    const judged = new Set();
    await tour(await visitors.arrives(), async (page, template, state = "") => {
      judged.add(template);
      await judge(page, `${template} ${state}`);
    });
    const left = past.filter((template) => !judged.has(template));
    check(left.length === 0, `never judged: ${left}`);
  };
}

async function noneIsForgotten() {
  const folder = new URL("../../../intake-service/templates/", import.meta.url);
  const all = readdirSync(folder).filter((name) => name.endsWith(".html") && name !== "layout.html");
  const past = new Set(Object.values(tours).flatMap((of) => of.past));
  same([...past].sort(), all.map((name) => name.replace(".html", "")).sort(), "templates that tours pass");
}
