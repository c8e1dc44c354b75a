import { expect, test } from "vitest";

import type { ToolCall } from "../../../src/domain/prompt.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { deleted, edited, stopped } from "../../support/core/inbounds.ts";
import { openRealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { writingToy } from "../../support/core/toy-tools.ts";

const add = (of: string): ToolCall => ({ id: "1", name: "list", argument: JSON.stringify({ of }) });

/** Makes these calls in one round for each question, then answers with the results. */
function calling(...calls: readonly ToolCall[]): ScriptedModel {
  const model = new ScriptedModel(async function* (prompt) {
    yield (prompt.calls ?? []).map(({ result }) => result).join(" ");
  });
  model.calls = ({ calls: made = [] }) => (made.length > 0 ? [] : calls);
  return model;
}

test("each writing call has its own key, in all turns", async () => {
  const list = writingToy("list", ({ of }) => `${String(of)} is on it.`);
  await using bench = await openRealBench({ model: calling(add("milk"), add("eggs")), tools: [list] });
  await bench.say("one", "write down milk and eggs");
  await bench.say("two", "once more");
  expect(bench.platform.shown).toEqual(Array(2).fill("milk is on it. eggs is on it."));
  const [first = "", second = ""] = list.keys;
  expect(first).toMatch(/^[\w-]+\/1$/u);
  expect(second).toBe(first.replace(/1$/u, "2"));
  expect(new Set(list.keys).size).toBe(4);
});

test("a writing call that was interrupted is not repeated, and people are told", async () => {
  const list = writingToy("list", () => Promise.reject(new Error("connection reset")));
  const model = calling(add("milk"));
  await using bench = await openRealBench({ model, tools: [list] });
  await bench.say("one", "write down milk");
  expect(bench.platform.shown.at(-1)).toContain(
    "*(I don't know if this was done. Please check: write down milk.)*",
  );
  expect(model.prompts.at(-1)?.calls?.[0]?.result).toContain("not known whether this was done");
  expect(list.keys).toHaveLength(1);
});

test("an answer that fails after a writing call says that the call was made", async () => {
  const list = writingToy("list", () => "Done.");
  const model = calling(add("milk"));
  model.script = async function* () {
    yield "";
    throw new ModelError("bad-key", "no");
  };
  await using bench = await openRealBench({ model, tools: [list] });
  await bench.say("one", "write down milk");
  expect(bench.platform.shown.at(-1)).toMatch(
    /^I'm not set up correctly.*\n\n\*\(This was done: write down milk\.\)\*$/su,
  );
});

test("Stop ends a writing call, and the answer says that its outcome is unknown", async () => {
  const begun = Promise.withResolvers<void>();
  const list = writingToy("list", (_, signal) => {
    begun.resolve();
    return new Promise((__, reject) => {
      signal.addEventListener("abort", () => reject(new Error("aborted")));
    });
  });
  await using bench = await openRealBench({ model: calling(add("milk")), tools: [list] });
  const said = bench.say("one", "write down milk");
  await begun.promise;
  await bench.accept(stopped());
  await said;
  await bench.settle();
  expect(bench.platform.shown).toEqual([
    "*(Stopped.)*\n\n*(I don't know if this was done. Please check: write down milk.)*",
  ]);
  expect(list.keys).toHaveLength(1);
});

test("an edit of the question does not interrupt a writing call; it is answered afterwards", async () => {
  const begun = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const list = writingToy("list", async ({ of }) => {
    begun.resolve();
    await released.promise;
    return `${String(of)} is on it.`;
  });
  const model = calling(add("milk"));
  await using bench = await openRealBench({ model, tools: [list] });
  const said = bench.say("one", "write down milk");
  await begun.promise;
  await bench.accept(edited("one", "write down milk, please"));
  released.resolve();
  await said;
  expect(model.prompts.map(({ calls = [] }) => calls.length)).toEqual([0, 1]);
  await bench.settle();
  expect(bench.platform.shown).toEqual(["milk is on it."]);
});

test("a message that arrives while a writing call's turn waits for the model does not repeat the call", async () => {
  const list = writingToy("list", ({ of }) => `${String(of)} is on it.`);
  const model = calling(add("milk"));
  const { script } = model;
  model.script = async function* () {
    yield "";
    throw new ModelError("unreachable", "away");
  };
  await using bench = await openRealBench({ model, tools: [list] });
  await bench.say("one", "write down milk");
  await bench.say("two", "and hello");
  expect(list.keys).toHaveLength(1);
  model.script = script;
  model.calls = () => [];
  await bench.schedule("fake:room:1");
  expect(bench.platform.shown[0]).toBe("milk is on it.");
  expect(list.keys).toHaveLength(1);
});

test("Stop ends a turn that waits for the model after a writing call, and the answer says what the call did", async () => {
  const list = writingToy("list", () => "Done.");
  const model = calling(add("milk"));
  model.script = async function* () {
    yield "";
    throw new ModelError("unreachable", "away");
  };
  await using bench = await openRealBench({ model, tools: [list] });
  await bench.say("one", "write down milk");
  await bench.take(stopped());
  expect(bench.platform.shown.at(-1)).toBe("*(Stopped.)*\n\n*(This was done: write down milk.)*");
  expect(list.keys).toHaveLength(1);
});

test("a question that was deleted while its writing call's turn waited for the model is removed after the answer", async () => {
  const list = writingToy("list", ({ of }) => `${String(of)} is on it.`);
  const model = calling(add("milk"));
  const { script } = model;
  model.script = async function* () {
    yield "";
    throw new ModelError("unreachable", "away");
  };
  await using bench = await openRealBench({ model, tools: [list] });
  await bench.say("one", "write down milk");
  await bench.take(deleted("one"));
  model.script = script;
  model.calls = () => [];
  const shown: string[] = [];
  bench.platform.before = (_what, post) => void shown.push(post?.text ?? "deleted");
  await bench.schedule("fake:room:1");
  expect(shown).toContain("milk is on it.");
  expect(bench.platform.shown).toEqual([]);
  expect((await bench.remembered())?.messages).toEqual([]);
  expect(list.keys).toHaveLength(1);
  const { turn } = await bench.stores.journal.claim("fake:room:1", "w", bench.signal);
  expect(turn).toBeUndefined();
});
