// Pictures of every kind of page, for people to look at: `make screenshots`. Proves nothing.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setting } from "../harness/stack.mjs";
import { tours } from "../harness/tours.mjs";

export const scenarios = { all: pictures };

async function pictures(visitors) {
  const folder = setting("SHOTS_DIR");
  mkdirSync(folder, { recursive: true });
  for (const width of [320, 1280]) {
    const taken = new Set();
    for (const { tour } of Object.values(tours)) {
      const page = await visitors.arrives({ viewport: { width, height: width === 320 ? 568 : 800 } });
      await tour(page, async (of, template, state = "") => {
        const name = `${template} ${state}`.trim().replace(/[^a-z0-9]+/gi, "-");
        if (taken.has(name)) return;
        taken.add(name);
        await of.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
      });
    }
    console.log(`${taken.size} pictures of pages ${width} wide are in ${folder}`);
  }
}
