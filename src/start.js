// What `npm start` runs: the program, from a cache of its compiled code. This file is JavaScript because Node compiles it
// before there is a cache, and what strips types takes 40 MiB and a tenth of a second.
import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

// As in callable-thread.ts and idle-memory.ts, which say why. Here too, because cached code is valid for the same flags only.
setFlagsFromString("--wasm-wrapper-tiering-budget=1000000000");
setFlagsFromString("--no-memory-saver-mode");
// V8 compiles a function with TurboFan after 3,000 calls. A team writes some hundred messages a day: it would wait for weeks.
setFlagsFromString("--invocation-count-for-turbofan=600");
// Where it can't be read or written, the program starts as without it. Threads find it there too.
const folder = fileURLToPath(new URL("../node_modules/.cache/threadkeeper", import.meta.url));
const { env } = process;
env.NODE_COMPILE_CACHE ||= folder;
enableCompileCache(env.NODE_COMPILE_CACHE);
await import("./main.ts");
// Ready. Until it is written, Node holds all of it in memory. What is loaded later is written when the program stops.
flushCompileCache();
