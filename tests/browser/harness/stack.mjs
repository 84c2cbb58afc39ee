import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

// The stack under test, as `urls.env` says.

export function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this through cargo test, or source .local/urls.env`);
  return value;
}

export const intake = () => setting("INTAKE_URL");

/** An answer of the staff API. */
export async function bureau(path, init = {}) {
  const response = await fetch(`${setting("BUREAU_URL")}/api/v1/${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${setting("STAFF_TOKEN_TRIAGER")}`,
      "content-type": "application/json",
      ...init.headers,
    },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return { body: text ? JSON.parse(text) : null, etag: response.headers.get("etag") };
}

/** Starts what is dead, as an operator would; the addresses stay. */
export function up() {
  execFileSync(setting("STACK_PROGRAM"), ["up", "--dir", setting("STACK_DIR")], { stdio: "pipe" });
}

/** The process that `urls.env` names now. */
export function pid(name) {
  const urls = readFileSync(`${setting("STACK_DIR")}/urls.env`, "utf8");
  return Number(new RegExp(`^(?:export )?PID_${name}='?(\\d+)`, "m").exec(urls)[1]);
}

/** Ends a process of the stack, and waits until it is gone, whether or not its parent has noticed. */
export async function ends(name, signal) {
  const id = pid(name);
  process.kill(id, signal);
  await until(`${name} to end`, 20_000, () => {
    try {
      return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${id}/status`, "utf8"));
    } catch {
      return true;
    }
  });
}

/** Asks `probe` until it gives something. */
export async function until(what, limit, probe) {
  const since = performance.now();
  let last = "not yet";
  for (;;) {
    try {
      const found = await probe();
      if (found) return found;
    } catch (error) {
      last = error.message;
    }
    if (performance.now() - since > limit) throw new Error(`waited ${limit} ms for ${what}: ${last}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

/** The case of a report, as soon as the bureau has it. */
export async function caseOf(reference, limit = 20_000) {
  return until(`case ${reference}`, limit, async () => (await bureau(`cases/${reference}`)).body);
}

/** All cases whose answers hold `word`, when the bureau has heard of everything that was sent so far. */
export async function casesWith(word) {
  const ask = async (which) => (await fetch(`${setting(which)}/quiesce`)).json();
  const { head } = await ask("INTAKE_ADMIN_URL");
  await until("the bureau to follow", 20_000, async () => (await ask("BUREAU_ADMIN_URL")).followed.INTAKE >= head);
  const found = [];
  for (let cursor = ""; cursor !== null; ) {
    const { items, next } = (await bureau(`cases?limit=200&cursor=${cursor}`)).body;
    for (const { reference } of items) {
      const { body } = await bureau(`cases/${reference}`);
      if (JSON.stringify(body).includes(word)) found.push(body);
    }
    cursor = next;
  }
  return found;
}

/** Staff act on a case as it stands. */
export async function acts(reference, act, body) {
  const { etag } = await bureau(`cases/${reference}`);
  const headers = { "if-match": etag };
  return bureau(`cases/${reference}/${act}`, { method: "POST", headers, body: JSON.stringify(body) });
}

/** What a statement gives, told to the database of the intake by its owner. */
export function sql(statement) {
  const flags = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"];
  return execFileSync("psql", [...flags, "--command", statement, setting("INTAKE_DATABASE_URL")], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  }).trim();
}

/** Where somebody with these answers stands, as any client is told. */
export async function walked(kind, answers) {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ answers }) };
  return (await fetch(`${intake()}/api/v1/forms/${kind}/journey`, init)).json();
}

/** The newest definition of a form: its questions by id, those of groups among them. */
export async function questions(kind) {
  const response = await fetch(`${intake()}/api/v1/forms/${kind}`);
  const form = await response.json();
  const all = new Map();
  const take = (list) => {
    for (const question of list ?? []) {
      all.set(question.id, question);
      take(question.questions);
    }
  };
  for (const page of form.pages) take(page.questions);
  return all;
}
