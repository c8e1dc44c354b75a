import { describe, expect, test } from "vitest";

import type { Message } from "../../src/domain/message.ts";
import { PlatformError } from "../../src/ports/platform-error.ts";
import type { Readable, Readers } from "../../src/ports/platform-access.ts";
import { openCoreBench } from "../support/core/core-bench.ts";
import { FakeMemory } from "../support/core/fake-memory.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { command, deleted, edited, muteReaction, said } from "../support/core/inbounds.ts";
import { InMemoryArchive } from "../support/core/in-memory-archive.ts";
import { ScriptedModel, type SeenPrompt } from "../support/core/scripted-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };
const isSummaryRequest = ({ purpose }: SeenPrompt): boolean => purpose === "summary";
const messageLines = ({ messages }: SeenPrompt): readonly string[] =>
  Array.from(messages.at(-1)?.text.matchAll(/^\[(\d+)\] .*$/gmu) ?? [], ([line]) => line);

/** Folds one line for each message that is no chat, and leaves out every third. */
async function* badSummariser(prompt: SeenPrompt): AsyncGenerator<string> {
  if (!isSummaryRequest(prompt)) {
    yield "Noted.";
    return;
  }
  const previous = messagesPart(prompt).filter((line) => line.startsWith("- "));
  const telling = messageLines(prompt).filter((line) => !/chat|Noted/u.test(line));
  const lines = telling.map((line) => line.replace(/^(\[\d+\]) (.*)$/u, "- $2 $1"));
  yield [...previous, ...lines].filter((_, index) => index % 3 !== 0).join("\n");
}

function messagesPart({ messages }: SeenPrompt): readonly string[] {
  return (messages.at(-1)?.text ?? "").split("\n");
}

const promptText = (prompt: SeenPrompt | undefined): string =>
  prompt?.messages.map(({ text }) => text).join("\n") ?? "";

