// Writes dist/: what the service compiles in and serves under /assets/. Run by `make assets`.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const stamp = join(dist, ".stamp");

/** NOTICE in one line, for the files that it speaks of. */
const BANNER = "/*! Contains GOV.UK Frontend 6.6.0, MIT licence, Crown Copyright (GDS) */";

/** All that the result depends on: our own files, and the lock for those of others. */
function inputs() {
  const hash = createHash("sha256").update(process.version);
  const own = ["build.mjs", "icons.mjs", "package-lock.json"];
  for (const folder of ["js", "scss"]) {
    own.push(...readdirSync(join(here, folder)).sort().map((name) => join(folder, name)));
  }
  for (const name of own) hash.update(name).update(readFileSync(join(here, name)));
  return hash.digest("hex");
}

function isBuilt(now) {
  try {
    return readFileSync(stamp, "utf8") === now;
  } catch {
    return false;
  }
}

async function files() {
  const esbuild = await import("esbuild");
  const sass = await import("sass");
  // Warnings of the package about itself are nothing that we could mend.
  const css = sass.compile(join(here, "scss/app.scss"), {
    importers: [new sass.NodePackageImporter(here)],
    quietDeps: true,
    style: "compressed",
  }).css;
  if (css.includes("url(")) throw new Error("app.css asks for another file: fonts and pictures are left out");
  const style = await esbuild.transform(css, {
    banner: BANNER,
    loader: "css",
    minify: true,
    target: ["chrome61", "firefox60", "safari11"],
  });
  const script = async (name, banner) => {
    const built = await esbuild.build({
      banner: { js: banner },
      entryPoints: [join(here, "js", name)],
      bundle: true,
      format: "esm",
      legalComments: "none",
      minify: true,
      target: "es2017", // what browsers that know modules can read
      write: false,
    });
    return Buffer.from(built.outputFiles[0].contents);
  };
  const { ico, png, svg } = await import("./icons.mjs");
  return {
    "app.css": Buffer.from(style.code),
    "app.js": await script("app.js", BANNER),
    "files.js": await script("files.js", ""),
    "favicon.svg": Buffer.from(svg),
    "favicon.ico": ico(),
    "icon-180.png": png(180),
  };
}

const now = inputs();
if (!isBuilt(now)) {
  const next = `${dist}.next`;
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next);
  const put = (name, bytes) => writeFileSync(join(next, name), bytes);
  for (const [name, bytes] of Object.entries(await files())) {
    put(name, bytes);
    if (!/\.(css|js|svg)$/.test(name)) continue;
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    put(`${name}.br`, brotliCompressSync(bytes, { params }));
    put(`${name}.gz`, gzipSync(bytes, { level: 9 }));
  }
  put(".stamp", now);
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
}
