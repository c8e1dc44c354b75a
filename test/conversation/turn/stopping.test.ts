import { describe, expect, test } from "vitest";

import { ModelError } from "../../../src/ports/model.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, reworded, said, stopped } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };
const stoppedHere = "\n\n*(Stopped here.)*";

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}

/** A core whose model writes a little to each question, and the rest of it when the test lets it. */
async function openHeld(limits = {}) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const platform = new FakePlatform({ carriesStop: true, ...limits });
  let gate = Promise.withResolvers<void>();
  const model = new ScriptedModel(async function* ({ messages }, signal) {
    const { promise } = gate;
    yield `To ${messages.at(-1)?.text}`;
    await Promise.race([promise, aborted(signal)]);
    yield ", all of it.";
  });
  const core = opened.use(await openCoreBench({ dataDir: folder.path, platform, model }));
  return {
    ...core,
    ask: (id: string, text: string, by = "ada") => core.accept(said(id, text, { by })),
    shows: (...texts: readonly string[]) => expect.poll(() => platform.shown, patiently).toEqual(texts),
    /** The turns that a Stop button under a post names, by the post. */
    buttons: () =>
      platform.posts.map(({ post: { actions = [] } }) =>
        actions.filter(({ id }) => id === "stop").map(({ on }) => on),
      ),
    turnOf: (post: number) => platform.posts[post]?.post.turn ?? "none",
    letGo: () => {
      gate.resolve();
      gate = Promise.withResolvers();
    },
    waits: () => core.database.prepare("SELECT COUNT(*) AS n FROM inbox").get()?.["n"],
    roles: () => [...core.memories.records.values()][0]?.messages.map(({ role, text }) => `${role}: ${text}`),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

describe("a Stop that names its turn", () => {
  test("ends that answer, whose text stays and is remembered as stopped", async () => {
    await using core = await openHeld();
    await core.ask("a", "one");
    await core.shows("To Ada: one");
    await core.accept(stopped({ turn: core.turnOf(0) }));
    await core.whenIdle();
    expect(core.platform.shown).toEqual([`To Ada: one${stoppedHere}`]);
    expect(core.roles()).toEqual(["person: one", `bot: To Ada: one${stoppedHere}`]);
    await core.ask("b", "two");
    await expect.poll(() => core.model.prompts.length, patiently).toBe(2);
    expect(core.model.prompts[1]?.messages[1]?.text).toBe(`To Ada: one${stoppedHere}`);
    core.letGo();
    await core.whenIdle();
  });

  test("ends no later answer, however often and late it is pressed", async () => {
    await using core = await openHeld();
    await core.ask("a", "one");
    await core.shows("To Ada: one");
    const turn = core.turnOf(0);
    await core.accept(stopped({ turn }));
    await core.accept(stopped({ turn }));
    await core.ask("b", "two");
    await core.shows(`To Ada: one${stoppedHere}`, "To Ada: two");
    await core.accept(stopped({ turn }));
    core.letGo();
    await core.whenIdle();
    expect(core.platform.shown[1]).toBe("To Ada: two, all of it.");
    expect(core.waits()).toBe(0);
    expect(core.model.prompts).toHaveLength(2);
  });

  test("leaves what another person asked meanwhile to its own answer", async () => {
    await using core = await openHeld();
    await core.ask("a", "one");
    await core.shows("To Ada: one");
    await core.ask("b", "two", "bob");
    await core.accept(stopped({ turn: core.turnOf(0) }));
    await core.shows(`To Ada: one${stoppedHere}`, "To Bob: two");
    core.letGo();
    await core.whenIdle();
    expect(core.platform.shown[1]).toBe("To Bob: two, all of it.");
    expect(core.roles()?.slice(0, 2)).toEqual(["person: one", `bot: To Ada: one${stoppedHere}`]);
  });

  test("ends an answer for which a command waits", async () => {
    await using core = await openHeld();
    await core.ask("a", "one");
    await core.shows("To Ada: one");
    await core.accept(command("memory"));
    await core.accept(stopped());
    await core.whenIdle();
    expect(core.platform.shown).toEqual([`To Ada: one${stoppedHere}`]);
    expect(core.platform.told).toHaveLength(1);
  });

  test("ends an answer that is given again, but only under its new name", async () => {
    await using core = await openHeld();
    await core.ask("a", "one");
    await core.shows("To Ada: one");
    const first = core.turnOf(0);
    core.letGo();
    await core.whenIdle();
    await core.accept(reworded("a", "two"));
    await core.shows("To Ada: two");
    expect(core.turnOf(0)).not.toBe(first);
    await core.accept(stopped({ turn: first }));
    await core.accept(stopped({ turn: core.turnOf(0) }));
    await core.whenIdle();
    expect(core.platform.shown).toEqual([`To Ada: two${stoppedHere}`]);
    expect(core.model.prompts).toHaveLength(2);
  });

  test("changes nothing once the answer is complete, while its posts are written", async () => {
    await using core = await openHeld();
    const writing = Promise.withResolvers<void>();
    const atEnd = Promise.withResolvers<void>();
    core.platform.before = async (_what, post) => {
      if (post?.state !== "done") return;
      atEnd.resolve();
      await writing.promise;
    };
    await core.ask("a", "one");
    await core.shows("To Ada: one");
    core.letGo();
    await atEnd.promise;
    await core.accept(stopped({ turn: core.turnOf(0) }));
    await core.ask("b", "two");
    writing.resolve();
    await core.shows("To Ada: one, all of it.", "To Ada: two");
    core.letGo();
    await core.whenIdle();
    expect(core.platform.shown[1]).toBe("To Ada: two, all of it.");
  });

  test("ends no command that runs beside the answer; a Stop without a name does", async () => {
    await using core = await openHeld();
    await core.ask("a", "one");
    await core.shows("To Ada: one");
    core.letGo();
    await core.whenIdle();
    await core.accept(command("summary"));
    await expect.poll(() => core.model.prompts.length, patiently).toBe(2);
    await core.ask("b", "two");
    await core.shows("To Ada: one, all of it.", "To Ada: two");
    await core.accept(stopped({ turn: core.turnOf(1) }));
    await core.shows("To Ada: one, all of it.", `To Ada: two${stoppedHere}`);
    expect(core.platform.told).toEqual([]);
    await core.accept(stopped());
    await expect.poll(() => core.platform.told, patiently).toEqual([expect.stringContaining("stopped")]);
  });
});

test("a Stop ends a command in the background although the process that stored it was killed before it said so", async () => {
  await using core = await openHeld();
  await core.ask("a", "one");
  await core.shows("To Ada: one");
  core.letGo();
  await core.whenIdle();
  await core.accept(command("summary"));
  await expect.poll(() => core.model.prompts.length, patiently).toBe(2);
  const { signal } = new AbortController();
  await core.inbox.accept(stopped(), Date.now(), signal);
  await core.scheduler.schedule("fake:room:1");
  await expect.poll(() => core.platform.told, patiently).toEqual([expect.stringContaining("stopped")]);
});

test("a Stop that was pressed before a question does not end its answer", async () => {
  await using core = await openHeld();
  await core.accept(said("a", "one", { saidAtMs: 5_000 }));
  await core.shows("To Ada: one");
  await core.accept(stopped({ pressedAtMs: 4_999 }));
  await core.accept(said("b", "two", { saidAtMs: 6_000 }));
  core.letGo();
  await core.shows("To Ada: one, all of it.", "To Ada: two");
  await core.accept(stopped({ pressedAtMs: 6_001 }));
  await core.whenIdle();
  expect(core.platform.shown[1]).toBe(`To Ada: two${stoppedHere}`);
});

describe("the Stop button", () => {
  test("stands under the placeholder and the growing text, names their turn, and goes at the end", async () => {
    await using core = await openHeld({ placeholder: "…" });
    const labels: (string | undefined)[] = [];
    core.platform.before = (_what, post) =>
      void labels.push(post?.actions?.find(({ id }) => id === "stop")?.label);
    await core.ask("a", "one");
    await core.shows("To Ada: one");
    expect(core.buttons()).toEqual([[core.turnOf(0)]]);
    core.letGo();
    await core.whenIdle();
    expect(core.buttons()).toEqual([[]]);
    expect(labels.slice(0, 2)).toEqual(["Stop", "Stop"]);
    expect(labels.at(-1)).toBeUndefined();
  });

  test("is left out where people have another way to stop", async () => {
    await using core = await openHeld({ carriesStop: undefined, placeholder: "…" });
    await core.ask("a", "one");
    await core.shows("To Ada: one");
    expect(core.buttons()).toEqual([[]]);
    core.letGo();
    await core.whenIdle();
  });

  test.each([
    ["while the answer grows", true],
    ["at its end", false],
  ])(
    "moves to the last post of a long answer, also if the text of the one before stays, %s",
    async (_, grows) => {
      using folder = temporaryFolder();
      const platform = new FakePlatform({ carriesStop: true, postChars: 60 });
      const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const first = `${"word ".repeat(8)}end.`;
      const model = new ScriptedModel(async function* () {
        yield first;
        await gates[0]?.promise;
        yield `\n\n${"more ".repeat(10)}`;
        if (grows) await gates[1]?.promise;
        yield "!";
      });
      await using core = await openCoreBench({ dataDir: folder.path, platform, model });
      const stops = () =>
        platform.posts.map(({ post }) => post.actions?.some(({ id }) => id === "stop") === true);
      await core.accept(said("a", "one"));
      await expect.poll(() => platform.shown, patiently).toEqual([first]);
      expect(stops()).toEqual([true]);
      gates[0]?.resolve();
      await expect.poll(stops, patiently).toEqual([false, grows]);
      gates[1]?.resolve();
      await core.whenIdle();
      expect(platform.shown).toHaveLength(2);
      expect(platform.shown[0]).toBe(first);
      expect(stops()).toEqual([false, false]);
    },
  );

  test("stands under the line about an outage, and ends the wait", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform({ carriesStop: true });
    const model = new ScriptedModel(async function* () {
      yield "";
      throw new ModelError("unreachable", "away");
    });
    await using core = await openCoreBench({ dataDir: folder.path, platform, model });
    await core.accept(said("a", "one"));
    await expect.poll(() => platform.shown.join(), patiently).toContain("answer here");
    const on = platform.posts[0]?.post.actions?.[0]?.on ?? "none";
    await core.accept(stopped({ turn: "another" }));
    expect(platform.shown.join()).toContain("answer here");
    await core.accept(stopped({ turn: on }));
    await core.whenIdle();
    expect(platform.shown).toEqual(["*(Stopped.)*"]);
    expect(platform.posts[0]?.post.actions?.some(({ id }) => id === "stop")).toBe(false);
  });
});
