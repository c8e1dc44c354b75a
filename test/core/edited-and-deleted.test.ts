import { describe, expect, test } from "vitest";

import { ModelError } from "../../src/ports/model.ts";
import { deleted, edited, said } from "../support/core/inbounds.ts";
import { looker } from "../support/core/looker.ts";
import { openRealBench } from "../support/core/real-bench.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";

const secret = "swordfish-4711";

/** Something was said that memory holds no more. */
async function openLongAfter() {
  const core = await openRealBench({ model: looker(() => ""), contextTokens: 400 });
  await core.say("source", "something");
  await core.chat(60, { by: "bob" });
  expect(await core.holds("source")).toBe(false);
  return core;
}

describe("a secret that an edit put into an old message", () => {
  test("is not left in memory for the archive when the message is deleted", async () => {
    await using core = await openLongAfter();
    await core.accept(edited("source", `oh no: ${secret}`));
    await core.accept(deleted("source"));
    await core.settle();
    expect(JSON.stringify(await core.remembered())).not.toContain(secret);
    await core.rest();
    expect(await core.known()).not.toContain(secret);
    expect(core.kept()).not.toContain(secret);
  });

  test("is not in a summary that is made before the archive has either change", async () => {
    await using core = await openLongAfter();
    await core.accept(edited("source", `oh no: ${secret}`));
    await core.take(deleted("source"));
    await core.summarizeAll();
    await core.settle();
    expect(JSON.stringify(await core.remembered())).not.toContain(secret);
    await core.rest();
    expect(await core.known()).not.toContain(secret);
  });

  test("is not remembered if the edit arrives after the deletion", async () => {
    await using core = await openRealBench();
    await core.say("other", "hello", { by: "bob" });
    await core.say("source", "something");
    await core.rest();
    await core.accept(deleted("source"));
    await core.rest();
    await core.accept(edited("source", `oh no: ${secret}`));
    await core.rest();
    expect(await core.known()).not.toContain(secret);
  });
});

describe("a deleted message", () => {
  test("leaves the archive even if memory can't be read at first", async () => {
    let isUnreadable = false;
    await using core = await openRealBench({
      stores: (real) => ({
        ...real,
        memories: {
          ...real.memories,
          read: async (...given) => {
            if (!isUnreadable) return real.memories.read(...given);
            isUnreadable = false;
            return { isUnreadable: true };
          },
        },
      }),
    });
    await core.say("source", `my secret is ${secret}`);
    await core.say("other", "hello", { by: "bob" });
    for (let index = 0; index < 6; index += 1) await core.order("help");
    await core.file();
    expect(JSON.stringify(await core.archived())).toContain(secret);
    isUnreadable = true;
    await core.take(deleted("source"));
    expect(isUnreadable).toBe(false);
    await core.rest();
    expect(await core.known()).not.toContain(secret);
  });

  test("is no longer found, even if an answer in that conversation still waits for the model", async () => {
    const model = new ScriptedModel();
    await using core = await openRealBench({ model });
    await core.say("source", `my secret is ${secret}`);
    await core.file();
    const recallElsewhere = async (): Promise<string> => {
      await core.order("recall", "secret", { by: "bob", conversation: "fake:room:2" });
      return core.platform.told.at(-1) ?? "";
    };
    expect(await recallElsewhere()).toContain(secret);
    model.calls = () => {
      throw new ModelError("unreachable", "away");
    };
    await core.say("question", "and now?");
    await core.take(deleted("source"));
    await core.file();
    expect(await recallElsewhere()).not.toContain(secret);
  });
});

describe("the files of an edited message", () => {
  const fileOf = (id: string) => ({ name: `${id}.pdf`, ref: { platform: "fake", id } });
  const withFiles = (id: string, ...files: readonly string[]) => {
    const inbound = said(id, "the plans", { addressing: "others" });
    return { ...inbound, message: { ...inbound.message, attachments: files.map(fileOf) } };
  };
  const only = { ...edited("source", "the plan"), attachments: [fileOf("new")] };

  test.each(["waiting", "remembered", "archived"])(
    "are those of the edit, in a %s message",
    async (where) => {
      await using core = await openRealBench({ model: looker(() => ""), contextTokens: 400 });
      await core.say("root", "hello");
      await core.accept(withFiles("source", "outdated", "outdated too"));
      if (where !== "waiting") await core.settle();
      if (where === "archived") await core.chat(60, { by: "bob" });
      expect(await core.holds("source")).toBe(where === "remembered");
      await core.take(only);
      await core.rest();
      const found = (await core.archived()).find(({ id }) => id === "source");
      expect(found?.text).toBe("the plan");
      expect(found?.attachments).toMatchObject([fileOf("new")]);
      expect(await core.known()).not.toContain("outdated");
    },
  );

  test("are removed from the store once an app's edit has removed them", async () => {
    await using core = await openRealBench();
    await core.say("root", "hello");
    await core.take(withFiles("source", "old"));
    const { files } = core.ports;
    const { hash } = await files.put(Buffer.from("bytes"), core.signal);
    const untilMs = core.clock.nowMs() + 3_600_000;
    const link = { conversation: "fake:room:1", message: "source", name: "fake//old", untilMs } as const;
    await files.link(link, hash, core.signal);
    // Edits of apps wait for the next turn.
    await core.take({ ...edited("source", "still there"), isByApp: true, attachments: [fileOf("old")] });
    await core.say("next", "and now?");
    expect(files.links.size).toBe(1);
    await core.take({ ...only, isByApp: true });
    await core.say("last", "thank you");
    expect(files.links.size).toBe(0);
  });

  test("stay if the platform does not list them", async () => {
    await using core = await openRealBench();
    await core.say("root", "hello");
    await core.take(withFiles("source", "old"));
    await core.take(edited("source", "the plan"));
    const { messages = [] } = (await core.remembered()) ?? {};
    expect(messages.find(({ id }) => id === "source")).toMatchObject({
      text: "the plan",
      attachments: [fileOf("old")],
    });
  });
});
