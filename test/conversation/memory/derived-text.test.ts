import { describe, expect, test } from "vitest";

import { syncArchive } from "../../../src/conversation/archive/sync-archive.ts";
import { InboxError } from "../../../src/ports/inbox.ts";
import { deleted, edited, stopped } from "../../support/core/inbounds.ts";
import { looker } from "../../support/core/looker.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";

const patiently = { timeout: 60_000, interval: 5 };
const secret = "swordfish-4711";
const elsewhere = { conversation: "fake:room:2" } as const;
const bob = { by: "bob" } as const;
const small = { contextTokens: 400 };

/** What Ada said in another conversation was looked up by Bob here. */
async function lookUpElsewhere(core: RealBench, between = async (): Promise<void> => undefined) {
  await core.say("source", `my secret is ${secret}`, elsewhere);
  await core.file();
  await between();
  await core.say("question", "LOOK", bob);
  await core.file();
  expect(core.platform.shown.at(-1)).toContain(secret);
}

/** An answer to Bob quotes what Ada said, and memory holds neither any more. */
async function quoteLongAgo(core: RealBench): Promise<void> {
  await core.say("source", `my secret is ${secret}`);
  await core.say("question", "QUOTE what Ada said", bob);
  expect(core.platform.shown.at(-1)).toContain(secret);
  await core.chat(30, bob);
  expect(JSON.stringify((await core.remembered())?.messages)).not.toContain(secret);
}

async function chatElsewhere(core: RealBench): Promise<void> {
  await core.chat(30, { ...bob, ...elsewhere });
  expect(await core.holds("source", "fake:room:2")).toBe(false);
}

/** All that memory and archive hold. */
async function known(core: RealBench): Promise<string> {
  return [await core.known("fake:room:1"), await core.known("fake:room:2")].join("\n");
}

/** The same, and all that people see. */
async function everything(core: RealBench): Promise<string> {
  return [await known(core), ...core.platform.shown].join("\n");
}

const citing = () => looker(() => `It is ${secret} [1].`);

describe("erasing a person removes", () => {
  const forgetAda = async (core: RealBench, where = {}): Promise<void> => {
    await core.order("forget", "me yes", where);
    await core.rest();
    expect(core.platform.told.join("\n")).toContain("Done.");
  };

  test("answers in other conversations that looked up their messages", async () => {
    await using core = await openRealBench({ model: citing() });
    await lookUpElsewhere(core);
    await forgetAda(core, elsewhere);
    expect(await known(core)).not.toContain(secret);
  });

  test("answers in other conversations that looked up messages that had left memory", async () => {
    await using core = await openRealBench({ ...small, model: citing() });
    await lookUpElsewhere(core, () => chatElsewhere(core));
    await forgetAda(core, elsewhere);
    expect(await known(core)).not.toContain(secret);
  });

  test("an answer to someone else that quotes them", async () => {
    await using core = await openRealBench({ ...small, model: citing() });
    await quoteLongAgo(core);
    await forgetAda(core);
    expect(await known(core)).not.toContain(secret);
  });

  test("their words from the next prompt", async () => {
    await using core = await openRealBench({ ...small, model: citing() });
    await quoteLongAgo(core);
    await forgetAda(core);
    const before = core.model.prompts.length;
    // What may have been in the summary has it made anew from the archive.
    await core.accept(deleted("unknown"));
    await core.rest();
    await core.say("next", "and now?", bob);
    expect(core.model.prompts.length).toBeGreaterThan(before + 1);
    expect(JSON.stringify(core.model.prompts.slice(before))).not.toContain(secret);
  });
});

describe("an edited message that had left memory", () => {
  test("retracts answers elsewhere that repeat its old text", async () => {
    await using core = await openRealBench({ ...small, model: citing() });
    await lookUpElsewhere(core, () => chatElsewhere(core));
    await core.accept(edited("source", "nothing", elsewhere));
    await core.rest();
    expect(await everything(core)).not.toContain(secret);
  });
});

