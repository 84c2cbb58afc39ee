// Plays one scenario: `node run.mjs keyboard at_320_with_scripts`. Without a name it lists them all.
import { readdirSync } from "node:fs";
import { visit } from "./harness/browser.mjs";

const files = readdirSync(new URL("./scenarios/", import.meta.url)).filter((name) => name.endsWith(".mjs"));
const [script, name] = process.argv.slice(2);
if (script === undefined) {
  for (const file of files.sort()) {
    const { scenarios } = await import(`./scenarios/${file}`);
    for (const of of Object.keys(scenarios)) console.log(`${file.replace(".mjs", "")}::${of}`);
  }
  process.exit(0);
}
const { scenarios } = await import(`./scenarios/${script}.mjs`);
if (!scenarios[name]) throw new Error(`no scenario ${script}::${name}`);
await visit(scenarios[name]);
process.exit(0);
