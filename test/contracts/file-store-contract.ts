import { setTimeout } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import type { Erasure } from "../../src/domain/conversation-memory.ts";
import type { FileErasure, FileLink, FileName, FileStore } from "../../src/ports/file-store.ts";

/** What a file store is opened with for the contract. */
export const contractLimits = { maxFileBytes: 1_000_000, maxTotalBytes: 2_000_000 };

interface OpenedFiles extends AsyncDisposable {
  /** Two views of the same store. */
  readonly files: FileStore;
  readonly other: FileStore;
}

const nowMs = Date.now();
const untilMs = nowMs + 60_000;
const { signal } = new AbortController();
const whole = { from: 0, to: Infinity };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const named = { conversation: "fake:room:1", message: "m1", author: "ada", name: "F1" } as const;

interface More extends Partial<FileName> {
  readonly author?: string;
  readonly untilMs?: number;
}

const link = (more: More = {}): FileLink => ({ ...named, untilMs, ...more });
/** A link that stays. */
const lasting = (more: Partial<FileName> & { readonly saidAtMs: number }): FileLink => ({
  ...named,
  ...more,
});

/** Stores a text under a link, and returns its hash. */
async function keep(files: FileStore, text: string, more: More = {}): Promise<string> {
  return keepAs(files, text, link(more));
}

async function keepAs(files: FileStore, text: string, as: FileLink): Promise<string> {
  const { hash } = await files.put(bytesOf(text), signal);
  expect(await files.link(as, hash, signal)).toBe(true);
  return hash;
}

