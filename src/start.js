// What `npm start` runs: the program, from a cache of its compiled code. This file is JavaScript because Node compiles it
// before there is a cache, and what strips types takes 40 MiB and a tenth of a second.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { enableCompileCache, flushCompileCache, getCompileCacheDir, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

const sources = fileURLToPath(new URL(".", import.meta.url));
const usualFolder = fileURLToPath(new URL("../node_modules/.cache/threadkeeper", import.meta.url));

// Where it can't be read or written, the program starts as without it. Threads find it there too.
const { env } = process;
env.NODE_COMPILE_CACHE ||= usualFolder;
enableCompileCache(env.NODE_COMPILE_CACHE);
const mark = join(getCompileCacheDir() ?? usualFolder, `loaded-${hashOfProgram()}`);
const isFirstStart = !existsSync(mark);
if (isFirstStart) loadTypeStripper();
await import("./main.ts");
// Ready. Until it is written, Node holds all of it in memory. What is loaded later is written when the program stops.
flushCompileCache();
if (isFirstStart) write(mark);

/** With the flag that v8-flags.ts explains. Later starts find everything stripped. */
function loadTypeStripper() {
  // As main.ts does: Node calls it experimental here, though not where it strips by itself.
  process.removeAllListeners("warning");
  setFlagsFromString("--wasm-wrapper-tiering-budget=1000000000");
  stripTypeScriptTypes("");
  // V8's own number.
  setFlagsFromString("--wasm-wrapper-tiering-budget=1000");
}

/** Changes with every file, and with the settings that decide what is loaded. */
function hashOfProgram() {
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).map((name) =>
    join(sources, name),
  );
  const hash = createHash("sha256");
  for (const file of [...files, ".env"]) {
    const { mtimeMs, size } = statSync(file, { throwIfNoEntry: false }) ?? {};
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  const chosen = /^(?:DATABASE_URL|DISCORD_TOKEN|OPENAI_API_KEY|OPENAI_BASE_URL|REDIS_URL|SLACK_BOT_TOKEN)$/u;
  hash.update(
    Object.keys(env)
      .filter((name) => chosen.test(name))
      .toSorted()
      .join(" "),
  );
  return hash.digest("hex").slice(0, 16);
}

function write(file) {
  try {
    writeFileSync(file, "");
  } catch {
    // Then the next start is like the first.
  }
}
