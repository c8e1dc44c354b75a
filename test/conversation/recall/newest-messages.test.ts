import { describe, expect, test } from "vitest";

import { ArchiveError } from "../../../src/ports/archive.ts";
import type { Readable, Readers } from "../../../src/ports/platform-access.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, deleted, edited, said } from "../../support/core/inbounds.ts";
import { looker } from "../../support/core/looker.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { setReadOnly } from "../../support/postgres/set-read-only.ts";
import { makePostgresDatabase, postgresIsMissing } from "../../support/postgres-database.ts";

const nearby = { conversation: "fake:room:2" } as const;
const open = { conversation: "fake:open:1", place: "open" } as const;
const club = { conversation: "fake:club:1", place: "club" } as const;

/** Everybody may read "open", and of other places it is known that they may not, or nothing is known. */
class Town extends FakePlatform {
  isVague = false;
  readonly readable = async (_: Readers, places: readonly string[]): Promise<Readable> => ({
    places: places.filter((place) => place === "open"),
    unknown: this.isVague ? places.filter((place) => place !== "open") : [],
  });
}

async function recalled(core: RealBench, words: string): Promise<string> {
  await core.order("recall", words);
  return core.platform.told.at(-1) ?? "";
}

describe("a message that is not synced to the archive yet", () => {
  test("is found in the same conversation, in others of the place, and in public places", async () => {
    await using core = await openRealBench({ platform: new Town() });
    await core.say("a", "the zebra is here");
    await core.say("b", "the zebra is nearby", nearby);
    await core.say("c", "the zebra is in the open", open);
    await core.say("d", "the zebra is in the club", club);
    const found = await recalled(core, "zebra");
    for (const place of ["here", "nearby", "in the open"]) expect(found).toContain(`the zebra is ${place}”`);
    expect(found).not.toContain("club");
    expect(await core.archived()).toEqual([]);
  });

  test("is found while it waits for its turn, with waiting edits applied", async () => {
    await using core = await openRealBench();
    await core.say("hello", "hello", nearby);
    // It is carried out first.
    await core.accept(command("recall", "zebra"));
    await core.accept(said("asked", "the zebra is asked about", nearby));
    await core.accept(said("mended", "the zebra is old", nearby));
    await core.accept(edited("mended", "the zebra is new", nearby));
    await core.accept(said("regretted", "the zebra is a secret", nearby));
    await core.accept(deleted("regretted", nearby));
    await core.settle();
    const found = core.platform.told[0];
    expect(found).toContain("the zebra is asked about");
    expect(found).toContain("the zebra is new");
    expect(found).not.toMatch(/old|secret/u);
  });

  test("is not found by its text before an unsynced edit or deletion", async () => {
    await using core = await openRealBench();
    await core.say("a", "the zebra is old", nearby);
    await core.say("b", "the zebra is a secret", nearby);
    await core.file();
    await core.take(edited("a", "the zebra is new", nearby));
    await core.take(deleted("b", nearby));
    const found = await recalled(core, "zebra");
    expect(found).toContain("the zebra is new");
    expect(found).not.toMatch(/old|secret/u);
  });

  test("is not quoted to the model by its text before an unsynced edit or deletion", async () => {
    const model = looker((found) => `I found: ${found}`, "zebra");
    await using core = await openRealBench({ model });
    await core.say("a", "the zebra is old", nearby);
    await core.say("b", "the zebra is a secret", nearby);
    await core.say("c", "the zebra is striped", nearby);
    await core.file();
    await core.take(edited("a", "the zebra is new", nearby));
    await core.take(deleted("b", nearby));
    await core.say("question", "LOOK");
    const found = core.platform.shown.at(-1);
    expect(found).toContain("striped");
    expect(found).not.toMatch(/old|new|secret/u);
    expect(found).toContain("I couldn't search the latest messages of one conversation.");
  });

  test("is not used by the model or shown to all until deletions could find what derives from it; the gap is mentioned", async () => {
    const model = looker((found) => `I found: ${found}`, "zebra");
    await using core = await openRealBench({ model });
    await core.say("later", "nothing of interest");
    await core.say("source", "the zebra is striped", nearby);
    await core.say("question", "LOOK");
    await core.order("recall", "zebra share");
    const told = [core.platform.shown.join("\n"), core.platform.told.join("\n")];
    for (const each of told) {
      expect(each).not.toContain("striped");
      expect(each).toContain("I couldn't search the latest messages of one conversation.");
    }
    await core.file();
    await core.say("again", "LOOK");
    expect(core.platform.shown.at(-1)).toContain("striped");
  });

  test("is counted as a gap, not read, beyond a hundred conversations", async () => {
    await using core = await openRealBench();
    for (let index = 0; index < 103; index += 1)
      await core.say(`m${index}`, "hello", { conversation: `fake:room:x${index}` });
    expect(await recalled(core, "zebra")).toContain(
      "I couldn't search the latest messages of 3 conversations. Please try again in a minute.",
    );
  });

  test.skipIf(postgresIsMissing !== undefined)(
    `is found while Postgres accepts nothing${postgresIsMissing ?? ""}`,
    async () => {
      await using database = await makePostgresDatabase();
      const log = new RecordingLog();
      await using archive = await openPostgresArchive(database.url, { waitMs: 60_000, clock, log });
      await setReadOnly(database.url, {
        state: "on",
        isNoticed: () => archive.health().needsOperator === true,
      });
      await using core = await openRealBench({ archive: () => archive });
      await core.say("a", "the zebra is here");
      await expect(core.file()).rejects.toThrow(ArchiveError);
      expect(await recalled(core, "zebra")).toContain("the zebra is here");
    },
  );
});

