import { describe, expect, test } from "vitest";

import type { Inbound, Said } from "../../../src/domain/inbound.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { edited, removed, reworded, said } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };

/** A post of an app, told as if it called the bot. */
function posted(id: string, text: string, addressing: Said["addressing"] = "mention"): Said {
  const post = said(id, text, { addressing, by: "ci" });
  return { ...post, message: { ...post.message, author: { ...post.message.author, isApp: true } } };
}

async function settled(core: Awaited<ReturnType<typeof openCoreBench>>): Promise<void> {
  await core.whenIdle();
}

describe("a post of an app", () => {
  test("is in the next prompt, and never calls the bot by itself", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    await core.accept(said("a", "Please watch the release"));
    await settled(core);
    for (const addressing of ["mention", "direct", "reply", "open"] as const)
      expect(await core.accept(posted(`ci-${addressing}`, `Build by ${addressing}`, addressing))).toBe(
        "stored",
      );
    await settled(core);
    expect(core.model.prompts).toHaveLength(1);
    await core.accept(said("b", "Which builds were there?"));
    await settled(core);
    expect(core.model.prompts).toHaveLength(2);
    expect(core.model.prompts[1]?.messages.map(({ text }) => text)).toEqual([
      "Ada: Please watch the release",
      "Answer to Ada: Please watch the release",
      "Ci (app): Build by mention",
      "Ci (app): Build by direct",
      "Ci (app): Build by reply",
      "Ci (app): Build by open",
      "Ada: Which builds were there?",
    ]);
  });

  test("starts no conversation, and gives no commands", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    expect(await core.accept(posted("ci-0", "hello"))).toBe("ignored");
    await core.accept(said("a", "The code word is quince"));
    await settled(core);
    await core.accept(posted("ci-1", "reset"));
    await core.accept(posted("ci-2", "forget this yes"));
    await core.accept(said("b", "Which word?"));
    await settled(core);
    expect(core.platform.told).toEqual([]);
    expect(core.model.prompts[1]?.messages[0]?.text).toBe("Ada: The code word is quince");
  });

  test("does not count as a second person: open messages are still for the bot", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    await core.accept(said("a", "Hello"));
    await settled(core);
    await core.accept(posted("ci-1", "Build 812 failed", "open"));
    await settled(core);
    await core.accept(said("b", "why did it fail?", { addressing: "open" }));
    await expect.poll(() => core.model.prompts.length, patiently).toBe(2);
    await settled(core);
    await core.accept(said("c", "no idea", { addressing: "open", by: "bo" }));
    await settled(core);
    expect(core.model.prompts).toHaveLength(2);
  });

  test("changes with the app's edits, without another answer, even during an answer", async () => {
    using folder = temporaryFolder();
    const letGo = Promise.withResolvers<void>();
    const model = new ScriptedModel(async function* () {
      yield "Build 812 is running";
      await letGo.promise;
    });
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "Hello"));
    letGo.resolve();
    await settled(core);
    const held = Promise.withResolvers<void>();
    model.script = async function* () {
      yield "Build 812 is running";
      await held.promise;
    };
    await core.accept(posted("ci-1", "Build 812 is running since nine o'clock"));
    await core.accept(said("b", "what is up?"));
    await expect.poll(() => model.prompts.length, patiently).toBe(2);
    const change: Inbound = { ...reworded("ci-1", "Build 812 has failed in step migrate"), isByApp: true };
    await core.accept(change);
    await core.accept(reworded("ci-1", "Build 812 has failed in step migrate of checkout"));
    held.resolve();
    await settled(core);
    expect(model.prompts).toHaveLength(2);
    await core.accept(removed("ci-0"));
    await core.accept(said("c", "and now?"));
    await settled(core);
    expect(model.prompts).toHaveLength(3);
    expect(model.prompts[2]?.messages.map(({ text }) => text)).toContain(
      "Ci (app): Build 812 has failed in step migrate of checkout",
    );
    expect(core.platform.posts.map(({ edits }) => edits > 9)).toEqual([false, false, false]);
  });

  test("calls the bot where the operator allows it, and still gives no commands", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    await core.accept({ ...posted("wf-1", "summarise the week"), mayCall: true });
    await expect.poll(() => core.model.prompts.length, patiently).toBe(1);
    await settled(core);
    await core.accept({ ...posted("wf-2", "reset"), mayCall: true });
    await settled(core);
    expect(core.model.prompts[1]?.messages.map(({ text }) => text)).toEqual([
      "Ci (app): summarise the week",
      "Answer to Ci (app): summarise the week",
      "Ci (app): reset",
    ]);
  });

  test("fills memory without requesting a summary", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path, contextTokens: 1_000 });
    await core.accept(said("a", "Hello"));
    await settled(core);
    for (let post = 0; post < 40; post += 1)
      await core.accept(posted(`ci-${post}`, `log line ${post} `.repeat(20)));
    await core.accept({ ...edited("ci-1", "log line 1, corrected"), isByApp: true });
    await settled(core);
    await new Promise((done) => setTimeout(done, 300));
    expect(core.model.prompts).toHaveLength(1);
  });
});
