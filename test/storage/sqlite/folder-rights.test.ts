import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openSqliteArchive } from "../../../src/storage/sqlite/sqlite-archive.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const script = fileURLToPath(new URL("../../support/sqlite/open-as-other.ts", import.meta.url));

/** The faults of opening each folder as a user without rights. */
function faultsAsNobody(folders: readonly string[]): readonly string[] {
  const { stdout, stderr } = spawnSync(process.execPath, [script, String(nobody), ...folders], {
    encoding: "utf8",
    env: {},
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

async function useOnce(folder: string): Promise<void> {
  const log = new RecordingLog();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  await using stores = await openSqliteStores(folder, { ids, inbounds, log, listeners });
  await using archive = await openSqliteArchive(folder, { log });
  expect([stores.health().ok, archive.health().ok]).toEqual([true, true]);
}

function giveAway(folder: string): void {
  for (const name of ["", ...readdirSync(folder)]) chownSync(join(folder, name), nobody, nobody);
}

const where = existsSync("/.dockerenv")
  ? " (in Docker: on the host, with the folder that is mounted there)"
  : "";
const start = `the bot runs as user ${nobody} and may not use`;
const orderFor = (folder: string): string =>
  `Nothing is damaged. Give the folder to that user: sudo chown -R ${nobody}:${nobody} ${folder}${where}.`;

describe.skipIf(!isRoot)("a data folder of another user (skipped unless it runs as root)", () => {
  test("is refused with the command that gives it to the bot's user, whichever file has another owner", async () => {
    using parent = temporaryFolder();
    chmodSync(parent.path, 0o755);
    const used = join(parent.path, "used");
    await useOnce(used);
    const files = ["lock.sqlite", "threadkeeper.sqlite", "ledger.sqlite", "web-cookie.key"];
    const logs = [
      "threadkeeper.sqlite-wal",
      "threadkeeper.sqlite-shm",
      "ledger.sqlite-wal",
      "ledger.sqlite-shm",
    ];
    const cases = [...files, ...logs].map((name) => {
      const folder = join(parent.path, `not-ours-${name}`);
      cpSync(used, folder, { recursive: true });
      if (logs.includes(name)) writeFileSync(join(folder, name), "", { mode: 0o600 });
      giveAway(folder);
      chownSync(join(folder, name), 0, 0);
      return {
        folder,
        fault: `DATA_DIR: "${folder}" can't be used: ${start} ${name}: it belongs to root. ${orderFor(folder)}`,
      };
    });
    // Readable but not writable, which SQLite calls a read-only database.
    const readable = join(parent.path, "readable");
    cpSync(used, readable, { recursive: true });
    giveAway(readable);
    chownSync(join(readable, "threadkeeper.sqlite"), 0, 0);
    chmodSync(join(readable, "threadkeeper.sqlite"), 0o644);
    const locked = join(parent.path, "locked");
    cpSync(used, locked, { recursive: true });
    giveAway(locked);
    chmodSync(join(locked, "ledger.sqlite"), 0o400);
    const empty = join(parent.path, "empty");
    mkdirSync(empty, { mode: 0o755 });
    const whole = join(parent.path, "whole");
    cpSync(used, whole, { recursive: true });
    giveAway(whole);
    const missing = join(parent.path, "a", "missing one");
    const folders = [...cases.map(({ folder }) => folder), readable, locked, empty, missing, whole];
    expect(faultsAsNobody(folders)).toEqual([
      ...cases.map(({ fault }) => fault),
      `DATA_DIR: "${readable}" can't be used: ${start} threadkeeper.sqlite: it belongs to root. ${orderFor(readable)}`,
      `DATA_DIR: "${locked}" can't be used: ${start} ledger.sqlite: its owner has no right to read and write it. Nothing is damaged. Allow it: chmod -R u+rwX ${locked}${where}.`,
      `DATA_DIR: "${empty}" can't be used: ${start} the folder: it belongs to root. ${orderFor(empty)}`,
      expect.stringContaining(`sudo mkdir -p '${missing}' && sudo chown ${nobody}:${nobody} '${missing}'`),
      "",
    ]);
  });
});

test.skipIf(!isRoot)(
  "a folder that a file flag protects is reported as that, and not as another user's",
  async () => {
    using parent = temporaryFolder();
    const file = join(parent.path, "ledger.sqlite");
    writeFileSync(file, "");
    const isFlagged = spawnSync("chattr", ["+i", file]).status === 0;
    // Some file systems have no flags.
    if (!isFlagged) return;
    try {
      await expect(openSqliteArchive(parent.path, { log: new RecordingLog() })).rejects.toThrow(
        /the system forbids ledger\.sqlite, whose owner and mode would allow it\. Nothing is damaged\. Look for a flag/u,
      );
    } finally {
      spawnSync("chattr", ["-i", file]);
    }
  },
);

test("an archive creates its folder, even if nothing else needs one", async () => {
  using parent = temporaryFolder();
  await using archive = await openSqliteArchive(join(parent.path, "not", "there"), {
    log: new RecordingLog(),
  });
  expect(archive.health().ok).toBe(true);
});

test("a path that leads to a file is refused with that reason", async () => {
  using parent = temporaryFolder();
  const file = join(parent.path, "file");
  writeFileSync(file, "");
  await expect(openSqliteArchive(file, { log: new RecordingLog() })).rejects.toThrow(
    /^DATA_DIR: the folder .* can't be made \(.*\)\. That is a file: give the path of a folder\.$/u,
  );
});

test.each([
  ["file/x", "A part of that path is a file: give the path of a folder."],
  ["link", "That is a link that leads to no folder: make what it leads to, or give another path."],
  ["loop", "That is a link that leads to no folder: make what it leads to, or give another path."],
  ["x".repeat(300), "Set DATA_DIR to a folder that can be made."],
])("a path that leads nowhere is refused with what to do: %s", async (path, advice) => {
  using parent = temporaryFolder();
  writeFileSync(join(parent.path, "file"), "");
  symlinkSync(join(parent.path, "none"), join(parent.path, "link"));
  symlinkSync("loop", join(parent.path, "loop"));
  const opening = openSqliteArchive(join(parent.path, path), { log: new RecordingLog() });
  await expect(opening).rejects.toThrow(/^DATA_DIR: the folder .* can't be made \(/u);
  await expect(opening).rejects.toThrow(advice);
});

test.skipIf(!existsSync("/proc/self"))(
  "a place that accepts no new folder is refused, and not retried forever",
  async () => {
    await expect(openSqliteArchive("/proc/none/x", { log: new RecordingLog() })).rejects.toThrow(
      "can't be made",
    );
  },
);

test("a damaged lock file is reported as one that holds no data", async () => {
  using parent = temporaryFolder();
  writeFileSync(join(parent.path, "lock.sqlite"), "x".repeat(5_000));
  const ports = { ids, log: new RecordingLog(), onDamaged: () => undefined };
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  await expect(openSqliteStores(parent.path, { ...ports, inbounds, listeners })).rejects.toThrow(
    "Its lock.sqlite is damaged. It holds no data: remove it and start again.",
  );
});

test("the error about a database that can't be opened, but is undamaged, does not advise moving it away", async () => {
  using parent = temporaryFolder();
  mkdirSync(join(parent.path, "ledger.sqlite"));
  await expect(openSqliteArchive(parent.path, { log: new RecordingLog() })).rejects.toThrow(
    /^DATA_DIR: .*ledger\.sqlite can't be opened \((?!.*Move it away)/u,
  );
});
