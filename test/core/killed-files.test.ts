import { describe, expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { FakePlatform, type FakeLimits } from "../support/core/fake-platform.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { openSqliteHotStore } from "../support/core/hot-store.ts";
import { InMemoryArchive } from "../support/core/in-memory-archive.ts";
import { deleted, pressed, said } from "../support/core/inbounds.ts";
import { openKillableCore } from "../support/core/killable-core.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";

const conversation: ConversationKey = "fake:room:1";
const { signal } = new AbortController();
const code = "a = 1\n".repeat(100);
const answer = `Look:\n\n\`\`\`py\n${code}\`\`\`\n\nThat is all.`;
const shown = ["Look:\n\n(see main.py)\n\nThat is all."];
const limits: FakeLimits = { postChars: 200, maxPosts: 3, codeChars: 300 };

async function openWorld(given: FakeLimits, ...answers: readonly string[]) {
  const opened = new AsyncDisposableStack();
  const hot = opened.use(await openSqliteHotStore());
  opened.defer(async () => void (await hot.lose()));
  const platform = new FakePlatform({ ...limits, ...given });
  let asked = 0;
  const model = new ScriptedModel(async function* () {
    yield answers[Math.min(asked, answers.length - 1)] ?? answer;
    asked += 1;
  });
  const ports = {
    stores: hot.stores,
    archive: new InMemoryArchive(),
    platform,
    model,
    clock: new HandClock(),
  };
  const read = async () => (await hot.stores.memories.read(conversation, signal)).memory?.messages ?? [];
  return {
    platform,
    read,
    start: (diesBefore?: number) => openKillableCore(ports, diesBefore),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type World = Awaited<ReturnType<typeof openWorld>>;

/** Runs an inbound in a process that dies before a call, and then in one that goes on. Returns where it died. */
async function killedAt(
  world: World,
  inbound: Parameters<ReturnType<World["start"]>["accept"]>[0],
  call: number,
) {
  const dying = world.start(call);
  const isWhole = (await dying.accept(inbound)) && (await dying.settle());
  const next = world.start();
  await next.accept(inbound);
  await next.sweep([conversation]);
  await next.settle();
  return { isWhole, at: dying.calls.at(-1) };
}

describe.each<readonly [string, FakeLimits]>([
  ["beside its posts", { sharesFiles: true }],
  ["in its posts", {}],
])("the file of an answer %s", (_, given) => {
  test("is there once, wherever the process is killed, and goes with the answer", async () => {
    for (let [call, isWhole] = [0, false]; !isWhole; call += 1) {
      await using world = await openWorld(given);
      const outcome = await killedAt(world, said("a", "code, please"), call);
      isWhole = outcome.isWhole;
      const { platform } = world;
      expect({ ...outcome, shown: platform.shown }).toEqual({ ...outcome, shown });
      expect({ ...outcome, files: platform.shownFiles }).toMatchObject({
        ...outcome,
        files: [{ name: "main.py", content: code }],
      });
      expect((await world.read()).map(({ text }) => text)).toEqual(["code, please", answer]);
      const after = world.start();
      await after.accept(deleted("a"));
      await after.settle();
      const left = [...platform.shown, ...platform.shownFiles];
      expect({ ...outcome, left }).toEqual({ ...outcome, left: [] });
    }
  });

  test("is replaced once by that of a new answer, wherever the process is killed", async () => {
    for (let [call, isWhole] = [0, false]; !isWhole; call += 1) {
      await using world = await openWorld(given, answer, answer.replaceAll("a = 1", "b = 2"));
      const first = world.start();
      await first.accept(said("a", "code, please"));
      await first.settle();
      const { turnId = "" } = (await world.read()).at(-1) ?? {};
      const press = { ...pressed("regenerate", "", Date.now()), on: turnId };
      const outcome = await killedAt(world, press, call);
      isWhole = outcome.isWhole;
      const { platform } = world;
      expect({ ...outcome, shown: platform.shown, files: platform.shownFiles }).toMatchObject({
        ...outcome,
        shown,
        files: [{ name: "main.py", content: code.replaceAll("a = 1", "b = 2") }],
      });
    }
  });
});
