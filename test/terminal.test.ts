import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { bannerOf } from "../src/banner.ts";
import { readConfig } from "../src/config/config.ts";
import { prettyLine } from "../src/runtime/logging/pretty-lines.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const time = "2026-11-26T19:55:41.101Z";
const clock = new Date(time).toTimeString().slice(0, 8);
const line = (facts: object, isColored = false): string =>
  prettyLine(`${JSON.stringify({ time, ...facts })}\n`, isColored);

describe("a line of the log on a terminal", () => {
  test("is the time, the message and its facts", () => {
    expect(line({ level: "info", msg: "turn finished", turn: "t_1", posts: 2, names: ["a"] })).toBe(
      `${clock}  turn finished  turn=t_1 posts=2 names=["a"]\n`,
    );
    expect(line({ level: "warn", why: "two words", msg: "closed" })).toBe(
      `${clock}  Warning: closed  why="two words"\n`,
    );
    expect(line({ level: "info", msg: "ready" }, true)).toBe(`\u001B[2m${clock}\u001B[0m  ready\n`);
  });

  test("has the error's message below it, and no stack", () => {
    const err = { type: "ModelError", message: "The key is refused", stack: "at /x.ts", code: 401 };
    expect(line({ level: "error", err, msg: "the model gave no answer" })).toBe(
      `${clock}  Error: the model gave no answer\n          ModelError: The key is refused (401)\n`,
    );
  });

  test("contains no control sequence for the terminal, whatever the text", () => {
    const orders = "\u001B]0;owned\u0007 \u009B2J\r\n";
    const shown = line({ level: "warn", msg: orders, fact: orders, err: { type: "E", message: orders } });
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    expect(shown).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/u);
  });

  test("stays as it is if it is not a log line", () => {
    for (const text of ["plain\n", "", "5\n"]) expect(prettyLine(text, true)).toBe(text);
  });
});

describe("the banner", () => {
  const banner = (settings: Readonly<Record<string, string>>, url = "http://127.0.0.1:3000"): string =>
    bannerOf(readConfig(settings), url);

  test("says where to open the bot, which model answers, where memory is stored, and how to stop", () => {
    expect(banner({ DATA_DIR: "/srv/tk" })).toBe(
      "\n  Threadkeeper is ready.\n\n" +
        "  Open    http://127.0.0.1:3000\n" +
        "  Model   the built-in demo; set OPENAI_API_KEY in .env for real answers\n" +
        "  Memory  /srv/tk\n" +
        "  Stop    Ctrl+C\n\n",
    );
  });

  test("depends on the settings, and contains no secret", () => {
    const token = "correct-horse-battery";
    const shown = banner(
      {
        OPENAI_BASE_URL: "http://localhost:11434/v1",
        OPENAI_MODEL: "qwen4",
        REDIS_URL: "redis://:secret@redis:6379",
        DATABASE_URL: "postgres://me:secret@db/tk",
        WEB_TOKEN: token,
        SLACK_BOT_TOKEN: "xoxb-secret",
        SLACK_APP_TOKEN: "xapp-secret",
        DISCORD_TOKEN: "secret",
      },
      "http://0.0.0.0:3000",
    );
    expect(shown).toContain("is ready on the web, on Slack and on Discord.");
    expect(shown).toContain("http://localhost:3000 (sign in with your WEB_TOKEN)");
    expect(shown).toContain("qwen4 at localhost:11434");
    expect(shown).toContain("Redis and Postgres");
    expect(shown).not.toMatch(/secret|correct-horse/u);
    expect(banner({ PUBLIC_URL: "https://chat.example.com" })).toContain(
      "Open    https://chat.example.com/\n",
    );
  });
});

const script = "/usr/bin/script";

test.skipIf(!existsSync(script))(
  "on a terminal the program prints friendly lines, and nothing that looks like an error",
  async () => {
    using folder = temporaryFolder();
    const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
    const child = spawn(script, ["-qec", `exec '${process.execPath}' '${main}'`, "/dev/null"], {
      cwd: folder.path,
      env: { PATH: process.env["PATH"], PORT: "0", DATA_DIR: folder.path, TERM: "xterm" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    let seen = "";
    child.stdout.on("data", (bytes: Buffer) => {
      seen += bytes.toString();
      // As the key does.
      if (seen.includes("Stop    Ctrl+C") && !seen.includes("^C")) child.stdin.write("\u0003");
    });
    await once(child, "close");
    expect(seen).toContain("Threadkeeper is ready.");
    expect(seen).toMatch(/Open {4}http:\/\/127\.0\.0\.1:\d+\r\n/u);
    expect(seen).toContain("stopping");
    expect(seen).not.toMatch(/warn|error|fail|fatal|\{"/iu);
  },
);
