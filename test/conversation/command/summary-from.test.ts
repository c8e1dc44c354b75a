import { describe, expect, test } from "vitest";

import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { CommandInbound, Said } from "../../../src/domain/inbound.ts";
import { valueOfChoice } from "../../../src/domain/offer.ts";
import type { Message } from "../../../src/domain/message.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, deleted, pressed, said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";

const here: ConversationKey = "fake:room:1";
const there: ConversationKey = "fake:other:7";
const gone = "That message was deleted, so I can't summarise from it.";

const bob = (id: string, text: string, conversation = here): Said =>
  said(id, text, { by: "bob", conversation, addressing: "open" });

/** Ada chooses a message, by its menu. */
const from = (bench: RealBench, about: Said, outside = false): CommandInbound => ({
  ...command("summary-from", "", {
    conversation: about.conversation,
    by: "ada",
    saidAtMs: bench.clock.nowMs(),
  }),
  about,
  ...(outside ? { isOutside: true as const } : {}),
});

const model = () =>
  new ScriptedModel(async function* ({ instructions }) {
    yield instructions.includes("Summarise the conversation") ? "They agreed on swordfish [3]." : "Hello.";
  });
const lastPrompt = ({ model: { prompts } }: RealBench): string =>
  JSON.stringify(prompts.at(-1)?.messages.map(({ text }) => text));

/** A conversation with three messages of Bob. */
async function openThree(scripted = model()): Promise<RealBench> {
  const bench = await openRealBench({ model: scripted });
  await bench.say("a", "hello bot");
  for (const [id, text] of [
    ["k", "lunch first"],
    ["m", "the code is swordfish"],
    ["n", "agreed"],
  ] as const)
    await bench.take(bob(id, text));
  return bench;
}

async function pressShow(bench: RealBench): Promise<void> {
  const offer = bench.platform.offers.at(-1);
  const [choice] = offer?.choices ?? [];
  if (offer === undefined || choice === undefined) throw new Error("Nothing was offered");
  const press = pressed("give-command", valueOfChoice(choice, offer.atMs), bench.clock.nowMs());
  await bench.take({ ...press, conversation: here, by: { id: "ada", name: "Ada" } });
}

describe("a summary from a message on, where the bot remembers it,", () => {
  test("is of that message and what follows, for its person alone, and can be shown", async () => {
    await using bench = await openThree();
    await bench.take(from(bench, bob("m", "the code is swordfish")));
    await bench.rest();
    expect(bench.platform.told).toEqual([
      expect.stringMatching(/^They agreed on swordfish.* Only you can see this\.$/u),
    ]);
    expect(lastPrompt(bench)).toMatch(/Bob: the code is swordfish.*Bob: agreed/u);
    expect(lastPrompt(bench)).not.toMatch(/hello bot|lunch/u);
    expect(await bench.known()).not.toContain("They agreed");

    await pressShow(bench);
    expect(bench.platform.shown.at(-1)).toMatch(/^\*\*Ada\*\* asked about .*They agreed on swordfish/su);
    await bench.take(deleted("m"));
    await bench.rest();
    expect(bench.platform.shown.join()).not.toContain("They agreed");
  });

  test.each(["m", "n"])("is shown to nobody once the message %s was deleted", async (id) => {
    await using bench = await openThree();
    await bench.take(from(bench, bob("m", "the code is swordfish")));
    await bench.accept(deleted(id));
    await pressShow(bench);
    expect(bench.platform.told.at(-1)).toBe("I don't have that answer any more. Please ask me again.");
  });

  test("is not given where something of it was deleted while it was made", async () => {
    const slow = new ScriptedModel(async function* ({ instructions }) {
      if (instructions.includes("Summarise the conversation")) await bench.take(deleted("n"));
      yield "They agreed on swordfish [3].";
    });
    await using bench: RealBench = await openThree(slow);
    await bench.take(from(bench, bob("m", "the code is swordfish")));
    await bench.rest();
    expect(bench.platform.told).toEqual([
      "Something that was said there was deleted while I read it. Please try again.",
    ]);
    expect(bench.platform.offers).toEqual([]);
  });

  test("says where the message itself is not remembered", async () => {
    await using bench = await openThree();
    const early = bob("z", "before");
    await bench.take(from(bench, { ...early, message: { ...early.message, saidAtMs: 1 } }));
    expect(bench.platform.told.at(-1)).toContain("I don't remember that message.");
    expect(lastPrompt(bench)).toContain("hello bot");
  });

  test("is not made after the message was deleted", async () => {
    await using bench = await openThree();
    const about = bob("m", "the code is swordfish");
    await bench.take({ ...deleted("m"), dedupeId: `${about.dedupeId}:delete` });
    const { length } = bench.model.prompts;
    await bench.take(from(bench, about));
    expect(bench.platform.told.at(-1)).toBe(gone);
    expect(bench.model.prompts).toHaveLength(length);
  });
});

/** A platform on which Bob, Cat and the bot wrote something. */
class Readable extends FakePlatform {
  isCut = false;
  error: PlatformError | undefined;
  readonly fetchFrom = async ({ message }: Said) => {
    if (this.error !== undefined) throw this.error;
    const by = (id: string, author: string, text: string): Message => ({
      ...message,
      id,
      author: { id: author, name: author },
      text,
    });
    const messages = [message, by("c", "cat", "my secret"), by("p", "self", "my answer")];
    return { messages, own: new Set(["p"]), isCut: this.isCut };
  };
}

describe("a summary from a message on, where the bot remembers nothing,", () => {
  const about = bob("m", "the code is swordfish", there);

  test("is of what the platform shows, and leaves nothing behind", async () => {
    const platform = new Readable();
    platform.isCut = true;
    await using bench = await openRealBench({ model: model(), platform });
    await bench.take(from(bench, about, true));
    await bench.rest();
    expect(platform.told).toEqual([
      "They agreed on swordfish [3].\n-# Only the first 3 messages from there on.".replace(" [3]", ""),
    ]);
    expect(platform.offers).toEqual([]);
    const [prompt] = bench.model.prompts;
    expect(prompt?.messages.map(({ role, text }) => [role, text])).toEqual([
      ["person", expect.stringContaining("Bob: the code is swordfish")],
      ["person", expect.stringContaining("cat: my secret")],
      ["bot", expect.stringMatching(/\] my answer$/u)],
      ["person", "Summarise this conversation now."],
    ]);
    expect(await bench.stores.directory.entry(there, bench.signal)).toBe(undefined);
  });

  test("leaves out what people want forgotten", async () => {
    await using bench = await openRealBench({ model: model(), platform: new Readable() });
    const request = { id: "f", platform: "fake", author: "cat", beforeMs: bench.clock.nowMs() };
    await bench.stores.erasureRequests.begin(request, bench.signal);
    bench.clock.pass(10);
    await bench.take(from(bench, { ...about, message: { ...about.message, saidAtMs: 1 } }, true));
    expect(lastPrompt(bench)).toContain("swordfish");
    expect(lastPrompt(bench)).not.toContain("secret");
  });

  test.each([
    ["forbidden", "I can't read the messages here."],
    ["unreachable", "I can't read the messages here right now. Please try again in a minute."],
  ] as const)("says that it can't read them: %s", async (kind, line) => {
    const platform = new Readable();
    platform.error = new PlatformError(kind, "no");
    await using bench = await openRealBench({ model: model(), platform });
    await bench.take(from(bench, about, true));
    expect(platform.told).toEqual([line]);
    expect(bench.model.prompts).toEqual([]);
  });
});
