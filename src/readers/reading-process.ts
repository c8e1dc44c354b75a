// The program of a reading process: one file on stdin, what was read of it on stdout. See isolated-file-reader.ts.
import { Worker } from "node:worker_threads";

import type { FileFacts } from "../ports/file-reader.ts";
import type { ReadingOrder } from "./isolated-file-reader.ts";
import { readBytes } from "./formats/read-bytes.ts";
import { maxProcessBytes, selfKillMs, timeIsOver } from "./text/limits.ts";

const order: ReadingOrder & { readonly facts: FileFacts } = JSON.parse(process.argv[2] ?? "");
const { sizeBytes, maxCpuMs, facts } = order;

// Parsers run long loops and stop for nobody: only another thread can end this process in time.
new Worker(new URL("./watch-process.js", import.meta.url), {
  workerData: { maxCpuMs, maxProcessBytes, selfKillMs, timeIsOver },
}).unref();

const bytes = Buffer.alloc(sizeBytes);
let at = 0;
for await (const chunk of process.stdin) {
  const piece: Buffer = chunk;
  at += piece.copy(bytes, at);
}
const reading = await readBytes(bytes.subarray(0, at), facts);
process.stdout.write(JSON.stringify(reading), () => process.exit(0));
