import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

import { z } from "zod";

import { JoinedSignal } from "../async/joined-signal.ts";
import { TimeLimit } from "../async/time-limit.ts";
import { audioTypes } from "../domain/audio.ts";
import type { FileFacts, FileReader, FileReading, WhyUnreadable } from "../ports/file-reader.ts";
import type { Log } from "../ports/log.ts";
import { maxChars, maxFileBytes, maxHeapMib, readingTime, timeIsOver } from "./text/limits.ts";
import { ReadingPlaces } from "./reading-places.ts";

type Process = ChildProcessByStdio<Writable, Readable, null>;

/** A character takes six bytes at most as JSON. */
const maxOutputBytes = maxChars * 6 + 10_000;
/** How a process ends that has no more memory: V8 aborts, and watch-process.js or the machine kills. */
const outOfMemory = new Set(["SIGABRT", "SIGKILL", "SIGTRAP"]);

const pageCounts = z.object({ read: z.number(), total: z.number() });
const readings: z.ZodType<FileReading> = z.discriminatedUnion("kind", [
  z
    .object({
      kind: z.literal("text"),
      text: z.string(),
      isCut: z.boolean(),
      pages: pageCounts.exactOptional(),
    })
    .readonly(),
  z.object({
    kind: z.literal("image"),
    mediaType: z.enum(["image/png", "image/jpeg", "image/webp", "image/gif"]),
    width: z.number(),
    height: z.number(),
  }),
  z.object({ kind: z.literal("audio"), mediaType: z.enum(audioTypes) }),
  z.object({
    kind: z.literal("unreadable"),
    why: z.enum([
      "encrypted",
      "broken",
      "too-large",
      "login-page",
      "unknown-type",
      "timed-out",
      "empty",
      "silent",
    ]),
  }),
]);

interface FileReaderPorts {
  readonly log: Log;
  /** Tests lower it. */
  readonly time?: { readonly maxCpuMs: number; readonly maxWaitMs: number };
}

/**
 * Reads each file in a separate process. The process has its own heap and no environment, may read only the program's code, and
 * is killed at its limits. The network is not closed to it. A thread would not do: V8 ends the whole process when some allocations
 * of a thread fail (docs/adr/0022-file-readers.md).
 */
export class IsolatedFileReader implements FileReader, AsyncDisposable {
  readonly #log: Log;
  readonly #time: Required<FileReaderPorts>["time"];
  readonly #places = new ReadingPlaces();
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor({ log, time = readingTime }: FileReaderPorts) {
    this.#log = log;
    this.#time = time;
  }

  readonly read = async (
    bytes: Uint8Array<ArrayBuffer>,
    facts: FileFacts,
    signal: AbortSignal,
  ): Promise<FileReading> => {
    signal.throwIfAborted();
    if (bytes.length === 0) return unreadable("empty");
    if (bytes.length > maxFileBytes) return unreadable("too-large");
    using ending = new JoinedSignal(signal, this.#closing.signal);
    using place = await this.#places.take(bytes.length, ending.signal);
    if (place === undefined) return unreadable("timed-out");
    const reading = this.#readInProcess(bytes, facts, ending.signal).catch((error: unknown) => {
      ending.signal.throwIfAborted();
      this.#log.warn({ err: error }, "no process could be started to read a file");
      return unreadable("timed-out");
    });
    this.#running.add(reading);
    try {
      return await reading;
    } finally {
      this.#running.delete(reading);
    }
  };

  /** Ends what is being read. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#running);
  }

  async #readInProcess(
    bytes: Uint8Array<ArrayBuffer>,
    facts: FileFacts,
    signal: AbortSignal,
  ): Promise<FileReading> {
    using limit = new TimeLimit(this.#time.maxWaitMs, signal);
    const { maxCpuMs } = this.#time;
    const child = start({ sizeBytes: bytes.length, maxCpuMs }, facts);
    const kill = (): void => void child.kill("SIGKILL");
    limit.signal.addEventListener("abort", kill, { once: true });
    try {
      const ended = once(child, "close");
      child.stdin.end(bytes);
      const output = await outputOf(child);
      const [code, endedBy] = await ended;
      signal.throwIfAborted();
      if (limit.signal.aborted || endedBy === timeIsOver) return unreadable("timed-out");
      if (output !== undefined && code === 0) return output;
      if (outOfMemory.has(String(endedBy)) || code === 134) return unreadable("too-large");
      this.#log.warn({ code, endedBy }, "a process that reads a file has ended by itself");
      return unreadable("broken");
    } finally {
      limit.signal.removeEventListener("abort", kill);
      kill();
    }
  }
}

/** What a reading process is told on its command line, beside the facts. */
export interface ReadingOrder {
  readonly sizeBytes: number;
  readonly maxCpuMs: number;
}

function start(order: ReadingOrder, { name, mediaType }: FileFacts): Process {
  const program = fileURLToPath(new URL("./reading-process.ts", import.meta.url));
  const code = ["../", "../../node_modules/", "../../package.json"].map((path) =>
    realpathSync(fileURLToPath(new URL(path, import.meta.url))),
  );
  const facts = {
    name: name.slice(-200),
    ...(mediaType !== undefined && { mediaType: mediaType.slice(0, 200) }),
  };
  const flags = [
    "--permission",
    ...code.map((path) => `--allow-fs-read=${path}`),
    "--allow-worker",
    "--disallow-code-generation-from-strings",
    `--max-old-space-size=${maxHeapMib}`,
    // See src/runtime/v8-flags.ts.
    "--wasm-wrapper-tiering-budget=1000000000",
  ];
  const child = spawn(process.execPath, [...flags, program, JSON.stringify({ ...order, facts })], {
    env: { MALLOC_ARENA_MAX: "2" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  // It may end before it has read everything.
  child.stdin.on("error", () => undefined);
  return child;
}

/** Undefined: it wrote too much, or no reading. */
async function outputOf(child: Process): Promise<FileReading | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of child.stdout) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > maxOutputBytes) return undefined;
    chunks.push(bytes);
  }
  const parsed = readings.safeParse(parseJson(Buffer.concat(chunks).toString("utf8")));
  return parsed.success ? parsed.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(why: WhyUnreadable): FileReading {
  return { kind: "unreadable", why };
}
