import { describe, expect, test } from "vitest";

import type { ConversationKey } from "../../../src/domain/conversation.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { said } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };
const key: ConversationKey = "fake:room:1";

/** A core whose model waits in the middle of its answer until the test lets it go on. */
async function openWriting(platform: FakePlatform) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const { promise, resolve } = Promise.withResolvers<void>();
  const model = new ScriptedModel(async function* () {
    yield "The first half";
    await promise;
    yield " and the second.";
  });
  const core = opened.use(await openCoreBench({ dataDir: folder.path, platform, model }));
  await core.accept(said("a", "hello"));
  await expect.poll(() => platform.shown, patiently).toEqual(["The first half"]);
  return { ...core, goOn: resolve, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe("an answer whose post is deleted while it is being written", () => {
  test.each([{}, { placeholder: "_Thinking…_" }])(
    "is posted again, and remembered there (%j)",
    async (limits) => {
      const platform = new FakePlatform(limits);
      await using core = await openWriting(platform);
      await platform.deletePost({ platform: "fake", target: {} }, "room/post-1");
      core.goOn();
      await core.whenIdle();
      expect(platform.shown).toEqual(["The first half and the second."]);
      const { memory } = await core.memories.read(key);
      expect(memory?.messages.at(-1)).toMatchObject({ id: "post-2", posts: ["room/post-2"] });
    },
  );

  test("is not posted again when a person deletes it repeatedly", async () => {
    const platform = new FakePlatform({ placeholder: "_Thinking…_" });
    await using core = await openWriting(platform);
    platform.before = (what) => {
      if (what === "edit") throw new PlatformError("gone", "message_not_found");
      for (const post of platform.posts) post.isDeleted = true;
    };
    core.goOn();
    await core.whenIdle();
    expect(platform.posts.length).toBeLessThan(10);
  });
});