describe("a deleted message", () => {
  test("retracts the answer that quotes it", async () => {
    await using core = await openRealBench({ ...small, model: citing() });
    await quoteLongAgo(core);
    await core.accept(deleted("source"));
    await core.rest();
    expect(await everything(core)).not.toContain(secret);
  });

  test("retracts that answer even if the inbox is unavailable at first", async () => {
    let isAway = false;
    await using core = await openRealBench({
      ...small,
      model: citing(),
      stores: (real) => ({
        ...real,
        inbox: {
          ...real.inbox,
          accept: async (...given) => {
            if (isAway) throw new InboxError("away");
            return real.inbox.accept(...given);
          },
        },
      }),
    });
    await quoteLongAgo(core);
    await core.take(deleted("source"));
    isAway = true;
    await expect(core.file()).rejects.toThrow("away");
    isAway = false;
    await core.rest();
    expect(await everything(core)).not.toContain(secret);
  });

  test("retracts an answer that repeats an answer which looked it up", async () => {
    await using core = await openRealBench({ model: citing() });
    await lookUpElsewhere(core);
    await core.say("again", "REPEAT", bob);
    await core.file();
    expect(core.platform.shown.at(-1)).toBe(`As I said: It is ${secret}.`);
    await core.accept(deleted("source", elsewhere));
    await core.rest();
    expect(await everything(core)).not.toContain(secret);
  });

  test("retracts an answer that repeats it but cites another message", async () => {
    const model = looker(
      (found) =>
        `The cake is on Friday [${found.split("\n").findIndex((line) => line.includes("cake")) + 1}]. By the way, it is ${secret}.`,
      "zebra",
    );
    await using core = await openRealBench({ model });
    await core.say("source", `zebra secret is ${secret}`, elsewhere);
    await core.say("cake", "zebra cake is on Friday", elsewhere);
    await core.file();
    await core.say("question", "LOOK", bob);
    await core.file();
    expect(core.platform.shown.at(-1)).toContain(secret);
    await core.accept(deleted("source", elsewhere));
    await core.rest();
    expect(await everything(core)).not.toContain(secret);
  });

  test("retracts an answer that was stopped after looking it up", async () => {
    const model = citing();
    const { script } = model;
    model.script = async function* (prompt, signal) {
      if (prompt.calls === undefined) {
        yield* script(prompt, signal);
        return;
      }
      yield `It is ${secret}, and so`;
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    await using core = await openRealBench({ model });
    await core.say("source", `my secret is ${secret}`, elsewhere);
    await core.file();
    const asking = core.say("question", "LOOK", bob);
    await expect.poll(() => core.platform.shown.at(-1), patiently).toContain(secret);
    await core.accept(stopped());
    await asking;
    await core.settle();
    expect(core.platform.shown.at(-1)).toBe(`It is ${secret}, and so\n\n*(Stopped here.)*`);
    await core.rest();
    await core.accept(deleted("source", elsewhere));
    await core.rest();
    expect(await everything(core)).not.toContain(secret);
  });

  test("retracts an answer that is synced during the search for it", async () => {
    let meanwhile = async (): Promise<void> => undefined;
    await using core = await openRealBench({
      model: citing(),
      archive: (real) => ({
        ...real,
        derivedFrom: async (...given) => {
          const found = await real.derivedFrom(...given);
          if (given[0] === "fake:room:2") await meanwhile();
          return found;
        },
      }),
    });
    await core.say("source", `my secret is ${secret}`, elsewhere);
    await core.file();
    await core.say("question", "LOOK", bob);
    await core.take(deleted("source", elsewhere));
    const unfiled = await core.stores.outbox.pending(10, core.signal);
    // As another replica does at the same time.
    let batches = 0;
    meanwhile = async () => {
      batches += 1;
      if (batches === 1)
        await syncArchive(core.ports, { conversation: "fake:room:1", syncedRevision: 0 }, core.signal);
    };
    for (const each of unfiled)
      if (each.conversation === "fake:room:2") await syncArchive(core.ports, each, core.signal);
    expect(batches).toBeGreaterThan(0);
    await core.rest();
    expect(await everything(core)).not.toContain(secret);
  });
});
