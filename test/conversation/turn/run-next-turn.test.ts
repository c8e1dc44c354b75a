import { describe, expect, test } from "vitest";

import { ModelError } from "../../../src/ports/model.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakeMemory } from "../../support/core/fake-memory.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, deleted, edited, erased, said, stopped } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };

/** A model that writes one piece and then waits until the test lets it go on. */
function heldModel(): { readonly model: ScriptedModel; readonly letGo: () => void; asked: () => number } {
  let gate = Promise.withResolvers<void>();
  const model = new ScriptedModel(async function* (prompt, signal) {
    const { promise } = gate;
    yield "So far";
    await Promise.race([promise, aborted(signal)]);
    signal.throwIfAborted();
    yield `, and then: ${prompt.messages.at(-1)?.text}`;
  });
  return {
    model,
    letGo: () => {
      gate.resolve();
      gate = Promise.withResolvers();
    },
    asked: () => model.prompts.length,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

describe("a conversation", () => {
  test("answers with all earlier messages, each with its speaker", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    await core.accept(said("a", "My cat is called Mia"));
    await expect.poll(() => core.platform.finished.length, patiently).toBe(1);
    await core.accept(said("b", "What is my cat called?"));
    await expect.poll(() => core.platform.finished.length, patiently).toBe(2);
    expect(core.model.prompts[1]?.messages).toEqual([
      { role: "person", text: "Ada: My cat is called Mia" },
      { role: "bot", text: "Answer to Ada: My cat is called Mia" },
      { role: "person", text: "Ada: What is my cat called?" },
    ]);
    expect(core.platform.shown).toEqual([
      "Answer to Ada: My cat is called Mia",
      "Answer to Ada: What is my cat called?",
    ]);
  });

  test("remembers after a restart", async () => {
    using folder = temporaryFolder();
    const memories = new FakeMemory();
    {
      await using before = await openCoreBench({ dataDir: folder.path, memories });
      await before.accept(said("a", "The code word is quince"));
      await before.whenIdle();
    }
    await using after = await openCoreBench({ dataDir: folder.path, memories });
    await after.accept(said("b", "Which word?"));
    await expect.poll(() => after.platform.finished.length, patiently).toBe(1);
    expect(after.model.prompts[0]?.messages[0]?.text).toBe("Ada: The code word is quince");
  });

  test("makes one turn of an event that is delivered twice", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    const event = said("a", "once");
    expect(await core.accept(event)).toBe("stored");
    expect(await core.accept(event)).toBe("duplicate");
    await core.whenIdle();
    expect(await core.accept(event)).toBe("duplicate");
    expect(core.model.prompts).toHaveLength(1);
  });

  test("ignores messages to other people in an unknown place", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    expect(await core.accept(said("a", "hi all", { addressing: "open" }))).toBe("ignored");
    expect(core.isIdle()).toBe(true);
  });

  test("finishes the turn of a dead process, with its post", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform({ placeholder: "…" });
    const memories = new FakeMemory();
    {
      const held = heldModel();
      // Shutting down at once hands the turn back in the middle, as a kill would leave it.
      await using before = await openCoreBench({
        dataDir: folder.path,
        platform,
        memories,
        model: held.model,
      });
      await before.accept(said("a", "a long story please"));
      await expect.poll(() => platform.shown, patiently).toEqual(["So far"]);
    }
    await using after = await openCoreBench({ dataDir: folder.path, platform, memories });
    await after.whenIdle();
    expect(platform.shown).toEqual(["Answer to Ada: a long story please"]);
    expect(platform.posts).toHaveLength(1);
  });

  test("asks the model while the first post is being created, and shows its answer there", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform({ placeholder: "…" });
    const { promise: creating, resolve: create } = Promise.withResolvers<void>();
    platform.before = (what) => (what === "create" ? creating : undefined);
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await expect.poll(() => core.model.prompts, patiently).toHaveLength(1);
    expect(platform.posts).toEqual([]);
    create();
    await core.whenIdle();
    expect(platform.posts).toMatchObject([{ post: { text: "Answer to Ada: hello" }, edits: 1 }]);
  });

  test.each([{}, { placeholder: "…" }])(
    "finds the post whose creation was not confirmed instead of making another",
    async (limits) => {
      using folder = temporaryFolder();
      const platform = new FakePlatform(limits);
      let losses = 1;
      platform.afterCreate = () => {
        if (losses > 0) {
          losses -= 1;
          throw new PlatformError("unreachable", "no answer");
        }
      };
      await using core = await openCoreBench({ dataDir: folder.path, platform });
      await core.accept(said("a", "hello"));
      await core.whenIdle();
      expect(platform.posts).toHaveLength(1);
      expect(platform.shown).toEqual(["Answer to Ada: hello"]);
    },
  );

  test("answers the edited text of a question that changes during its answer, in the same post", async () => {
    using folder = temporaryFolder();
    const held = heldModel();
    await using core = await openCoreBench({ dataDir: folder.path, model: held.model });
    await core.accept(said("a", "capital of Austria?"));
    await expect.poll(() => core.platform.shown, patiently).toEqual(["So far"]);
    await core.accept(edited("a", "capital of Australia?"));
    await expect.poll(held.asked, patiently).toBe(2);
    held.letGo();
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["So far, and then: Ada: capital of Australia?"]);
    expect(core.platform.posts).toHaveLength(1);
  });

  test("deletes the answer when its question is deleted while it is written", async () => {
    using folder = temporaryFolder();
    const held = heldModel();
    await using core = await openCoreBench({ dataDir: folder.path, model: held.model });
    await core.accept(said("a", "secret question"));
    await expect.poll(() => core.platform.shown, patiently).toEqual(["So far"]);
    await core.accept(deleted("a"));
    await core.whenIdle();
    expect(core.platform.shown).toEqual([]);
    expect(JSON.stringify([...core.memories.records.values()])).not.toContain("secret question");
  });

  test("does not start over when another message is edited", async () => {
    using folder = temporaryFolder();
    const held = heldModel();
    await using core = await openCoreBench({ dataDir: folder.path, model: held.model });
    await core.accept(said("a", "question"));
    await expect.poll(() => core.platform.shown, patiently).toEqual(["So far"]);
    await core.accept(edited("other", "whatever"));
    held.letGo();
    await core.whenIdle();
    expect(held.asked()).toBe(1);
  });

  test("keeps the text so far when a person stops the answer", async () => {
    using folder = temporaryFolder();
    const held = heldModel();
    await using core = await openCoreBench({ dataDir: folder.path, model: held.model });
    await core.accept(said("a", "tell me everything"));
    await expect.poll(() => core.platform.shown, patiently).toEqual(["So far"]);
    await core.accept(stopped());
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["So far\n\n*(Stopped here.)*"]);
    expect(held.asked()).toBe(1);
  });

  test("starts a new chapter at /reset, and drops a running answer", async () => {
    using folder = temporaryFolder();
    const held = heldModel();
    await using core = await openCoreBench({ dataDir: folder.path, model: held.model });
    await core.accept(said("a", "my number is 4711"));
    await expect.poll(() => core.platform.shown, patiently).toEqual(["So far"]);
    await core.accept(command("reset"));
    await core.whenIdle();
    expect(core.platform.shown).toEqual([]);
    expect(core.platform.told.join()).toContain("Fresh start");
    await core.accept(said("b", "what is my number?"));
    await expect.poll(held.asked, patiently).toBe(2);
    held.letGo();
    await core.whenIdle();
    expect(core.model.prompts[1]?.messages).toEqual([{ role: "person", text: "Ada: what is my number?" }]);
  });

  test("understands a command that is written after a mention", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    await core.accept(said("a", " Reset "));
    await expect.poll(() => core.platform.told.length, patiently).toBe(1);
    expect(core.model.prompts).toHaveLength(0);
  });

  test("shows a summary in private, and to everyone when asked to share", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    await core.accept(said("a", "we ship on Friday"));
    await core.whenIdle();
    await core.accept(command("summary"));
    await expect.poll(() => core.platform.told.length, patiently).toBe(1);
    expect(core.platform.shown).toHaveLength(1);
    await core.accept(command("summary", "share"));
    await expect.poll(() => core.platform.shown.length, patiently).toBe(2);
    await core.whenIdle();
    expect(core.model.prompts[1]?.instructions).toContain("Summarise");
    expect(core.model.prompts[1]?.messages[0]?.text).toContain("[1] Ada: we ship on Friday");
  });

  test("lists the options of a command after an unknown word", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    await core.accept(command("summary", "sahre"));
    await expect
      .poll(() => core.platform.told, patiently)
      .toEqual([expect.stringContaining("`/summary [since] [share]`")]);
  });

  test("apologises with a reference that is in the log when the model gives no answer", async () => {
    using folder = temporaryFolder();
    const model = new ScriptedModel(async function* () {
      yield* [];
      throw new ModelError("out-of-quota", "no credit");
    });
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    const reference = /\(Reference: (?<it>\w+)\)/u.exec(core.platform.shown[0] ?? "")?.groups?.["it"];
    expect(core.log.lines).toContainEqual(
      expect.objectContaining({ level: "error", facts: expect.objectContaining({ reference }) }),
    );
    model.script = async function* () {
      yield "back";
    };
    await core.accept(said("b", "again"));
    await core.whenIdle();
    expect(model.prompts[1]?.messages.map(({ text }) => text)).toEqual(["Ada: hello", "Ada: again"]);
  });

  test("asks a second time, from the beginning, when a stream breaks off", async () => {
    using folder = temporaryFolder();
    let times = 0;
    const model = new ScriptedModel(async function* () {
      times += 1;
      yield times === 1 ? "half an ans" : "the whole answer";
      if (times === 1) throw new ModelError("cut-off", "cut");
    });
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["the whole answer"]);
  });

  test("marks an answer that reached the model's length limit", async () => {
    using folder = temporaryFolder();
    const model = new ScriptedModel();
    model.isCut = true;
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(core.platform.shown[0]).toContain("length limit");
  });

  test("never answers from an empty memory: it tells the asker, and answers when memory is reachable", async () => {
    using folder = temporaryFolder();
    const memories = new FakeMemory();
    await using core = await openCoreBench({ dataDir: folder.path, memories });
    await core.accept(said("a", "remember this"));
    await core.whenIdle();
    memories.isDown = true;
    await core.accept(said("b", "what did I say?"));
    await expect.poll(() => core.platform.told[0], patiently).toContain("can't reach my memory");
    expect(core.model.prompts).toHaveLength(1);
    memories.isDown = false;
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["Answer to Ada: remember this", "Answer to Ada: what did I say?"]);
    expect(core.model.prompts[1]?.messages).toHaveLength(3);
  });

  test("dead-letters a message that fails repeatedly, and continues with the next", async () => {
    using folder = temporaryFolder();
    const memories = new FakeMemory();
    const model = new ScriptedModel(async function* (prompt) {
      if (prompt.messages.at(-1)?.text.includes("poison") === true) throw new TypeError("a bug of ours");
      yield "fine";
    });
    await using core = await openCoreBench({ dataDir: folder.path, memories, model });
    await core.accept(said("a", "poison"));
    await expect.poll(() => core.platform.shown[0], { timeout: 60_000 }).toContain("couldn't answer");
    await core.whenIdle();
    expect(core.database.prepare("SELECT COUNT(*) AS n FROM dead_letter").get()?.["n"]).toBe(1);
    await core.accept(said("b", "hello"));
    await expect.poll(() => core.platform.shown[1], patiently).toBe("fine");
  });

  test("completes a turn whose channel is deleted, remembers it and tells the operator", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform();
    platform.before = () => {
      throw new PlatformError("gone", "channel deleted");
    };
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(core.log.lines).toContainEqual(
      expect.objectContaining({ message: "could not post a reply; check the bot's access to the place" }),
    );
  });

  test("deletes all data of a conversation that its person erases", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    await core.accept(said("a", "erase me"));
    await core.whenIdle();
    await core.accept(erased());
    await core.whenIdle();
    // As soon as the archive has the mark, it rests there.
    const hot = core.memories.records.get("fake:room:1");
    const mark = hot ?? (await core.archive.findConversation("fake:room:1"))?.head?.memory;
    expect(mark).toMatchObject({ messages: [], speakers: [], forgottenAtMs: expect.any(Number) });
    expect(await core.directory.recent("fake", "room", 10)).toEqual([]);
    expect(await core.directory.locate("fake", "room", "a")).toBeUndefined();
  });

  test("keeps two conversations apart and answers them at the same time", async () => {
    using folder = temporaryFolder();
    const held = heldModel();
    await using core = await openCoreBench({ dataDir: folder.path, model: held.model });
    await core.accept(said("a", "first room", { conversation: "fake:room:1" }));
    await core.accept(said("b", "second room", { conversation: "fake:room:2" }));
    await expect.poll(held.asked, patiently).toBe(2);
    held.letGo();
    await core.whenIdle();
    expect(core.model.prompts.map((prompt) => prompt.messages.length)).toEqual([1, 1]);
  });

  test("splits a long answer into posts without loss", async () => {
    using folder = temporaryFolder();
    const words = Array.from({ length: 300 }, (_, index) => `word${index}`).join(" ");
    const platform = new FakePlatform({ postChars: 200 });
    const model = new ScriptedModel(async function* () {
      yield* words.match(/.{1,50}/gu) ?? [];
    });
    await using core = await openCoreBench({ dataDir: folder.path, model, platform });
    await core.accept(said("a", "count"));
    await core.whenIdle();
    expect(platform.shown.join(" ")).toBe(words);
    expect(platform.posts.at(-1)?.post.state).toBe("done");
  });

  test("writes nothing more after another process claimed the conversation", async () => {
    using folder = temporaryFolder();
    const held = heldModel();
    await using core = await openCoreBench({ dataDir: folder.path, model: held.model });
    await core.accept(said("a", "question"));
    await expect.poll(() => core.platform.shown, patiently).toEqual(["So far"]);
    await core.journal.claim("fake:room:1", "w");
    held.letGo();
    // The sweeper finds the conversation again and finishes it, in the same post, under a new lease.
    await expect.poll(held.asked, patiently).toBe(2);
    expect(core.platform.shown).toEqual(["So far"]);
    expect(core.memories.records.size).toBe(0);
    held.letGo();
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["So far, and then: Ada: question"]);
  });

  test("tells the person when its memory was unreadable, and continues", async () => {
    using folder = temporaryFolder();
    const memories = new FakeMemory();
    memories.isUnreadable = true;
    await using core = await openCoreBench({ dataDir: folder.path, memories });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    expect(core.platform.told).toEqual([expect.stringContaining(`(Reference: ${memories.setAside[0]})`)]);
    expect(core.platform.shown).toEqual(["Answer to Ada: hello"]);
  });

  test("remembers messages between two people, and uses them when asked", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    await core.accept(said("a", "hello bot"));
    await core.accept(said("b", "I bring the cake", { by: "bob", addressing: "open" }));
    await core.whenIdle();
    await core.accept(said("c", "Great, thanks", { addressing: "open" }));
    await core.whenIdle();
    const before = core.platform.shown.length;
    await core.accept(said("d", "who brings the cake?"));
    await core.whenIdle();
    expect(core.platform.shown).toHaveLength(before + 1);
    expect(core.model.prompts.at(-1)?.messages.map(({ text }) => text)).toEqual(
      expect.arrayContaining(["Bob: I bring the cake", "Ada: Great, thanks", "Ada: who brings the cake?"]),
    );
  });

  test("does not ask the model again for a saved answer, however often posting fails", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform({ placeholder: "…" });
    platform.before = (what) => {
      if (what === "edit") throw new PlatformError("unreachable", "no answer");
    };
    const memories = new FakeMemory();
    {
      await using before = await openCoreBench({ dataDir: folder.path, platform, memories });
      await before.accept(said("a", "hello"));
      await expect
        .poll(() => before.log.lines.map(({ message }) => message), patiently)
        .toContain("a turn failed and will be tried again");
    }
    platform.before = () => undefined;
    await using after = await openCoreBench({ dataDir: folder.path, platform, memories });
    await after.whenIdle();
    expect(after.model.prompts).toEqual([]);
    expect(platform.shown).toEqual(["Answer to Ada: hello"]);
  });

  test("is not interrupted by what it has planned already, told late", async () => {
    using folder = temporaryFolder();
    const { model, letGo, asked } = heldModel();
    await using core = await openCoreBench({ dataDir: folder.path, model });
    await core.accept(said("a", "hello"));
    await expect.poll(asked, patiently).toBe(1);
    const edit = edited("a", "hello there");
    await core.accept(edit);
    await expect.poll(asked, patiently).toBe(2);
    const late = { kind: "question-changed", message: "a", inbound: edit.dedupeId } as const;
    await core.interruptions.interrupt(edit.conversation, late);
    letGo();
    await core.whenIdle();
    expect(asked()).toBe(2);
    expect(core.platform.shown).toEqual(["So far, and then: Ada: hello there"]);
  });

  test("does not wait for an answer that has no place, and asks again once the first post is possible", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform({ placeholder: "…" });
    let isDown = true;
    let tries = 0;
    platform.before = (what) => {
      if (what !== "create" || !isDown) return;
      tries += 1;
      throw new PlatformError("unreachable", "no answer");
    };
    const { model, letGo } = heldModel();
    await using core = await openCoreBench({ dataDir: folder.path, platform, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => tries, patiently).toBeGreaterThan(1);
    isDown = false;
    await expect.poll(() => platform.shown, patiently).toEqual(["So far"]);
    letGo();
    await core.whenIdle();
    expect(platform.shown).toEqual(["So far, and then: Ada: hello"]);
  });

  test("waits for the end of any outage, without counting attempts", async () => {
    using folder = temporaryFolder();
    const memories = new FakeMemory();
    memories.isDown = true;
    await using core = await openCoreBench({ dataDir: folder.path, memories });
    await core.accept(said("a", "hello"));
    const waits = (): number =>
      core.log.lines.filter(({ message }) => message === "a turn failed and will be tried again").length;
    await expect.poll(waits, patiently).toBeGreaterThan(7);
    memories.isDown = false;
    await core.whenIdle();
    expect(core.platform.shown).toEqual(["Answer to Ada: hello"]);
  });
});