async function textOf(files: FileStore, hash: string): Promise<string | undefined> {
  const bytes = await files.read(hash, whole, signal);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** The contract of a file store. `open` returns an empty one with `contractLimits`. */
export function fileStoreContract(open: () => Promise<OpenedFiles>): void {
  describe("a file", () => {
    test("is found and read by its name, from every replica", async () => {
      await using opened = await open();
      const hash = await keep(opened.files, "Grüße");
      expect(await opened.other.find(link(), nowMs, signal)).toEqual({ hash, sizeBytes: 7 });
      expect(await textOf(opened.other, hash)).toBe("Grüße");
      expect(await opened.files.find(link({ name: "F2" }), nowMs, signal)).toBe(undefined);
      expect(await opened.files.find(link({ message: "m2" }), nowMs, signal)).toBe(undefined);
      expect(await opened.files.find(link({ conversation: "fake:room:2" }), nowMs, signal)).toBe(undefined);
    });

    test("may be empty, and may be written and read in pieces", async () => {
      await using opened = await open();
      const { files } = opened;
      const empty = await keep(files, "", { name: "empty" });
      expect(await files.read(empty, whole, signal)).toEqual(new Uint8Array(0));
      const bytes = Uint8Array.from({ length: 900_001 }, (_, at) => at % 251);
      async function* pieces() {
        for (let at = 0; at < bytes.length; at += 99_991) {
          await setTimeout(0);
          yield bytes.subarray(at, at + 99_991);
        }
      }
      const { hash, sizeBytes } = await files.put(pieces(), signal);
      expect(sizeBytes).toBe(bytes.length);
      expect(await files.put(bytes, signal)).toEqual({ hash, sizeBytes });
      for (const [from, to] of [
        [0, 10],
        [262_140, 262_150],
        [1, 900_000],
        [899_999, 2_000_000],
        [900_001, 900_002],
        [5, 5],
      ] as const) {
        const read = await files.read(hash, { from, to }, signal);
        expect(Buffer.compare(read ?? Buffer.of(1), bytes.subarray(from, to))).toBe(0);
      }
    });

    test("of the same content is stored once, and stays until its last link is erased", async () => {
      await using opened = await open();
      const { files } = opened;
      const hash = await keep(files, "same");
      expect(await keep(files, "same", { message: "m2" })).toBe(hash);
      expect(await keep(files, "other", { message: "m3" })).not.toBe(hash);
      await files.erase("fake:room:1", [{ revision: 1, kind: "message", message: "m1" }], signal);
      expect(await textOf(files, hash)).toBe("same");
      await files.erase("fake:room:1", [{ revision: 2, kind: "message", message: "m2" }], signal);
      expect(await textOf(files, hash)).toBe(undefined);
    });

    test("is replaced by one of the same name", async () => {
      await using opened = await open();
      const { files } = opened;
      await keep(files, "old");
      const hash = await keep(files, "new");
      expect(await files.find(link(), nowMs, signal)).toEqual({ hash, sizeBytes: 3 });
    });

    test("that is not stored is neither linked nor read", async () => {
      await using opened = await open();
      expect(await opened.files.link(link(), "0".repeat(64), signal)).toBe(false);
      expect(await opened.files.read("0".repeat(64), whole, signal)).toBe(undefined);
      expect(await opened.files.read("../index.sqlite", whole, signal)).toBe(undefined);
    });

    test("above the limit is refused, and leaves no bytes", async () => {
      await using opened = await open();
      const tooLarge = opened.files.put(Buffer.alloc(contractLimits.maxFileBytes + 1), signal);
      await expect(tooLarge).rejects.toMatchObject({ name: "FileStoreError", kind: "too-large" });
    });

    test("makes room by dropping the oldest one", async () => {
      await using opened = await open();
      const { files } = opened;
      const hashes: string[] = [];
      for (const name of ["a", "b", "c", "d"]) {
        hashes.push(await keep(files, name.repeat(600_000), { name }));
        await setTimeout(5);
      }
      const found = await Promise.all(hashes.map((hash) => files.read(hash, { from: 0, to: 1 }, signal)));
      expect(found.map((bytes) => bytes !== undefined)).toEqual([false, true, true, true]);
      expect(await files.find(link({ name: "a" }), nowMs, signal)).toBe(undefined);
    });
  });

  test("an unlinked file is gone with its bytes, unless another link has them", async () => {
    await using opened = await open();
    const { files, other } = opened;
    const hash = await keep(files, "heard");
    await keep(files, "heard", { message: "m2" });
    const kept = await keep(files, "kept", { name: "F2" });
    const { message: _message, author: _author, ...common } = link();
    await keep(files, "common", common);
    await other.unlink(link({ name: "F3" }), signal);
    await other.unlink(link(), signal);
    expect(await files.find(link(), nowMs, signal)).toBe(undefined);
    expect(await textOf(files, hash)).toBe("heard");
    await other.unlink(link({ message: "m2" }), signal);
    expect(await textOf(files, hash)).toBe(undefined);
    expect(await textOf(files, kept)).toBe("kept");
    const { hash: ofCommon = "" } = (await files.find(common, nowMs, signal)) ?? {};
    await other.unlink(common, signal);
    expect(await textOf(files, ofCommon)).toBe(undefined);
  });

  describe("an erasure", () => {
    const kinds: readonly (readonly [string, Erasure, readonly boolean[]])[] = [
      ["of a message", { revision: 1, kind: "message", message: "m1" }, [false, true, false, true]],
      [
        "of an author",
        { revision: 1, kind: "author", author: "bo", beforeOrdinal: 9 },
        [true, false, false, true],
      ],
      ["of a conversation", { revision: 1, kind: "all", beforeOrdinal: 9 }, [false, false, false, true]],
    ];
    test.each(kinds)("%s removes its files, and their bytes at once", async (_, erasure, left) => {
      await using opened = await open();
      const { files, other } = opened;
      // It may hold any text of the conversation.
      const { message: _message, author: _author, ...common } = link({ name: "export" });
      const links = [
        link(),
        link({ message: "m2", author: "bo" }),
        common,
        link({ conversation: "fake:room:2" }),
      ];
      const hashes: string[] = [];
      for (const [index, each] of links.entries()) {
        const { hash } = await files.put(bytesOf(`file ${index}`), signal);
        await files.link(each, hash, signal);
        hashes.push(hash);
      }
      await other.erase("fake:room:1", [erasure], signal);
      const found = await Promise.all(links.map((each) => files.find(each, nowMs, signal)));
      expect(found.map((each) => each !== undefined)).toEqual(left);
      const read = await Promise.all(hashes.map((hash) => textOf(files, hash)));
      expect(read.map((each) => each !== undefined)).toEqual(left);
    });
  });

  describe("a file that stays", () => {
    const farMs = nowMs + 400 * 86_400_000;

    test("is found and swept around for years, and goes with its message", async () => {
      await using opened = await open();
      const { files, other } = opened;
      const hash = await keepAs(files, "stays", lasting({ saidAtMs: nowMs }));
      await files.sweep(farMs, signal);
      expect(await other.find(link(), farMs, signal)).toEqual({ hash, sizeBytes: 5 });
      await files.erase("fake:room:1", [{ revision: 1, kind: "message", message: "m1" }], signal);
      expect(await files.find(link(), nowMs, signal)).toBe(undefined);
      expect(await textOf(files, hash)).toBe(undefined);
    });

    test("may get its place with an end first, which is then taken off", async () => {
      await using opened = await open();
      const { files, other } = opened;
      const hash = await keep(files, "sent", { untilMs });
      expect(await other.keep(link(), { saidAtMs: nowMs, nowMs }, signal)).toBe(true);
      expect(await other.keep(link(), { saidAtMs: farMs, nowMs: farMs }, signal)).toBe(true);
      await files.sweep(farMs, signal);
      expect(await files.find(link(), farMs, signal)).toEqual({ hash, sizeBytes: 4 });
      expect(await files.keep(link({ name: "F2" }), { saidAtMs: nowMs, nowMs }, signal)).toBe(false);
      await files.expire(nowMs, signal);
      expect(await textOf(files, hash)).toBe("sent");
      await files.expire(nowMs + 1, signal);
      expect(await textOf(files, hash)).toBe(undefined);
      await keep(files, "late", { name: "F3" });
      expect(await files.keep(link({ name: "F3" }), { saidAtMs: nowMs, nowMs: untilMs }, signal)).toBe(false);
    });

    const beforeMs = nowMs - 1_000;
    const spared: readonly (readonly [string, FileErasure, readonly boolean[]])[] = [
      [
        "of the author",
        { revision: 1, kind: "author", author: "ada", beforeOrdinal: 9, beforeMs },
        [false, true, false],
      ],
      ["of the conversation", { revision: 1, kind: "all", beforeOrdinal: 9, beforeMs }, [false, true, false]],
      [
        "of the author by an older version",
        { revision: 1, kind: "author", author: "ada", beforeOrdinal: 9 },
        [false, false, false],
      ],
      [
        "of the conversation by an older version",
        { revision: 1, kind: "all", beforeOrdinal: 9 },
        [false, false, false],
      ],
    ];
    test.each(spared)("is spared by an erasure %s that is older", async (_, erasure, left) => {
      await using opened = await open();
      const { files } = opened;
      const links = [
        lasting({ message: "old", saidAtMs: beforeMs - 1 }),
        lasting({ message: "new", saidAtMs: beforeMs }),
        link({ message: "read" }),
      ];
      for (const [index, each] of links.entries()) await keepAs(files, `file ${index}`, each);
      await files.erase("fake:room:1", [erasure], signal);
      const found = await Promise.all(links.map((each) => files.find(each, nowMs, signal)));
      expect(found.map((each) => each !== undefined)).toEqual(left);
    });

    test("outlasts an edit of its message, unlike what is read again", async () => {
      await using opened = await open();
      const { files } = opened;
      const { message: _message, author: _author, ...common } = link({ name: "export" });
      const other = link({ message: "m2", name: "read" });
      const links = [lasting({ saidAtMs: nowMs }), link({ name: "read" }), common, other];
      for (const [index, each] of links.entries()) await keepAs(files, `file ${index}`, each);
      const left = async () => {
        const found = await Promise.all(links.map((each) => files.find(each, nowMs, signal)));
        return found.map((each) => each !== undefined);
      };
      await files.erase("fake:room:1", [{ kind: "edited", message: "m2" }], signal);
      expect(await left()).toEqual([true, true, false, false]);
      await files.erase("fake:room:1", [{ kind: "edited", message: "m1" }], signal);
      expect(await left()).toEqual([true, false, false, false]);
      await keepAs(files, "again", common);
      await keepAs(files, "read", other);
      await files.erase("fake:room:1", [{ kind: "edited" }], signal);
      expect(await left()).toEqual([true, false, false, true]);
    });

    test("expires with its message, and its bytes go at once", async () => {
      await using opened = await open();
      const { files } = opened;
      const old = await keepAs(files, "old", lasting({ message: "m1", saidAtMs: beforeMs - 1 }));
      const young = await keepAs(files, "young", lasting({ message: "m2", saidAtMs: beforeMs }));
      const read = await keep(files, "read", { message: "m3" });
      await files.expire(beforeMs, signal);
      const texts = await Promise.all([old, young, read].map((hash) => textOf(files, hash)));
      expect(texts).toEqual([undefined, "young", "read"]);
    });
  });

  describe("a sweep", () => {
    test("removes files whose link has ended, once their bytes are old", async () => {
      await using opened = await open();
      const { files } = opened;
      const hash = await keep(files, "ended", { untilMs: nowMs + 1_000 });
      const later = await keep(files, "kept", { name: "F2", untilMs: nowMs + 10 * 3_600_000 });
      expect(await files.find(link(), nowMs + 1_000, signal)).toBe(undefined);
      await files.sweep(Date.now() + 3_600_000, signal);
      expect(await textOf(files, hash)).toBe(undefined);
      expect(await textOf(files, later)).toBe("kept");
    });

    test("keeps bytes without a link for some minutes, as after a crash or a slow caller", async () => {
      await using opened = await open();
      const { files } = opened;
      const { hash } = await files.put(bytesOf("unlinked"), signal);
      await files.sweep(Date.now() + 60_000, signal);
      expect(await textOf(files, hash)).toBe("unlinked");
      await files.sweep(Date.now() + 3_600_000, signal);
      expect(await textOf(files, hash)).toBe(undefined);
      expect(await files.link(link(), hash, signal)).toBe(false);
    });
  });

  test("leaves no link without its bytes, even if files come and go at once", async () => {
    await using opened = await open();
    const { files, other } = opened;
    const work = Array.from({ length: 40 }, async (_, index) => {
      const store = index % 2 === 0 ? files : other;
      const message = `m${index % 5}`;
      if (index % 3 === 0)
        await store.erase("fake:room:1", [{ revision: 1, kind: "message", message }], signal);
      else {
        const { hash } = await store.put(bytesOf(`content ${index % 4}`), signal);
        await store.link(link({ message }), hash, signal);
      }
    });
    await Promise.all(work);
    const messages = ["m0", "m1", "m2", "m3", "m4"].map((message) => link({ message }));
    const found = await Promise.all(messages.map((each) => files.find(each, nowMs, signal)));
    const hashes = found.flatMap((each) => each?.hash ?? []);
    const texts = await Promise.all(hashes.map((hash) => textOf(files, hash)));
    expect(texts).toEqual(hashes.map(() => expect.stringMatching(/^content \d$/u)));
  });
}
