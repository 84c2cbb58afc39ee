// What somebody answers: question to answer, in the words of the API; and the fields it is typed in.

/** Field names and what stands in them: a text, or the values that are chosen. */
export function fieldsOf(story) {
  const fields = new Map();
  for (const [id, answer] of Object.entries(story)) put(fields, id, answer);
  return fields;
}

function put(fields, name, answer) {
  if (Array.isArray(answer) && answer.every((item) => typeof item === "string")) {
    fields.set(name, answer);
  } else if (Array.isArray(answer)) {
    answer.forEach((item, at) => {
      for (const [part, value] of Object.entries(item)) put(fields, `${name}-${at}-${part}`, value);
    });
  } else if (answer === true) {
    fields.set(name, ["yes"]);
  } else if (answer?.known) {
    const { known, ...parts } = answer;
    fields.set(`${name}-known`, [known]);
    for (const [part, value] of Object.entries(parts)) put(fields, `${name}-${known}-${part}`, value);
  } else if (typeof answer === "object") {
    for (const [part, value] of Object.entries(answer)) put(fields, `${name}-${part}`, value);
  } else if (/^\d{4}-\d\d-\d\d$/.test(answer)) {
    const [year, month, day] = answer.split("-").map((part) => String(Number(part)));
    for (const [part, value] of Object.entries({ day, month, year })) fields.set(`${name}-${part}`, value);
  } else {
    fields.set(name, answer);
  }
}

/**
 * An answer for a question that a story says nothing about and the form will not do without: not sure,
 * none, no, or else its example.
 */
export function leastOf(question) {
  const values = (question.choices ?? []).map((choice) => choice.value);
  const one = ["unsure", "none", "no"].find((value) => values.includes(value)) ?? question.example;
  return question.kind === "many" ? [one].flat() : one;
}

/** A home burglary found in the morning; nothing is known of who did it. */
export const burglary = {
  now: "no",
  danger: "no",
  type: "break_in",
  break_in_where: "home",
  role: "me",
  young: "no",
  where_kind: "home",
  where: { line1: "14 Station Road", town: "Newtown", how_to_find: "The green door behind the shop" },
  when: { known: "yesterday", time: "6:30pm" },
  what: "When I came home the back door was forced. Drawers were emptied over the floor.",
  taken: "yes",
  items: [{ item: "Laptop", details: "Silver, a sticker of a fox", value: "640" }, { item: "Gold ring" }],
  taken_kinds: ["keys", "phone"],
  evidence: ["doorbell", "witnesses"],
  know_who: "no",
  afraid: "no",
  hate: "no",
  identity: "details",
  name: "Robin Ash",
  channel: "email",
  email: "robin.ash@example.com",
  safe_email: "yes",
  truth: true,
};

/** Somebody who is hurt at home, and is perhaps watched. */
export const home = {
  now: "no",
  danger: "no",
  type: "home",
  device_safe: "no",
  role: "me",
  young: "no",
  where_kind: "home",
  whose_home: "shared",
  where: { line1: "3 Mill Lane", town: "Newtown" },
  when: { known: "period", from: "2026-03-01" },
  what: "It has become worse since spring.",
  taken: "no",
  know_who: "yes",
  relationship: "partner",
  armed: "unsure",
  afraid: "yes",
  identity: "details",
  name: "Kim Hall",
  channel: "none",
  truth: true,
};

/** Somebody who cannot call. */
export const cannotCall = {
  now: "yes",
  danger: "yes",
  emergency: "cannot_call",
  where: { how_to_find: "In the cellar of 9 High Street" },
  what: "Two men are upstairs",
  reach: "Text 07700 900123, do not ring",
};

/** Somebody who saw something and stays unknown: the least that can be reported. */
export const glimpse = {
  type: "damage",
  role: "saw",
  where_kind: "street",
  where: { how_to_find: "The bus stop by the mill" },
  when: { known: "unsure" },
  what: "Somebody had broken the glass.",
  identity: "anonymous",
};

/** What no field of these takes. */
export const nonsense = new Map(
  Object.entries({
    "when-known": ["exact"],
    "when-exact-date-day": "40",
    "when-exact-date-month": "3",
    "when-exact-date-year": "2026",
    "where-postcode": "somewhere",
    "items-0-details": "Red",
    "items-0-value": "a lot",
    what: "x".repeat(5_001),
    name: "x".repeat(121),
    email: "nobody",
    phone: "12",
  }),
);
