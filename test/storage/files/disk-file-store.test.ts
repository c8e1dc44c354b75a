import { readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { systemClock as clock } from "../../../src/runtime/clock.ts";
import type { FileStore } from "../../../src/ports/file-store.ts";
import { openDiskFileStore } from "../../../src/storage/files/disk-file-store.ts";
import { contractLimits, fileStoreContract } from "../../contracts/file-store-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { fillUp, smallDisks } from "../../support/small-disk.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const signal = AbortSignal.timeout(600_000);
const hourMs = 3_600_000;

const fullDisk = smallDisks().find(({ name }) => name === "a full disk");

const hashOfHello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

async function linkHello(files: FileStore): Promise<void> {
  const { hash } = await files.put(Buffer.from("hello"), signal);
  const link = { conversation: "fake:room:1", name: "F1", untilMs: Date.now() + 10 * hourMs } as const;
  await files.link(link, hash, signal);
}

function openIn(folder: string, log = new RecordingLog()) {
  return openDiskFileStore(folder, contractLimits, { clock, log });
}

/** All files below a folder but the index, with their paths in it. */
function filesIn(folder: string): readonly string[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true });
  return all
    .filter((each) => each.isFile() && !each.name.startsWith("index"))
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .toSorted();
}

describe("a file store on disk", () => {
  fileStoreContract(async () => {
    await using opening = new AsyncDisposableStack();
    const { path } = opening.use(temporaryFolder());
    const files = opening.use(await openIn(join(path, "files")));
    const opened = opening.move();
    return { files, other: files, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  });

  test("names its files by their hash, for their owner only, and leaves nothing after a refusal", async () => {
    using parent = temporaryFolder();
    const folder = join(parent.path, "files");
    await using files = await openIn(folder);
    const { hash } = await files.put(Buffer.from("hello"), signal);
    expect(hash).toBe(hashOfHello);
    await expect(files.put(Buffer.alloc(1_000_001), signal)).rejects.toThrow("too large");
    async function* failing() {
      yield Buffer.from("half of ");
      throw new Error("the source failed");
    }
    await expect(files.put(failing(), signal)).rejects.toMatchObject({ kind: "unavailable" });
    expect(filesIn(folder)).toEqual([join("2c", hash)]);
    expect(statSync(join(folder, "2c", hash)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const indexes = readdirSync(folder).filter((name) => name.startsWith("index"));
    expect(indexes.map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  });

  test("removes at once what an ended process left, and keeps what is linked", async () => {
    using parent = temporaryFolder();
    const folder = join(parent.path, "files");
    {
      await using files = await openIn(folder);
      await linkHello(files);
      await files.put(Buffer.from("not linked"), signal);
    }
    const known = join("2c", hashOfHello);
    const orphan = join("2c", "2c".padEnd(64, "0"));
    for (const name of ["0123.new", orphan]) writeFileSync(join(folder, name), "left");
    expect(filesIn(folder)).toHaveLength(4);
    await using files = await openIn(folder);
    expect(filesIn(folder)).toEqual([known]);
    expect(Buffer.from((await files.read(hashOfHello, { from: 0, to: 9 }, signal)) ?? []).toString()).toBe(
      "hello",
    );
  });

  test("removes files that it left without an index entry, once they are old", async () => {
    using parent = temporaryFolder();
    const folder = join(parent.path, "files");
    await using files = await openIn(folder);
    await linkHello(files);
    const known = join("2c", hashOfHello);
    const orphan = join("2c", "2c".padEnd(64, "0"));
    for (const name of ["0123.new", orphan, "4567.new"]) writeFileSync(join(folder, name), "left");
    const longAgo = (Date.now() - hourMs) / 1_000;
    for (const name of ["0123.new", orphan, known]) utimesSync(join(folder, name), longAgo, longAgo);
    await files.sweep(Date.now(), signal);
    expect(filesIn(folder)).toEqual([known, "4567.new"].toSorted());
  });

  test("starts empty if its index is damaged or of a newer version", async () => {
    using parent = temporaryFolder();
    const folder = join(parent.path, "files");
    {
      await using files = await openIn(folder);
      await files.put(Buffer.from("hello"), signal);
    }
    writeFileSync(join(folder, "index.sqlite"), "x".repeat(10_000));
    const log = new RecordingLog();
    await using files = await openIn(folder, log);
    expect(filesIn(folder)).toEqual([]);
    expect(log.lines.map(({ level }) => level)).toEqual(["warn"]);
    expect((await files.put(Buffer.from("hello"), signal)).sizeBytes).toBe(5);
  });

  test("erases all files if an erasure finds its index damaged, and continues", async () => {
    using parent = temporaryFolder();
    const folder = join(parent.path, "files");
    const conversation = "fake:room:1";
    {
      await using files = await openIn(folder);
      const { hash } = await files.put(Buffer.from("hello"), signal);
      await files.link(
        { conversation, message: "m1", name: "F1", untilMs: Date.now() + hourMs },
        hash,
        signal,
      );
    }
    const index = join(folder, "index.sqlite");
    // Its first page stays, so that it can be opened.
    writeFileSync(index, readFileSync(index).fill(0xff, 4_096));
    const log = new RecordingLog();
    await using files = await openIn(folder, log);
    await files.erase(conversation, [{ revision: 1, kind: "message", message: "m1" }], signal);
    expect(filesIn(folder)).toEqual([]);
    // At the start, and at the erasure.
    expect(log.lines.map(({ level }) => level)).toEqual(["warn", "warn"]);
    await files.sweep(Date.now(), signal);
    expect((await files.put(Buffer.from("hello"), signal)).sizeBytes).toBe(5);
  });

  test.runIf(fullDisk !== undefined)("erases all files if the disk is full, which makes room", async () => {
    if (fullDisk === undefined) return;
    using disk = fullDisk.open();
    const folder = join(disk.folder, "files");
    const conversation = "fake:room:1";
    const log = new RecordingLog();
    await using files = await openIn(folder, log);
    const { hash } = await files.put(Buffer.alloc(100_000, 1), signal);
    for (const message of ["m1", "m2"])
      await files.link({ conversation, message, name: "F1", untilMs: Date.now() + hourMs }, hash, signal);
    fillUp(join(disk.folder, "filling"));
    await files.erase(conversation, [{ revision: 1, kind: "message", message: "m1" }], signal);
    expect(filesIn(folder)).toEqual([]);
    expect(log.lines.map(({ level }) => level)).toEqual(["warn"]);
    expect((await files.put(Buffer.from("hello"), signal)).sizeBytes).toBe(5);
  });
});
