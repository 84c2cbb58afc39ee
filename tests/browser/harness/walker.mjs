// Walks a report from page to page, whatever pages there are: it reads the fields of each by name and
// answers those that the story knows, and those that the form will not do without.
import { check, leads } from "./browser.mjs";
import { fieldsOf, leastOf } from "./story.mjs";
import { questions } from "./stack.mjs";

/** More pages than any form has. */
const PAGES_MAX = 60;

const nothing = async () => {};

/** Somebody who answers what has to be answered. */
const least = (question) => (question.required ? leastOf(question) : undefined);

export class Walker {
  /**
   * `hand` is how this person uses a page. `sees` looks at every page, and at it once more when filled;
   * `stumbles` does wrong things on it before. `answers` is asked for what the story does not say.
   */
  constructor(page, story, hand, { kind = "crime", sees = nothing, stumbles = nothing, answers = least } = {}) {
    const met = { walked: [], asked: new Map(), found: {} };
    Object.assign(this, { page, story, hand, kind, sees, stumbles, answers, ...met });
  }

  /** From the first page of the site. */
  async begins() {
    await this.page.goto("/");
    await this.#look("start");
    await leads(this.page, () => this.hand.follows(this.page, `a[href="/report/${this.kind}"]`));
    await this.#look("begin");
    await leads(this.page, () => this.hand.follows(this.page, `main a.govuk-button`));
  }

  /** To the page `until`, or to the confirmation. */
  async walks(until = "sent") {
    this.known ??= await questions(this.kind);
    this.fields = fieldsOf(this.story);
    for (let pages = 0; this.id() !== until; pages += 1) {
      check(pages < PAGES_MAX, "the form does not end");
      await this.one();
    }
    await this.#look(until);
  }

  /** Answers the page that is shown, and goes on. */
  async one() {
    const id = this.id();
    await this.#look(id);
    this.walked.push(id);
    await this.stumbles(this, id);
    await this.fill();
    await this.sees(this.page, id, "filled");
    const before = this.page.url();
    await leads(this.page, () => this.hand.goesOn(this.page));
    const told = await this.page.locator(".govuk-error-summary").allInnerTexts();
    check(told.length === 0, `${id} was not taken: ${told}`);
    if (this.page.url() === before) await this.#asksMore(before);
  }

  /** Answers what stands on the page. A choice may bring up more, and another item another set of fields. */
  async fill() {
    await this.#ask();
    await this.hand.fills(this.page, this.fields);
    for (const add of await this.page.locator("button[name=add]").all()) {
      const group = await add.getAttribute("value");
      const wanted = (at) => [...this.fields.keys()].some((name) => name.startsWith(`${group}-${at}-`));
      for (let at = 1; wanted(at); at += 1) {
        const button = `button[name=add][value="${group}"]`;
        await leads(this.page, () => this.hand.presses(this.page, button));
        await this.hand.fills(this.page, this.fields);
      }
    }
  }

  /** Notes the questions as they are asked, and finds answers to those of which the story says nothing. */
  async #ask() {
    const asked = await this.page.evaluate(readQuestions, [...this.known.keys()]);
    for (const { id, label, under } of asked) {
      if (!this.asked.has(id)) this.asked.set(id, label);
      // What stands under a choice is asked of whoever makes it.
      const applies = under.every(({ name, value }) => [this.gave(name)].flat().includes(value));
      if (!applies || this.gave(id) !== undefined) continue;
      const answer = await this.answers(this.known.get(id), this);
      if (answer === undefined) continue;
      this.found[id] = answer;
      for (const [field, value] of fieldsOf({ [id]: answer })) this.fields.set(field, value);
    }
  }

  /** A page may come again only to ask what an answer on it has brought up. */
  async #asksMore(before) {
    const asked = await this.page.evaluate(readQuestions, [...this.known.keys()]);
    check(asked.some(({ id }) => !this.asked.has(id)), `${before} leads to itself`);
  }

  /** The kind of the question that a field belongs to. */
  kindOf(name) {
    for (let id = name; id; id = id.slice(0, Math.max(0, id.lastIndexOf("-")))) {
      if (this.known.has(id)) return this.known.get(id).kind;
    }
    return null;
  }

  /** The answer to a question, as far as this person has met it. */
  gave(id) {
    return this.story[id] ?? this.found[id];
  }

  id() {
    return new URL(this.page.url()).pathname.split("/").at(-1);
  }

  async #look(id) {
    await this.sees(this.page, id, "shown");
  }
}

/** Runs in the page: the questions that it asks, in the words that it asks them in. */
function readQuestions(known) {
  const all = [...document.querySelectorAll("main form :is(input, textarea, select)[name]")];
  const fields = all.filter((field) => field.type !== "hidden");
  // A field's name begins with its question's id, and goes on with parts of it.
  const questionOf = (name) => {
    for (let id = name; id; id = id.slice(0, Math.max(0, id.lastIndexOf("-")))) {
      if (known.includes(id)) return id;
    }
    return null;
  };
  // The choices under which a field stands.
  const choicesAbove = (field) => {
    const above = [];
    for (let part = field; (part = part.parentElement?.closest("[id^=conditional-]")); ) {
      above.push(document.getElementById(part.id.slice("conditional-".length)));
    }
    return above.map(({ name, value }) => ({ name, value }));
  };
  const asked = new Map();
  for (const field of fields) {
    const id = questionOf(field.name);
    if (!id || asked.has(id)) continue;
    // What begins with this field is about its question; what began before is about another.
    let asks = field.labels?.[0];
    for (let set = field.closest("fieldset"); set; set = set.parentElement.closest("fieldset")) {
      if (fields.find((other) => set.contains(other)) === field) asks = set.querySelector("legend");
    }
    const label = asks?.textContent.replace(/\s+/g, " ").trim();
    asked.set(id, { id, label, under: choicesAbove(field).filter(({ name }) => known.includes(name)) });
  }
  return [...asked.values()];
}
