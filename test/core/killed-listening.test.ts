import { once } from "node:events";

import { expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { openSqliteHotStore } from "../support/core/hot-store.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { InMemoryArchive } from "../support/core/in-memory-archive.ts";
import { InMemoryFiles } from "../support/core/in-memory-files.ts";
import { said, stopped } from "../support/core/inbounds.ts";
import { openKillableCore } from "../support/core/killable-core.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { ScriptedTranscriber } from "../support/core/scripted-transcriber.ts";
import { oggFile } from "../support/files/audio-files.ts";

const conversation: ConversationKey = "fake:room:1";
const { signal } = new AbortController();
const words = "What colour is the sky?";

function voiceMessage() {
  const { message, ...rest } = said("v", "");
  const attachments = [{ name: "voice-message.ogg", ref: { platform: "fake", id: "V" } }];
  return { ...rest, message: { ...message, attachments } };
}

async function* blue(): AsyncGenerator<string> {
  yield "Blue.";
}

/** Processes over the same stores and files. */
async function openWorld(answer: ScriptedModel["script"]) {
  const opened = new AsyncDisposableStack();
  const hot = opened.use(await openSqliteHotStore());
  opened.defer(async () => void (await hot.lose()));
  const clock = new HandClock();
  const platform = Object.assign(new FakePlatform(), {
    readFile: async () => new Uint8Array(oggFile(`say:${words}.`)),
  });
  const model = new ScriptedModel();
  model.script = answer;
  const transcriber = new ScriptedTranscriber();
  const files = new InMemoryFiles(clock);
  const { stores } = hot;
  const ports = { stores, archive: new InMemoryArchive(), platform, model, transcriber, files, clock };
  return {
    platform,
    transcriber,
    files,
    start: () => openKillableCore(ports),
    remembered: async () =>
      (await stores.memories.read(conversation, signal)).memory?.messages.map(({ text }) => text),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

test("a voice message is answered once, and no sound stays, wherever the process is killed", async () => {
  for (let [diesAfter, isWhole] = [0, false]; !isWhole; diesAfter += 1) {
    await using world = await openWorld(blue);
    const dying = world.start();
    await dying.accept(voiceMessage());
    dying.dieAfter(diesAfter);
    isWhole = await dying.settle();
    const wasHeard = [...world.files.links.values()].some(({ name }) => name.endsWith("/transcript"));
    const heardByFirst = world.transcriber.recordings.length;
    const next = world.start();
    await next.sweep([conversation]);
    await next.settle();
    const outcome = {
      killedBefore: dying.calls.at(-1),
      shown: world.platform.shown,
      remembered: await world.remembered(),
      stored: [...world.files.contents.values()].map(({ bytes }) => bytes.toString("latin1")),
      heard: world.transcriber.recordings.length,
    };
    expect(outcome).toEqual({
      ...outcome,
      shown: [`> 🎤 ${words}\n\nBlue.`],
      remembered: [
        `[spoken in the file voice-message.ogg]\n${words}\n[end of the file]`,
        `> 🎤 ${words}\n\nBlue.`,
      ],
      stored: [words],
      // What was heard and stored is not heard again.
      heard: wasHeard ? heardByFirst : Math.min(heardByFirst + 1, outcome.heard),
    });
  }
});

test("an answer that is stopped says what was heard", async () => {
  await using world = await openWorld(async function* (_, given) {
    yield "Blue";
    await once(given, "abort");
    given.throwIfAborted();
  });
  const running = world.start();
  await running.accept(voiceMessage());
  const settling = running.settle();
  await expect
    .poll(() => world.platform.shown, { timeout: 60_000, interval: 5 })
    .toEqual([`> 🎤 ${words}\n\nBlue`]);
  await running.accept(stopped({ turn: world.platform.posts[0]?.post.turn ?? "none" }));
  expect(await settling).toBe(true);
  expect(world.platform.shown).toEqual([`> 🎤 ${words}\n\nBlue\n\n*(Stopped here.)*`]);
});
