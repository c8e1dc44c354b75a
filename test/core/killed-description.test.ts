import { expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { openSqliteHotStore } from "../support/core/hot-store.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { InMemoryArchive } from "../support/core/in-memory-archive.ts";
import { said } from "../support/core/inbounds.ts";
import { openKillableCore } from "../support/core/killable-core.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { pngFile } from "../support/files/image-files.ts";

const conversation: ConversationKey = "fake:room:1";
const { signal } = new AbortController();

test("an image is described once, wherever the process is killed between its answer and its description", async () => {
  for (let [more, isWhole] = [0, false]; !isWhole; more += 1) {
    await using hot = await openSqliteHotStore();
    const platform = new FakePlatform();
    Object.assign(platform, { readFile: async () => new Uint8Array(pngFile(9, 9)) });
    const model = new ScriptedModel(async function* ({ purpose }) {
      yield purpose === "description" ? "A heron" : "An answer";
    });
    const archive = new InMemoryArchive();
    const ports = { stores: hot.stores, archive, platform, model, clock: new HandClock() };
    const { message, ...rest } = said("q", "Look");
    const attachments = [{ name: "a.png", ref: { platform: "fake", id: "a" } }];
    // Its locks end with it.
    const locks = { tryLock: async () => ({ [Symbol.asyncDispose]: async () => undefined }) };
    const dying = openKillableCore({ ...ports, stores: { ...hot.stores, locks } });
    await dying.accept({ ...rest, message: { ...message, attachments } });
    await dying.settle();
    dying.dieAfter(more);
    isWhole = (await dying.describeAll()) && (await dying.settle());
    const next = openKillableCore(ports);
    await next.sweep([conversation]);
    await next.accept(said("r", "And?"));
    await next.settle();
    await next.describeAll();
    await next.settle();
    const remembered = (await hot.stores.memories.read(conversation, signal)).memory?.messages[0]?.text;
    const outcome = { killedAfter: dying.calls.at(-1), remembered };
    expect(outcome).toEqual({
      ...outcome,
      remembered: "Look\n[image a.png, described by the model]\nA heron\n[end of the description]",
    });
    expect(platform.shown).toEqual(["An answer", "An answer"]);
  }
});
