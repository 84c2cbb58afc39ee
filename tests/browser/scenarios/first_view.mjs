// The first page on an old phone with a slow line: how much comes over it, and when it can be read.
import { check } from "../harness/browser.mjs";

const BYTES_MAX = 60 * 1024;
const READABLE_WITHIN = 8_000;
/** 50 kbit a second, 400 ms there and back. */
const LINE = { offline: false, latency: 400, downloadThroughput: 50_000 / 8, uploadThroughput: 50_000 / 8 };

export const scenarios = { is_small_and_soon_readable: firstView };

async function firstView(visitors) {
  const page = await visitors.arrives({ viewport: { width: 320, height: 568 } });
  const devtools = await page.context().newCDPSession(page);
  const sizes = new Map();
  const addresses = new Map();
  devtools.on("Network.responseReceived", ({ requestId, response }) => addresses.set(requestId, response));
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength));
  await devtools.send("Network.enable");
  await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
  await devtools.send("Network.emulateNetworkConditions", LINE);
  const began = performance.now();
  await page.goto("/", { waitUntil: "commit" });
  await page.locator("h1").waitFor({ state: "visible" });
  const heading = performance.now() - began;
  await page.waitForLoadState("load");
  const painted = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  check(painted, "nothing was painted");

  let bytes = 0;
  for (const [id, size] of sizes) {
    const { url, headers } = addresses.get(id);
    const packed = headers["content-encoding"] ?? headers["Content-Encoding"] ?? "as it is";
    console.log(`first view: ${new URL(url).pathname} ${size} bytes, ${packed}`);
    if (/\.(css|js)$/.test(url)) check(packed === "br", `${url} comes ${packed}`);
    bytes += size;
  }
  // Not every browser asks for every icon.
  const loaded = [...sizes.keys()].map((id) => addresses.get(id).url);
  for (const icon of await page.locator("link[rel~=icon], link[rel=apple-touch-icon]").all()) {
    const address = await icon.evaluate((link) => link.href);
    if (loaded.includes(address)) continue;
    const answer = await page.request.get(address);
    const size = Number(answer.headers()["content-length"]);
    check(answer.ok() && size > 0, `${answer.url()}: ${answer.status()}`);
    console.log(`first view: ${new URL(answer.url()).pathname} ${size} bytes`);
    bytes += size;
  }
  console.log(`first view: ${bytes} bytes, at most ${BYTES_MAX}`);
  console.log(`first view: painted after ${Math.round(painted)} ms, heading after ${Math.round(heading)} ms, at most ${READABLE_WITHIN}`);
  check(bytes < BYTES_MAX, `${bytes} bytes come over the line`);
  check(painted < READABLE_WITHIN && heading < READABLE_WITHIN, "it can be read too late");
}
