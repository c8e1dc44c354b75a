import { describe, expect, test } from "vitest";

import { deleted, said } from "../../support/core/inbounds.ts";
import { everyLineOf, isSummaryRequest } from "../../support/core/looker.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";

const bob = { by: "bob" } as const;

/** When it is deleted: before the archive has it, while memory still holds it, and long after memory let go of it. */
const moments: Readonly<Record<string, (core: RealBench, message: string) => Promise<void>>> = {
  "at once": async () => undefined,
  "when it is archived": (core) => core.file(),
  "long after": async (core, message) => {
    await core.file();
    await core.chat(60, { ...bob, conversation: "fake:room:1" });
    expect(await core.holds(message)).toBe(false);
  },
};

/** Says the secret where somebody asks for it. */
function teller(): ScriptedModel {
  return new ScriptedModel(async function* (prompt) {
    const { messages } = prompt;
    if (isSummaryRequest(prompt)) yield everyLineOf(messages.map(({ text }) => text).join("\n"));
    else yield messages.at(-1)?.text.includes("SAY") === true ? "She said swordfish-4711." : "Noted.";
  });
}

const open = () => openRealBench({ model: teller(), contextTokens: 400 });

/** What Ada and Bob say together is answered once. */
async function askTogether(core: RealBench, ada: string, his: string): Promise<void> {
  await core.say("hello", "hello", bob);
  await core.accept(said("ada1", ada, { by: "ada" }));
  await core.accept(said("bob1", his, { by: "bob" }));
  await core.settle();
}

describe.each(Object.entries(moments))("a message that is deleted %s", (_when, pass) => {
  test("removes its answer with all posts", async () => {
    await using core = await open();
    await core.say("q", "what is it?");
    const before = core.platform.shown.length;
    expect(before).toBe(1);
    const [answer] = core.platform.posts;
    await pass(core, "q");
    await core.accept(deleted("q"));
    await core.rest();
    expect(answer?.isDeleted).toBe(true);
    expect(await core.known()).not.toContain("what is it?");
  });

  test("keeps a shared answer that does not repeat it", async () => {
    await using core = await open();
    await askTogether(core, "what is it?", "and where?");
    const answer = core.platform.posts[1];
    expect(answer?.post.covers).toEqual(["ada1", "bob1"]);
    await pass(core, "ada1");
    await core.accept(deleted("ada1"));
    await core.rest();
    expect(answer?.isDeleted).toBe(false);
    expect(await core.known()).not.toContain("what is it?");
    await core.accept(deleted("bob1"));
    await core.rest();
    expect(answer?.isDeleted).toBe(true);
  });

  test("removes a shared answer that repeats it", async () => {
    await using core = await open();
    await askTogether(core, "my secret is swordfish-4711", "SAY it");
    const answer = core.platform.posts[1];
    expect(answer?.post.text).toContain("swordfish");
    await pass(core, "ada1");
    await core.accept(deleted("ada1"));
    await core.rest();
    expect(answer?.isDeleted).toBe(true);
    expect(await core.known()).not.toContain("swordfish");
    expect(await core.known()).toContain("SAY it");
  });
});
