// A visitor's browser, and what may happen in none: errors in the console, requests to others, pages
// without their headers, cookies that say something.
import { chromium } from "playwright-core";
import { intake, setting } from "./stack.mjs";

/** Longer than anything may take that is not broken. */
const PATIENCE = 15_000;

const HEADERS = {
  "content-security-policy": /^default-src 'none';.*form-action 'self';.*frame-ancestors 'none'$/,
  "x-content-type-options": /^nosniff$/,
  "referrer-policy": /^(same-origin|no-referrer|strict-origin)$/,
  "cache-control": /^no-store$/,
};

/** Runs `scenario` with a browser, and fails if any page that it saw was not as all must be. */
export async function visit(scenario) {
  const browser = await chromium.connect(setting("BROWSER"));
  const visitors = new Visitors(browser);
  try {
    await scenario(visitors);
    await visitors.areClean();
  } catch (error) {
    await visitors.tell();
    throw error;
  } finally {
    await Promise.allSettled(visitors.looks);
    await visitors.end();
    await browser.close();
  }
}

class Visitors {
  constructor(browser) {
    this.browser = browser;
    this.contexts = [];
    this.faults = [];
    this.looks = [];
  }

  /**
   * One more device: cookies of its own. `options` are a context's, and `client` an address of its own. What
   * scripts ask for may fail where that is meant.
   */
  async arrives({ client, blocks, mayFail, ...options } = {}) {
    const context = await this.browser.newContext({
      baseURL: intake(),
      locale: "en-GB",
      timezoneId: "Europe/London",
      viewport: { width: 1280, height: 800 },
      ...(client ? { extraHTTPHeaders: { "x-forwarded-for": client } } : {}),
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    this.contexts.push(context);
    if (blocks) await context.route(blocks, (route) => route.abort());
    this.#watch(context, Boolean(blocks ?? mayFail));
    const page = await context.newPage();
    page.runsScripts = options.javaScriptEnabled !== false;
    return page;
  }

  #watch(context, isBlocking) {
    const fault = (what) => this.faults.push(what);
    const own = new URL(intake()).origin;
    context.on("console", (message) => {
      if (message.type() !== "error") return;
      const isOfPage = message.text().startsWith("Failed to load resource");
      // A page that says that something is wrong has that status. What is blocked is meant to be.
      const isMeant = isOfPage && (isBlocking || message.location().url === message.page()?.url());
      if (!isMeant) fault(`console: ${message.text()} at ${message.location().url}`);
    });
    context.on("weberror", (error) => fault(`script: ${error.error().stack}`));
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin !== own) fault(`asks another origin: ${url}`);
    });
    context.on("response", (response) => {
      const request = response.request();
      const isPage = (response.headers()["content-type"] ?? "").startsWith("text/html");
      // What the page that is now shown was made of.
      if (isPage && request.isNavigationRequest()) request.frame().page().served = response;
      // Cookies are among the headers that come a little later.
      this.looks.push(response.allHeaders().then((headers) => lookAt(response.url(), headers, isPage, fault)));
    });
  }

  async areClean() {
    await Promise.all(this.looks);
    if (this.faults.length > 0) throw new Error([...new Set(this.faults)].join("\n"));
  }

  /** What the pages show that are open, for whoever looks for the reason. */
  async tell() {
    for (const page of this.contexts.flatMap((context) => context.pages())) {
      const text = await page.locator("body").innerText({ timeout: 1000 }).catch(() => "(not readable)");
      console.error(`open: ${page.url()}\n${text}\n`);
    }
    for (const fault of new Set(this.faults)) console.error(fault);
  }

  async end() {
    await Promise.all(this.contexts.map((context) => context.close()));
  }
}

/** What every page carries, and every cookie. */
function lookAt(url, headers, isPage, fault) {
  for (const cookie of (headers["set-cookie"] ?? "").split("\n").filter(Boolean)) {
    const isClosed = /; httponly/i.test(cookie) && /; samesite=(lax|strict)/i.test(cookie);
    // Nothing but chance is in it, or it is taken away.
    const isRandom = /^[\w-]+=([0-9a-f]{64})?;/.test(cookie);
    if (!isClosed || !isRandom) fault(`cookie: ${cookie}`);
  }
  if (!isPage) return;
  for (const [name, value] of Object.entries(HEADERS)) {
    if (!value.test(headers[name] ?? "")) fault(`${url}: ${name}: ${headers[name]}`);
  }
}

/** The next page, which `act` leads to. Whoever acts twice may be shown several. */
export async function leads(page, act) {
  const arrived = page.waitForEvent("framenavigated", { predicate: (frame) => frame === page.mainFrame() });
  await Promise.all([arrived, act()]);
  await page.waitForLoadState("load");
}

export function check(holds, what) {
  if (!holds) throw new Error(what);
}

export function same(got, wanted, what) {
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a} and not ${b}`);
}
