import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { temporaryFolder } from "./support/temporary-folder.ts";
import { playTour } from "./support/tour/play-tour.ts";

const program = fileURLToPath(new URL("tour.ts", import.meta.url));
const kept = { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] };

test("the tour runs to its end, and leaves nothing behind", async () => {
  using folder = temporaryFolder();
  const env = { ...kept, TMPDIR: folder.path };
  // An exit code other than 0 rejects.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], { env });
  expect(stderr).toBe("");
  expect(stdout).toContain("\n Slack: #general \n");
  expect(stdout).toMatch(
    /The bot is stopped, and started again\.\n\n {2}│ Ada: When is the launch\?\n(?: {2}│ .+\n){2} {2}│ {3}- Ada: “The launch is on 14 March/u,
  );
  expect(stdout).toMatch(/│ Ada: @threadkeeper summary\n {2}│ threadkeeper \(only to Ada\): /u);
  expect(stdout).toMatch(/Harbour Hall\.\n {2}│ Grace: @threadkeeper/u);
  expect(stdout).toMatch(
    /\n Discord: #general \n[^]+│ Ada: \/summary\n {2}│ threadkeeper \(only to Ada\): /u,
  );
  expect(stdout).toMatch(/Ada \(presses\): \[ Reset for everyone \]\n.+Fresh start/u);
  expect(stdout).not.toContain("\u001B");
  expect(readdirSync(folder.path)).toEqual([]);
});

test("the tour reports which answer did not come in time, and counts as failed", async () => {
  const stream = new PassThrough();
  expect(await playTour(stream, 1)).toBe(1);
  stream.end();
  expect(await text(stream)).toMatch(
    /Ada: @threadkeeper The launch [^]+The tour ends here\. Waited 0\.001 s in vain for an answer with “It gave me no earlier messages/u,
  );
});

test.each(["SIGINT", "no reader"])("the tour stops the bot when it is interrupted: %s", async (how) => {
  using folder = temporaryFolder();
  const env = { ...kept, TMPDIR: folder.path };
  const tour = spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(tour, "exit");
  await once(tour.stdout, "data");
  const bot = readFileSync(`/proc/${tour.pid}/task/${tour.pid}/children`, "utf8").trim();
  expect(isRunning(bot)).toBe(true);
  if (how === "SIGINT") tour.kill(how);
  else tour.stdout.destroy();
  expect(await exit).toEqual([1, null]);
  await expect.poll(() => isRunning(bot)).toBe(false);
  expect(readdirSync(folder.path)).toEqual([]);
});

/** A process that nobody has collected yet is over too: it has no command line any more. */
function isRunning(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
}
