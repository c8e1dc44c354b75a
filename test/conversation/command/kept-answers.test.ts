import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { joinBytes } from "../../../src/conversation/command/split-bytes.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Said } from "../../../src/domain/inbound.ts";
import { valueOfChoice } from "../../../src/domain/offer.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openDiskFileStore } from "../../../src/storage/files/disk-file-store.ts";
import { command, deleted, edited, pressed, said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const here: ConversationKey = "fake:room:1";
const there: ConversationKey = "fake:other:7";
const answer = "The code is swordfish.";
const limits = { maxFileBytes: 2 ** 22, maxTotalBytes: 2 ** 24 };
const notKept = "I don't have that answer any more. Please ask me again.";
/** A conversation that the bot knows, where the person who asks has said nothing, and a thread that it does not know. */
const places = [
  ["where the bot takes part", here],
  ["in a thread that it does not know", there],
] as const;

/** A private answer that is kept on the disk: Cat has asked about a message of Bob, where Ada talks with the bot. */
async function openKept(conversation: ConversationKey, whileAnswering?: (bench: RealBench) => Promise<void>) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const ports = { clock: systemClock, log: new RecordingLog() };
  const files = opened.use(await openDiskFileStore(folder.path, limits, ports));
  const model = new ScriptedModel(async function* ({ messages }) {
    if (messages.at(-1)?.text.includes("which code?") === true) await whileAnswering?.(bench);
    yield answer;
  });
  const bench: RealBench = opened.use(await openRealBench({ files, model }));
  await bench.say("a", "hello bot");
  const about = said("m", "the code is swordfish", { by: "bob", conversation, addressing: "open" });
  const isOutside = conversation === there ? ({ isOutside: true } as const) : {};
  if (conversation === here) await bench.take(about);
  const question = command("ask", "which code?", { conversation, by: "cat", saidAtMs: bench.clock.nowMs() });
  await bench.take({ ...question, about, ...isOutside });
  bench.clock.pass(10);
  /** The contents of the store that can be put together. */
  const readable = (): string => {
    const all = readdirSync(folder.path, { recursive: true, withFileTypes: true });
    const parts = all
      .filter((each) => each.isFile() && !each.name.startsWith("index"))
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name)));
    return Buffer.concat([...parts, joinBytes(parts) ?? Buffer.of()]).toString();
  };
  const press = async (): Promise<void> => {
    const offer = bench.platform.offers.find(({ choices }) => choices[0]?.label === "Show everyone");
    const [choice] = offer?.choices ?? [];
    if (offer === undefined || choice === undefined) throw new Error("Nothing was offered");
    const event = pressed("give-command", valueOfChoice(choice, offer.atMs), bench.clock.nowMs());
    await bench.take({ ...event, conversation, by: { id: "cat", name: "Cat" } });
  };
  return Object.assign(bench, {
    about,
    readable,
    press,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  });
}

function removalOf({ message, conversation, dedupeId }: Said) {
  return { ...deleted(message.id, { conversation }), dedupeId: `${dedupeId}:delete` };
}

for (const [where, conversation] of places) {
  test.each(["cat", "bob"])(`%s is forgotten with a private answer ${where}`, async (by) => {
    await using bench = await openKept(conversation);
    expect(bench.readable()).toContain(answer);
    await bench.order("forget", "me yes", { by, conversation: "fake:dm:9", place: "dm" });
    await bench.rest();
    expect(bench.readable()).not.toContain("swordfish");
    await bench.press();
    expect(bench.platform.told.at(-1)).toBe(notKept);
  });

  test(`a private answer ${where} goes with the message that it is about, and with an edit of it`, async () => {
    for (const changed of ["deleted", "edited"]) {
      await using bench = await openKept(conversation);
      const edit = edited("m", "the code is secret", { conversation });
      await bench.take(changed === "deleted" ? removalOf(bench.about) : edit);
      expect(bench.readable()).not.toContain("swordfish");
    }
  });

  test(`a private answer ${where} stays when another person is forgotten elsewhere`, async () => {
    await using bench = await openKept(conversation);
    await bench.order("forget", "me yes", { by: "dan", conversation: "fake:dm:9", place: "dm" });
    await bench.rest();
    await bench.press();
    expect(bench.platform.shown.at(-1)).toContain(answer);
  });

  test(`a private answer ${where} goes with the conversation`, async () => {
    await using bench = await openKept(conversation);
    const by = conversation === here ? "ada" : "cat";
    await bench.order("forget", "this yes", { by, conversation });
    expect(bench.readable()).not.toContain("swordfish");
    await bench.press();
    expect(bench.platform.told.at(-1)).toBe(notKept);
  });
}

test("nothing is kept of a person who is forgotten while their question is answered", async () => {
  await using bench = await openKept(there, async ({ stores, clock, signal }) => {
    const request = { id: "f", platform: "fake", author: "bob", beforeMs: clock.nowMs() + 1_000 };
    await stores.erasureRequests.begin(request, signal);
  });
  expect(bench.platform.told.at(-1)).toContain("That message was deleted");
  expect(bench.readable()).not.toContain("swordfish");
});
