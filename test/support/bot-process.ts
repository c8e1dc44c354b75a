import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A machine on which much else runs is slow; tests have limits of their own. */
const startMs = 120_000;
const root = fileURLToPath(new URL("../../", import.meta.url));
/** Tests count the model's calls: who wants titles says so. */
const unless = { PORT: "0", CHAT_TITLES: "off" };
const kept = { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] };

/** A line of the bot's log. */
type LogLine = Readonly<Record<string, unknown>>;

/** The real program in a process of its own. Disposing it ends it at once. */
export interface BotProcess extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly log: readonly LogLine[];
  /** Everything that it wrote, byte for byte. */
  readonly output: () => string;
  /** As a crash or a power cut would end it. */
  readonly kill: () => Promise<void>;
  /** As an operator ends it; resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
  /** Resolves when it has ended, whatever ended it, to its exit code. */
  readonly ended: Promise<number | null>;
  readonly pid: number;
}

/** Settings of the bot's environment; nothing of the test's own goes in but where programs and compiled code are. */
export type BotSettings = Readonly<Record<string, string>>;

/**
 * Starts the program as `npm start` does, and waits until it says that it is ready. @throws when it ends before.
 * @param cwd DATA_DIR, where it is not told.
 */
export async function startBot(settings: BotSettings, cwd?: string): Promise<BotProcess> {
  const child = spawnBot(settings, cwd);
  const log: LogLine[] = [];
  let output = "";
  let torn: unknown;
  child.stderr?.on("data", (bytes: Buffer) => (output += bytes.toString()));
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout ?? process.stdin }).on("line", (line) => {
    output += `${line}\n`;
    try {
      const parsed = parseLine(line);
      log.push(parsed);
      if (parsed["msg"] === "ready") resolve(String(parsed["url"]));
    } catch (error) {
      torn = error;
    }
  });
  const ended = Promise.withResolvers<number | null>();
  // Only then all that it wrote has been read.
  child.once("close", (code, signal) => {
    ended.resolve(code);
    reject(new Error(`The bot ended (${code ?? signal}):\n${output}`));
    // A kill may cut its last line in the middle.
    if (torn !== undefined && signal === null) throw torn;
  });
  const deadline = setTimeout(() => {
    child.kill("SIGKILL");
    reject(new Error(`The bot was not ready within ${startMs / 1_000} s:\n${output}`));
  }, startMs);
  const url = await ready.finally(() => clearTimeout(deadline));
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended.promise;
  };
  return {
    url,
    log,
    pid: child.pid ?? 0,
    output: () => output,
    ended: ended.promise,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}

/** Runs the bot until it ends by itself, as it does on a start-up fault. */
export async function runBot(
  settings: BotSettings,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawnBot(settings);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr?.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}

function spawnBot(settings: BotSettings, cwd = settings["DATA_DIR"] ?? root): ChildProcess {
  return spawn(process.execPath, [`${root}src/start.js`], {
    // Not the repository: a developer's own .env must not reach a test.
    cwd,
    env: { ...kept, ...unless, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function parseLine(line: string): LogLine {
  const parsed: unknown = JSON.parse(line);
  return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
}
