// Every kind of report that can be chosen, and what somebody may answer who has no story of their own.
import { readFileSync, readdirSync } from "node:fs";
import { walked } from "./stack.mjs";

const FORMS = new URL("../../../intake-service/forms/", import.meta.url);

/** The kinds that stand in the list, as the files of the forms say. */
export function kinds() {
  const files = readdirSync(FORMS).filter((name) => name.endsWith(".toml"));
  const texts = files.map((name) => readFileSync(new URL(name, FORMS), "utf8"));
  const listed = texts.filter((text) => !/^listed = false$/m.test(text));
  return [...new Set(listed.map((text) => /^kind = "(.+)"$/m.exec(text)[1]))].sort();
}

/** Each question is answered with its example, whether or not it has to be. */
export function examples(question) {
  // A file is chosen in a window of the system, which no page and no key of it reaches: what is shown of
  // the pages of `files` begins here, with a hand that can choose one.
  return question.kind === "files" ? undefined : question.example;
}

/** Other choices than the examples, the same for one `seed`; whoever meets a stop passes it. */
export function otherwise(seed) {
  let number = seed;
  const oneOf = (all) => {
    // Knuth's linear congruence: the choices have to differ, not to surprise.
    number = (BigInt(number) * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return all[Number((number >> 33n) % BigInt(all.length))];
  };
  return async (question, walker) => {
    const example = examples(question);
    if (question.kind === "approximate_date") return oneOf(TIMES);
    const [first] = [example].flat();
    const others = (question.choices ?? []).map(({ value }) => value).filter((value) => value !== first);
    if (others.length === 0) return example;
    const { stop } = await walked(walker.kind, { ...walker.story, ...walker.found });
    if (stop) return example;
    const other = oneOf(others);
    return question.kind === "many" ? [other] : other;
  };
}

const TIMES = [
  { known: "unsure" },
  { known: "about", words: "the week before Easter" },
  { known: "period", from: "2026-03-01" },
  { known: "between", from: "2026-03-01", to: "2026-03-04" },
];