async function openTalk(options: Partial<Parameters<typeof openCoreBench>[0]> = {}) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const core = opened.use(await openCoreBench({ dataDir: folder.path, ...options }));
  let count = 0;
  const say = async (text: string, more: Parameters<typeof said>[2] = {}): Promise<string> => {
    const id = `m${(count += 1)}`;
    await core.accept(said(id, text, more));
    await core.whenIdle();
    return id;
  };
  const order = async (name: string, argument = ""): Promise<string> => {
    const told = core.platform.told.length;
    const shown = core.platform.shown.length;
    await core.accept(command(name, argument));
    await expect
      .poll(() => core.platform.told.length - told + core.platform.shown.length - shown, patiently)
      .toBeGreaterThan(0);
    await core.whenIdle();
    return core.platform.told.slice(told).join("\n") || (core.platform.shown.at(-1) ?? "");
  };
  const memory = () => core.memories.records.get("fake:room:1");
  const filed = () => expect.poll(async () => core.outbox.pending(10), patiently).toEqual([]);
  return { ...core, say, order, memory, filed, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe("a long conversation", () => {
  const facts = Array.from({ length: 60 }, (_, index) => `OPS-${1_000 + index * 7}`);

  test("still knows early facts, although its model summarises badly", async () => {
    const model = new ScriptedModel(badSummariser);
    await using talk = await openTalk({ model, contextTokens: 4_000 });
    for (let index = 0; index < 300; index += 1) {
      const fact = index % 5 === 0 ? facts[index / 5] : undefined;
      await talk.say(
        fact === undefined
          ? `just chatting along, nothing new here ${"la ".repeat(index % 4)}`
          : `Ticket ${fact} was decided today`,
      );
    }
    await talk.say("What do you know?");
    const prompt = promptText(talk.model.prompts.findLast((each) => !isSummaryRequest(each)));
    expect(facts.filter((fact) => prompt.includes(fact)).length).toBeGreaterThanOrEqual(55);
    expect(prompt).toContain("[Summary of what was said before this.");
    await talk.filed();
    const found = await Promise.all(
      facts.map((words) => talk.archive.search({ words, platform: "fake", places: ["room"], limit: 5 })),
    );
    expect(found.filter(({ messages }) => messages.length > 0)).toHaveLength(60);
  });

  test("logs why a summary was rejected, without its text, and cites a message for each line", async () => {
    const model = new ScriptedModel(badSummariser);
    await using talk = await openTalk({ model, contextTokens: 600 });
    for (let index = 0; index < 40; index += 1)
      await talk.say(`Ticket OPS-${3_000 + index} goes to Bert Adams`);
    await expect.poll(() => talk.memory()?.summary?.lines.length ?? 0, patiently).toBeGreaterThan(0);
    const refusals = talk.log.lines.filter(({ message }) =>
      message.startsWith("summary failed verification"),
    );
    expect(refusals.length).toBeGreaterThan(0);
    expect(JSON.stringify(talk.log.lines)).not.toContain("Bert");
    for (const { cites } of talk.memory()?.summary?.lines ?? []) expect(cites.length).toBeGreaterThan(0);
    const tokens = talk.memory()?.summary?.lines.reduce((sum, line) => sum + line.tokens, 0);
    expect(tokens).toBeLessThanOrEqual(120);
  });

  test("removes deleted messages from its summary, and rewrites the rest from the archive", async () => {
    const model = new ScriptedModel(badSummariser);
    await using talk = await openTalk({ model, contextTokens: 1_200 });
    const secret = await talk.say("My secret is swordfish-99, keep it");
    await talk.say("Ticket OPS-3000 goes to Bert");
    for (let index = 0; index < 60; index += 1) await talk.say("chatting on and on, as people do");
    await expect
      .poll(() => JSON.stringify(talk.memory()?.summary ?? ""), patiently)
      .toContain("swordfish-99");
    await talk.filed();
    await talk.accept(deleted(secret));
    await talk.whenIdle();
    // It may be made anew twice: what rests on the message is looked for in the archive, and deleted after it.
    const summary = () => talk.memory()?.summary;
    const isMade = () => summary()?.isStale !== true && JSON.stringify(summary()).includes("OPS-3000");
    await expect.poll(isMade, patiently).toBe(true);
    await talk.filed();
    const everything = JSON.stringify([talk.memory(), talk.archive.rows, talk.platform.shown]);
    expect(everything).not.toContain("swordfish-99");
    await expect.poll(isMade, patiently).toBe(true);
    await talk.say("And now?");
    expect(promptText(talk.model.prompts.at(-1))).not.toContain("swordfish-99");
  });

  test("follows an edit of a message that has left working memory", async () => {
    const model = new ScriptedModel(badSummariser);
    await using talk = await openTalk({ model, contextTokens: 600 });
    const first = await talk.say("The budget is ACORN-1234");
    for (let index = 0; index < 40; index += 1) await talk.say(`Ticket OPS-${3_000 + index} goes to Bert`);
    await talk.filed();
    await talk.say("one more");
    await expect.poll(() => talk.memory()?.messages.some(({ id }) => id === first), patiently).toBe(false);
    await talk.accept(edited(first, "The budget is ACORN-9876"));
    await talk.whenIdle();
    await talk.filed();
    expect(talk.archive.rows.find(({ id }) => id === first)?.text).toBe("The budget is ACORN-9876");
    await expect.poll(() => talk.memory()?.summary?.isStale, patiently).toBeUndefined();
    expect(JSON.stringify(talk.memory())).not.toContain("ACORN-1234");
  });
});

describe("recall", () => {
  /** Calls recall with these words first, then answers as told. */
  function recaller(words: string, answer: string): ScriptedModel {
    const model = new ScriptedModel(async function* () {
      yield answer;
    });
    model.calls = ({ calls = [], messages }) =>
      calls.length === 0 && messages.at(-1)?.text.includes("LOOK") === true
        ? [{ id: "c1", name: "recall", argument: JSON.stringify({ words }) }]
        : [];
    return model;
  }

  test("finds what was said, and its sources are linked under the answer", async () => {
    const model = recaller("launch date", "It is on Friday [1].");
    await using talk = await openTalk({ model });
    await talk.say("The launch date is Friday", { conversation: "fake:room:2" });
    await talk.say("And lunch is at noon", { conversation: "fake:room:2" });
    await talk.filed();
    await talk.say("LOOK up the launch");
    expect(talk.platform.shown.at(-1)).toBe("It is on Friday.\n\n*Sources:* Ada, 1970-01-01");
    expect(talk.model.prompts.at(-1)?.calls?.[0]?.result).toContain(
      "[1] Ada, Thursday, 1 January 1970, 00:00 (UTC): The launch date is Friday",
    );
    expect(talk.memory()?.messages.at(-1)?.sources).toMatchObject([
      { conversation: "fake:room:2", message: "m1" },
    ]);
  });

  test("removes an answer when the message that it rests on is deleted in another conversation", async () => {
    const model = recaller("launch date", "It is on Friday [1].");
    await using talk = await openTalk({ model });
    const source = await talk.say("The launch date is Friday", { conversation: "fake:room:2" });
    await talk.filed();
    await talk.say("LOOK up the launch");
    await talk.filed();
    await talk.accept({ ...deleted(source), conversation: "fake:room:2" });
    await expect.poll(() => talk.platform.shown, patiently).toEqual([]);
    await talk.filed();
    expect(talk.archive.rows.map(({ text }) => text)).toEqual(["LOOK up the launch"]);
  });

  test("reports an outage of the archive to the model, and the answer is still given", async () => {
    const archive = new InMemoryArchive();
    const model = recaller("launch", "I could not look it up.");
    await using talk = await openTalk({ model, archive });
    archive.isDown = true;
    await talk.say("LOOK up the launch");
    expect(talk.platform.shown.at(-1)).toBe("I could not look it up.");
    expect(talk.model.prompts.at(-1)?.calls?.[0]?.result).toMatch(/can't be reached/u);
  });

  test("finds what the bot said, with a link to it", async () => {
    await using talk = await openTalk({
      model: new ScriptedModel(async function* () {
        yield "The venue is the Glass House.";
      }),
    });
    await talk.say("Where do we meet?");
    await talk.filed();
    expect(await talk.order("recall", "glass")).toContain("](https://fake.test/room/post-1)");
  });

  test("finds messages for a person's command, and says so when there are none", async () => {
    await using talk = await openTalk();
    await talk.say("The launch date is Friday");
    await talk.filed();
    expect(await talk.order("recall", "launch friday")).toContain(
      "**You**, 1 January 1970: “The launch date is Friday”",
    );
    expect(await talk.order("recall", "zeppelin")).toContain("Nothing found");
    expect(await talk.order("recall")).toContain("Example: `/recall roof garden`");
  });
});

describe("access to found messages", () => {
  /** A platform on which a private place is readable by those of it, and "open" by everybody. */
  class RoomyPlatform extends FakePlatform {
    readonly asked: Readers[] = [];
    mayThrow = false;
    readonly readable = async (readers: Readers, places: readonly string[]): Promise<Readable> => {
      this.asked.push(readers);
      if (this.mayThrow) throw new Error("no answer");
      const isOpen = (place: string): boolean =>
        place === "open" || (place === "club" && readers.person === "ada");
      return { places: places.filter(isOpen), unknown: [] };
    };
  }

  async function openHouse() {
    const platform = new RoomyPlatform();
    const talk = await openTalk({ platform });
    const tell = async (place: string, text: string): Promise<void> => {
      const inbound = said(`in-${place}`, text, { conversation: `fake:${place}:1` });
      await talk.accept({ ...inbound, place });
      await talk.whenIdle();
    };
    await tell("open", "zebra in the open");
    await tell("club", "zebra in the club");
    await tell("dm-bob", "zebra between Bob and me");
    await talk.say("zebra right here");
    await talk.filed();
    return { ...talk, roomy: platform };
  }

  test("is the asker's for a private answer, and every reader's for a public one", async () => {
    await using house = await openHouse();
    const alone = await house.order("recall", "zebra");
    expect(alone).toContain("in the open");
    expect(alone).toContain("in the club");
    expect(alone).toContain("right here");
    expect(alone).not.toContain("Bob and me");
    const shared = await house.order("recall", "zebra share");
    expect(shared).toContain("in the open");
    expect(shared).not.toContain("in the club");
    expect(house.roomy.asked).toEqual([{ place: "room", person: "ada" }, { place: "room" }]);
  });

  test("is denied where it can't be determined", async () => {
    await using house = await openHouse();
    house.roomy.mayThrow = true;
    const found = await house.order("recall", "zebra");
    expect(found).toContain("right here");
    expect(found).not.toContain("in the open");
  });
});

describe("a bot that is called into a conversation between people", () => {
  const earlier = (id: string, text: string, by: string): Message => ({
    id,
    text,
    author: { id: by, name: by },
    saidAtMs: 500,
    attachments: [],
  });
  class BackfillingPlatform extends FakePlatform {
    asked = 0;
    fault: Error | undefined;
    readonly fetchHistory = async (): Promise<readonly Message[]> => {
      this.asked += 1;
      if (this.fault !== undefined) throw this.fault;
      return [earlier("e1", "we meet at nine", "Bob"), earlier("e2", "I bring cake", "Cleo")];
    };
  }

  test("knows what was said before, and by whom, and asks the platform once", async () => {
    const platform = new BackfillingPlatform();
    await using talk = await openTalk({ platform });
    await talk.say("who brings cake?");
    await talk.say("and when?");
    expect(talk.model.prompts[0]?.messages.map(({ text }) => text)).toEqual([
      "Bob: we meet at nine",
      "Cleo: I bring cake",
      "Ada: who brings cake?",
    ]);
    expect(platform.asked).toBe(1);
    await talk.filed();
    expect(talk.archive.rows.map(({ author }) => author.name).slice(0, 2)).toEqual(["Bob", "Cleo"]);
  });

  test("answers without the earlier messages if the platform can't give them, and tells the asker", async () => {
    const platform = new BackfillingPlatform();
    platform.fault = new Error("no scope");
    await using talk = await openTalk({ platform });
    await talk.say("who brings cake?");
    expect(platform.shown).toEqual(["Answer to Ada: who brings cake?"]);
    expect(platform.told).toEqual([
      expect.stringMatching(/^I couldn't read the earlier messages.*\(Reference: /u),
    ]);
  });

  test("reads them later if the first try failed, once, and without what was erased since", async () => {
    const platform = new BackfillingPlatform();
    platform.fault = new Error("Slack is away");
    await using talk = await openTalk({ platform });
    await talk.say("who brings cake?");
    await talk.say("anybody?");
    expect(platform.asked).toBe(2);
    expect(platform.told).toHaveLength(1);
    await talk.accept({
      ...command("forget", "me yes"),
      by: { id: "Bob", name: "Bob" },
      conversation: "fake:desk",
    });
    await expect.poll(() => platform.told.join("\n"), patiently).toContain("Done.");
    platform.fault = undefined;
    await talk.say("and when?");
    await talk.say("and where?");
    expect(platform.asked).toBe(3);
    const prompt = promptText(talk.model.prompts.at(-1));
    expect(prompt.match(/Cleo: I bring cake/gu)).toHaveLength(1);
    expect(prompt).not.toContain("nine");
  });

  test("does not read them for a reaction, which asks nothing", async () => {
    const platform = new BackfillingPlatform();
    platform.fault = new Error("Slack is away");
    await using talk = await openTalk({ platform });
    await talk.say("who brings cake?");
    for (const change of ["added", "removed"] as const) await talk.accept(muteReaction("a", change));
    await talk.whenIdle();
    expect(platform.asked).toBe(1);
    platform.fault = undefined;
    await talk.say("and when?");
    expect(platform.asked).toBe(2);
  });

  test("does not read them after a reset, if they could not be read before it", async () => {
    const platform = new BackfillingPlatform();
    platform.fault = new Error("Slack is away");
    await using talk = await openTalk({ platform });
    await talk.say("who brings cake?");
    await talk.order("reset");
    platform.fault = undefined;
    await talk.say("and when?");
    expect(promptText(talk.model.prompts.at(-1))).not.toContain("cake");
  });

  test("can be asked for a summary of them first", async () => {
    const platform = new BackfillingPlatform();
    await using talk = await openTalk({ platform });
    await talk.order("summary");
    expect(promptText(talk.model.prompts[0])).toContain("Cleo: I bring cake");
  });

  test("reads nothing for a command that concerns no conversation", async () => {
    const platform = new BackfillingPlatform();
    await using talk = await openTalk({ platform });
    await talk.order("help");
    await talk.order("recall", "cake");
    expect(platform.asked).toBe(0);
    expect(talk.memory()).toBeUndefined();
  });

  test("reads nothing of a person who was erased", async () => {
    const platform = new BackfillingPlatform();
    await using talk = await openTalk({ platform });
    await talk.accept({
      ...command("forget", "me yes"),
      by: { id: "Bob", name: "Bob" },
      conversation: "fake:desk",
    });
    await expect.poll(() => platform.told.join("\n"), patiently).toContain("Done.");
    await talk.say("who brings cake?");
    expect(promptText(talk.model.prompts[0])).not.toContain("nine");
    expect(promptText(talk.model.prompts[0])).toContain("Cleo: I bring cake");
  });
});

describe("messages that the bot missed", () => {
  test("are not read if they, their author or their conversation were erased since", async () => {
    await using talk = await openTalk();
    await talk.say("hello");
    await talk.order("forget", "me yes");
    await expect.poll(() => talk.platform.told.join("\n"), patiently).toContain("Done.");
    const missed = { fromMs: 0, toMs: 2_000 };
    await talk.say("swordfish from before", { saidAtMs: 500, missed });
    await talk.say("from now on", { saidAtMs: talk.clock.nowMs(), missed });
    expect(talk.model.prompts.at(-1)?.messages.map(({ text }) => text)).toEqual(["Ada: from now on"]);
    await talk.order("forget", "this yes");
    await talk.say("swordfish once more", { by: "bob", saidAtMs: 5_000, missed });
    await talk.filed();
    expect(JSON.stringify([talk.memory(), talk.archive.rows])).not.toContain("swordfish");
  });
});

describe("a command", () => {
  test("/reset asks first where other people take part, says whom it affects, and can be undone", async () => {
    await using talk = await openTalk();
    await talk.say("my number is swordfish-4711");
    await talk.say("hello", { by: "bob" });
    expect(await talk.order("reset")).toContain("This thread has 2 people");
    expect(talk.memory()?.chapter).toBe(1);
    expect(await talk.order("reset", "yes")).toContain("Fresh start");
    await talk.say("what is my number?");
    expect(promptText(talk.model.prompts.at(-1))).not.toContain("swordfish-4711");
    expect(await talk.order("reset", "undo")).toContain("Undone");
    await talk.say("what is my number now?");
    expect(promptText(talk.model.prompts.at(-1))).toContain("swordfish-4711");
  });

  test("/memory shows what the next answer will know, and pins or removes a line", async () => {
    const model = new ScriptedModel(badSummariser);
    await using talk = await openTalk({ model, contextTokens: 600 });
    for (let index = 0; index < 40; index += 1) await talk.say(`Ticket OPS-${3_000 + index} goes to Bert`);
    await expect.poll(() => talk.memory()?.summary?.lines.length ?? 0, patiently).toBeGreaterThan(2);
    const shown = await talk.order("memory");
    expect(shown).toMatch(/\*\*Summary\*\* of what came before \(today \d\d:\d\d.*\):/u);
    const [first, second] = talk.memory()?.summary?.lines ?? [];
    expect(shown).toContain(`1. ${first?.text}`);
    await talk.order("memory", "pin 1");
    expect(talk.memory()?.summary?.lines[0]?.isPinned).toBe(true);
    expect(await talk.order("memory", "remove 2")).toContain(second?.text ?? "?");
    expect(talk.memory()?.summary?.lines.map(({ text }) => text)).not.toContain(second?.text);
    expect(await talk.order("memory", "pin 99")).toContain("no line 99");
  });

  test("/forget this leaves nothing but a mark in any store", async () => {
    await using talk = await openTalk();
    await talk.say("my secret is swordfish-99");
    await talk.filed();
    expect(await talk.order("forget", "this")).toContain("permanently deletes");
    expect(JSON.stringify(talk.memory())).toContain("swordfish-99");
    expect(await talk.order("forget", "this yes")).toContain("2 messages");
    await talk.filed();
    expect(JSON.stringify([talk.memory(), talk.archive.rows])).not.toContain("swordfish");
    await talk.say("hello again");
    expect(talk.model.prompts.at(-1)?.messages).toHaveLength(1);
  });

  test("/forget me erases one person everywhere, and gives a receipt with counts", async () => {
    await using talk = await openTalk();
    await talk.say("my secret is swordfish-99");
    await talk.say("mine is different", { by: "bob" });
    await talk.say("swordfish-99 again", { conversation: "fake:room:2" });
    await talk.filed();
    expect(await talk.order("forget", "me")).toContain("permanently deletes");
    await talk.order("forget", "me yes");
    await expect.poll(() => talk.platform.told.at(-1), patiently).toContain("Done.");
    expect(talk.platform.told.at(-1)).toMatch(
      /deleted 2 of your messages and \d of my replies from 2 conversations/u,
    );
    await talk.filed();
    const everything = JSON.stringify([[...talk.memories.records.values()], talk.archive.rows]);
    expect(everything).not.toContain("swordfish");
    expect(everything).toContain("mine is different");
    // As the words of the person, what answered them stays in the chat.
    expect(talk.platform.shown.filter((text) => text.includes("swordfish"))).toHaveLength(2);
  });

  test("/export gives the stored conversation to the asker, for people and for programs", async () => {
    const given: { text: string; files: readonly { name: string; text: string }[] }[] = [];
    const platform = Object.assign(new FakePlatform(), {
      sendFilesPrivately: async (_to: unknown, each: (typeof given)[number]) => void given.push(each),
    });
    await using talk = await openTalk({ platform });
    const text = 'we ship on Friday\nat noon\u2028or "later"';
    await talk.say(text);
    await talk.accept(command("export"));
    await expect.poll(() => given.length, patiently).toBe(1);
    const [markdown, json] = given[0]?.files ?? [];
    expect(markdown?.text).toContain(
      '**Ada**, 1970-01-01 00:00 UTC\n\n> we ship on Friday\n> at noon\n> or "later"\n',
    );
    const parsed: unknown = JSON.parse(json?.text ?? "");
    expect(parsed).toMatchObject({ messages: [{ text, author: { id: "ada" } }, { role: "bot" }] });
    expect(json?.text).toBe(`${JSON.stringify(parsed, undefined, 2)}\n`);
  });

  test("/export says so where the platform does not accept the files", async () => {
    const sendFilesPrivately = async (): Promise<void> => {
      throw new PlatformError("rejected", "too large");
    };
    await using talk = await openTalk({
      platform: Object.assign(new FakePlatform(), { sendFilesPrivately }),
    });
    await talk.say("we ship on Friday");
    expect(await talk.order("export")).toMatch(/couldn't send you the files here\. \(Reference: \w+\)/u);
  });

  test("/help names every command, and creates no conversation", async () => {
    await using talk = await openTalk();
    const help = await talk.order("help");
    for (const name of ["summary", "recall", "memory", "reset", "forget", "export"]) {
      expect(help).toContain(`\`/${name}`);
    }
    expect(await talk.directory.recent("fake", "room", 10)).toEqual([]);
  });

  test("/summary covers a long conversation in parts, and the next one only what is new", async () => {
    const model = new ScriptedModel(async function* (prompt) {
      yield prompt.instructions.includes("Summarise") ? `Told ${prompt.messages[0]?.text.length}` : "Noted.";
    });
    await using talk = await openTalk({ model, contextTokens: 500 });
    for (let index = 0; index < 30; index += 1) await talk.say(`Ticket ${index} ${"word ".repeat(20)}`);
    await talk.filed();
    const before = model.prompts.length;
    await talk.order("summary");
    const asked = model.prompts.slice(before).map(promptText).join("\n");
    for (let index = 0; index < 30; index += 1) expect(asked).toContain(`Ticket ${index} `);
    const later = talk.clock.nowMs() - 60_000;
    await talk.say("fresh news", { saidAtMs: later });
    await talk.order("summary", "since 2h");
    expect(promptText(model.prompts.at(-1))).toContain("fresh news");
    expect(promptText(model.prompts.at(-1))).not.toContain("Ticket 3 ");
  });
});

describe("a memory that can't be read", () => {
  test("is rebuilt from the archive, and people are told", async () => {
    await using talk = await openTalk();
    await talk.say("my number is 4711");
    await talk.say("and mine is 42", { by: "bob" });
    await talk.filed();
    talk.memories.isUnreadable = true;
    await talk.say("what is my number?");
    expect(talk.model.prompts.at(-1)?.messages.map(({ text }) => text)).toEqual([
      "Ada: my number is 4711",
      "Answer to Ada: my number is 4711",
      "Bob: and mine is 42",
      "Answer to Bob: and mine is 42",
      "Ada: what is my number?",
    ]);
    expect(talk.platform.told).toEqual([expect.stringContaining("had to rebuild my notes")]);
    await talk.filed();
    expect(talk.archive.rows.map(({ ordinal }) => ordinal)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("a rebuilt memory", () => {
  test("is used by the next process when the one that rebuilt it dies before its turn ends", async () => {
    using folder = temporaryFolder();
    const memories = new FakeMemory();
    const archive = new InMemoryArchive();
    const dying = new ScriptedModel(async function* (prompt, signal) {
      yield prompt.messages.length > 2 ? "I" : "Noted.";
      if (prompt.messages.length > 2)
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    {
      await using core = await openCoreBench({ dataDir: folder.path, memories, archive, model: dying });
      await core.accept(said("a", "my number is 4711"));
      await core.whenIdle();
      await expect.poll(async () => core.outbox.pending(10), patiently).toEqual([]);
      memories.isUnreadable = true;
      await core.accept(said("b", "what is my number?"));
      await expect.poll(() => dying.prompts.length, patiently).toBe(2);
    }
    await using core = await openCoreBench({ dataDir: folder.path, memories, archive });
    await core.whenIdle();
    expect(promptText(core.model.prompts.at(-1))).toContain("4711");
  });
});

describe("a message with a retention time", () => {
  test("leaves memory and archive when that time is over", async () => {
    await using talk = await openTalk({ retentionDays: 30 });
    await talk.say("long ago", { saidAtMs: talk.clock.nowMs() - 40 * 86_400_000 });
    await talk.say("today", { saidAtMs: talk.clock.nowMs() });
    await talk.filed();
    await expect.poll(() => talk.archive.rows.map(({ text }) => text), patiently).not.toContain("long ago");
    await expect.poll(() => JSON.stringify(talk.memory()), patiently).not.toContain('"long ago"');
    expect(JSON.stringify(talk.memory())).toContain("today");
  });
});
