// One Chromium for all scenarios. It says where it listens, and ends when its standard input does.
import { chromium } from "playwright-core";

const server = await chromium.launchServer({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // Root has no sandbox; the pages are our own.
  chromiumSandbox: process.getuid() !== 0,
  args: ["--disable-dev-shm-usage", "--force-prefers-reduced-motion"],
});
console.log(server.wsEndpoint());
process.stdin.resume();
process.stdin.on("end", async () => {
  await server.close();
  process.exit(0);
});