describe("a search mentions its gaps", () => {
  test("when access to some places is unknown", async () => {
    const platform = new Town();
    platform.isVague = true;
    await using core = await openRealBench({ platform });
    await core.say("c", "the zebra is in the open", open);
    await core.say("d", "the zebra is in the club", club);
    await core.say("e", "the zebra is at the quay", { conversation: "fake:quay:1", place: "quay" });
    const missing = "I couldn't search 2 channels just now. Please try again in a minute.";
    expect(await recalled(core, "lion")).toBe(`Nothing found for “lion”.\n${missing}`);
    expect(await recalled(core, "zebra")).toMatch(/in the open”\n\nI couldn't search 2 channels/u);
  });

  test("to the model too, which has to pass it on", async () => {
    const platform = new Town();
    platform.isVague = true;
    await using core = await openRealBench({
      platform,
      model: looker((found) => `I found: ${found}`, "lion"),
    });
    await core.say("d", "the zebra is in the club", club);
    await core.say("question", "LOOK");
    expect(core.platform.shown.at(-1)).toMatch(
      /Nothing was found.*\nNot everything was searched\. Tell them: "I couldn't search one channel/u,
    );
  });

  test("when the archive does not answer, with the advice to try again", async () => {
    await using core = await openRealBench({
      archive: (real) => ({
        ...real,
        search: async () => {
          throw new ArchiveError("too late");
        },
      }),
    });
    await core.say("a", "the zebra is here");
    expect(await recalled(core, "zebra")).toMatch(/archive.*try again in a minute/u);
  });

  test("when nearly all messages match, and only the newest were searched", async () => {
    await using core = await openRealBench({
      archive: (real) => ({
        ...real,
        search: async (...given) => ({ ...(await real.search(...given)), isWhole: false }),
      }),
    });
    expect(await recalled(core, "zebra")).toContain("A rarer word may find more.");
  });

  test.each(["🎉", "?!", "..."])("when the query contains no word: %s", async (text) => {
    await using core = await openRealBench();
    await core.say("a", "a party 🎉 ... really ?!");
    expect(await recalled(core, text)).toBe(`There are no words to search for in “${text}”.`);
  });

  test("when there are more places than one search covers", async () => {
    const places = Array.from({ length: 20_001 }, (_, index) => `place${index}`);
    await using core = await openRealBench({
      platform: new Town(),
      archive: (real) => ({ ...real, places: async (_platform, limit) => places.slice(0, limit) }),
    });
    expect(await recalled(core, "zebra")).toContain("There are more channels here than I can search at once");
  });

  test("while older messages are still being indexed", async () => {
    await using core = await openRealBench({
      archive: (real) => ({
        ...real,
        search: async (...given) => ({ ...(await real.search(...given)), isBeingIndexed: true }),
      }),
    });
    expect(await recalled(core, "zebra")).toContain("I'm still preparing the search of older messages");
  });
});

test("a message in an evicted conversation is found without restoring the conversation", async () => {
  let reads = 0;
  await using core = await openRealBench({
    model: looker((found) => `I found: ${found}`, "zebra"),
    archive: (real) => ({
      ...real,
      read: async (...given) => {
        reads += 1;
        return real.read(...given);
      },
    }),
  });
  await core.say("source", "the zebra is striped", nearby);
  await core.say("before", "a new chapter", nearby);
  await core.file();
  core.clock.pass(22 * 86_400_000);
  await core.chore("rest");
  expect(await core.remembered(nearby.conversation)).toBeUndefined();
  reads = 0;
  await core.say("question", "LOOK");
  expect(core.platform.shown.at(-1)).toContain("striped");
  expect(reads).toBe(0);
});
