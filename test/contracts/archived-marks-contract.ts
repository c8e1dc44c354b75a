import { expect, test } from "vitest";

import { StaleLeaseError, type Journal } from "../../src/ports/journal.ts";
import type { Directory } from "../../src/ports/directory.ts";
import type { Inbox } from "../../src/ports/inbox.ts";
import type { Memory } from "../../src/ports/memory.ts";
import type { Outbox } from "../../src/ports/outbox.ts";
import type { ArchivedMarks } from "../../src/ports/archived-marks.ts";
import { deleted, said } from "../support/core/inbounds.ts";
import { memoryOf } from "../support/core/memory-of.ts";

interface Opened extends AsyncDisposable {
  readonly inbox: Inbox;
  readonly journal: Journal;
  readonly memories: Memory;
  readonly directory: Directory;
  readonly outbox: Outbox;
  readonly archivedMarks: ArchivedMarks;
}

const { signal } = new AbortController();
const key = "fake:room:1";
const speakers = [{ id: "ada", label: "Ada" }];
const memory = memoryOf(key, { revision: 5, nextOrdinal: 7, speakers });
const listing = { title: "the launch", isNamed: true, lastAtMs: 40 } as const;

/** The contract of archiving in and restoring to the hot store. */
export function archivedMarksContract(open: () => Promise<Opened>): void {
  test("restores a conversation from the archive, listed as before, with nothing to sync", async () => {
    await using stores = await open();
    const { inbox, journal, memories, directory, outbox, archivedMarks } = stores;
    await archivedMarks.mark([key], signal);
    expect(await archivedMarks.missing([key, "fake:room:2"], signal)).toEqual([key, "fake:room:2"]);
    expect(await inbox.accept(deleted("m1"), 1, signal)).toBe("stored");
    const { lease } = await journal.claim(key, "w", signal);
    await journal.restore(lease, memory, { syncedRevision: 5, listing }, signal);
    expect((await memories.read(key, signal)).memory).toEqual(memory);
    expect(await outbox.pending(9, signal)).toEqual([]);
    expect(await journal.claim(key, "w", signal)).toMatchObject({ syncedRevision: 5 });
    expect(await outbox.listing(key, signal)).toMatchObject({ title: "the launch", isNamed: true });
    expect(await directory.ofAuthor("fake", "ada", 9, signal)).toMatchObject([{ conversation: key }]);
    expect(await archivedMarks.missing([key], signal)).toEqual([]);
  });

  test("lists a restored conversation by its age, and syncs what the archive lacks", async () => {
    await using stores = await open();
    const { journal, directory, outbox } = stores;
    const { lease } = await journal.claim(key, "w", signal);
    await journal.restore(lease, memory, { syncedRevision: 4, listing }, signal);
    expect(await directory.recent("fake", "room", 9, signal)).toEqual([
      { conversation: key, platform: "fake", place: "room", title: "the launch", lastAtMs: 40 },
    ]);
    expect(await outbox.pending(9, signal)).toEqual([{ conversation: key, syncedRevision: 4 }]);
  });

  test("restores nothing on an old lease", async () => {
    await using stores = await open();
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.journal.claim(key, "w", signal);
    await expect(stores.journal.restore(lease, memory, { syncedRevision: 5 }, signal)).rejects.toThrow(
      StaleLeaseError,
    );
    expect(await stores.memories.read(key, signal)).toEqual({});
  });

  test("may have any conversation in the archive until all are marked", async () => {
    await using stores = await open();
    const { archivedMarks } = stores;
    expect(await archivedMarks.isComplete(signal)).toBe(false);
    expect(await archivedMarks.mayBeArchived(key, signal)).toBe(true);
    await archivedMarks.mark([key], signal);
    await archivedMarks.markComplete(signal);
    expect(await archivedMarks.isComplete(signal)).toBe(true);
    expect(await archivedMarks.mayBeArchived(key, signal)).toBe(true);
    expect(await archivedMarks.mayBeArchived("fake:room:2", signal)).toBe(false);
  });

  test("stores inbounds of a conversation that only the archive has, if requested", async () => {
    await using stores = await open();
    expect(await stores.inbox.accept(deleted("m1"), 1, signal)).toBe("ignored");
    expect(await stores.inbox.accept(deleted("m2"), 1, signal, true)).toBe("stored");
    await stores.inbox.accept(said("m3", "hello", { conversation: "fake:room:2" }), 1, signal);
    expect(await stores.archivedMarks.missing(["fake:room:2"], signal)).toEqual([]);
  });

  test("syncs a title that a person gives", async () => {
    await using stores = await open();
    const { inbox, journal, directory, outbox } = stores;
    await inbox.accept(said("m1", "hello"), 1, signal);
    const { lease } = await journal.claim(key, "w", signal);
    const covers = (await inbox.waiting(key, signal)).map(({ id }) => id);
    await journal.finish(lease, { covers, posts: [], memory }, signal);
    await outbox.markSynced(key, 5, signal);
    expect(await outbox.pending(9, signal)).toEqual([]);
    await directory.rename(key, "Friday", signal);
    expect(await outbox.pending(9, signal)).toEqual([{ conversation: key, syncedRevision: 5 }]);
    expect(await outbox.listing(key, signal)).toEqual({ title: "Friday", isNamed: true, lastAtMs: 1 });
  });
}
