import { describe, expect, test } from "vitest";

import { allTools } from "../../../src/conversation/all-tools.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import {
  answerPress,
  command,
  deleted,
  edited,
  erased,
  reworded,
  said,
  stopped,
} from "../../support/core/inbounds.ts";
import { add, buttons, openAsking, requestIn } from "../../support/core/open-asking.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { writingToy } from "../../support/core/toy-tools.ts";

const here = "fake:room:1";
const minuteMs = 60_000;
const over = "This request is no longer open, so your press changed nothing.";

const dueNow = async ({ stores, clock, signal }: RealBench) => stores.inbox.due(clock.nowMs(), signal);

describe("a call that needs approval", () => {
  test("is shown with two buttons, and waits without being due", async () => {
    await using asking = await openAsking();
    const { bench, list, model } = asking;
    await bench.say("one", "write down milk");
    expect(bench.platform.shown).toEqual(["**May I write down milk?**"]);
    expect(buttons(bench).map(([id]) => id)).toEqual(["approve", "decline"]);
    expect(list.keys).toEqual([]);
    expect(await dueNow(bench)).toEqual([]);
    const { edits } = bench.platform.posts[0] ?? {};
    for (let look = 0; look < 6; look += 1) {
      bench.clock.pass(minuteMs + 1_000);
      expect(await dueNow(bench)).toEqual([here]);
      await bench.schedule(here);
      expect(await dueNow(bench)).toEqual([]);
    }
    expect(bench.platform.posts).toMatchObject([{ edits }]);
    expect(model.prompts).toHaveLength(1);
  });

  test("is made once when the person approves, however often they press", async () => {
    await using asking = await openAsking();
    const { bench, list, model } = asking;
    await bench.say("one", "write down milk");
    const request = requestIn(bench);
    await bench.accept(answerPress("approve", request));
    await bench.accept(answerPress("approve", request));
    await bench.settle();
    expect(bench.platform.shown).toEqual(["milk is on it."]);
    expect(bench.platform.posts).toHaveLength(1);
    expect(buttons(bench)).toEqual([]);
    expect(list.keys).toHaveLength(1);
    expect(model.prompts).toHaveLength(2);
    expect(bench.platform.told).toEqual([]);
    await bench.take(answerPress("decline", request));
    expect(bench.platform.told).toEqual([over]);
    expect(bench.platform.shown).toEqual(["milk is on it."]);
  });

  test("suspends the work that people see, until the press", async () => {
    await using asking = await openAsking();
    const { bench } = asking;
    const seen: string[] = [];
    Object.assign(bench.platform, {
      showWorking: async () => void seen.push("works"),
      showRest: async (_to: unknown, { isAsking }: { readonly isAsking: boolean }) =>
        void seen.push(isAsking ? "asks" : "rests"),
    });
    await bench.say("one", "write down milk");
    expect(seen).toEqual(["works", "asks"]);
    await bench.take(answerPress("approve", requestIn(bench)));
    expect(seen).toEqual(["works", "asks", "works", "rests"]);
  });

  test("loses its buttons while it is made", async () => {
    const platform = new FakePlatform();
    const seen: (readonly [string | undefined, unknown])[] = [];
    const list = writingToy(
      "list",
      () => {
        const { post } = platform.posts[0] ?? {};
        seen.push([post?.text, post?.actions]);
        return "Done.";
      },
      { needsApproval: () => true },
    );
    const model = new ScriptedModel();
    model.calls = ({ calls = [] }) => (calls.length === 0 ? [add("milk")] : []);
    await using bench = await openRealBench({ model, tools: [list], platform });
    await bench.say("one", "write down milk");
    await bench.take(answerPress("approve", requestIn(bench)));
    expect(seen).toEqual([["_Approved: write down milk._", undefined]]);
  });

  test("is not made when the person declines, and the model gets the refusal", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    const request = requestIn(bench);
    await bench.take(answerPress("decline", request));
    expect(bench.platform.shown).toEqual([expect.stringContaining("The person declined this")]);
    await bench.take(answerPress("approve", request));
    expect(bench.platform.told).toEqual([over]);
    expect(list.keys).toEqual([]);
    expect((await bench.remembered())?.messages.at(-1)?.text).toContain("declined");
  });

  test("accepts only the asker's decision", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    await bench.take(answerPress("approve", requestIn(bench), "bob"));
    expect(bench.platform.told).toEqual(["Only the person who asked me can approve or decline this."]);
    expect(list.keys).toEqual([]);
    await bench.take(answerPress("approve", requestIn(bench)));
    expect(list.keys).toHaveLength(1);
  });

  test("expires after a quarter of an hour, and a later press changes nothing", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    const request = requestIn(bench);
    bench.clock.pass(14 * minuteMs);
    await bench.schedule(here);
    expect(requestIn(bench)).toBe(request);
    bench.clock.pass(2 * minuteMs);
    await bench.accept(answerPress("approve", request));
    await bench.schedule(here);
    expect(bench.platform.shown).toEqual([expect.stringContaining("Nobody approved this in time")]);
    expect(bench.platform.told).toEqual([over]);
    expect(list.keys).toEqual([]);
  });

  test("counts a press that was accepted in time, but planned too late", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    await bench.accept(answerPress("approve", requestIn(bench)));
    bench.clock.pass(20 * minuteMs);
    await bench.settle();
    expect(list.keys).toHaveLength(1);
  });

  test("is requested for two calls of a round, one after the other", async () => {
    await using asking = await openAsking([add("milk"), add("eggs")]);
    const { bench, list } = asking;
    await bench.say("one", "write down milk and eggs");
    const first = requestIn(bench);
    await bench.take(answerPress("approve", first));
    expect(bench.platform.shown).toEqual(["**May I write down eggs?**"]);
    expect(requestIn(bench)).not.toBe(first);
    expect(list.keys).toHaveLength(1);
    await bench.take(answerPress("decline", requestIn(bench)));
    expect(bench.platform.shown).toEqual([expect.stringMatching(/^milk is on it\. The person declined/u)]);
    expect(list.keys).toHaveLength(1);
  });

  test("still waits if the process dies before the request is shown, and is requested once", async () => {
    await using asking = await openAsking();
    const { bench, model } = asking;
    bench.platform.before = (_what, post) => {
      if (post?.actions !== undefined) throw new Error("the process dies here");
    };
    await bench.say("one", "write down milk");
    expect(buttons(bench)).toEqual([]);
    bench.platform.before = () => undefined;
    bench.clock.pass(minuteMs);
    await bench.schedule(here);
    expect(bench.platform.shown).toEqual(["**May I write down milk?**"]);
    expect(model.prompts).toHaveLength(1);
  });
});

test("a Stop that names another turn leaves a request open", async () => {
  await using asking = await openAsking();
  const { bench, list } = asking;
  await bench.say("zero", "hello");
  await bench.say("one", "write down milk");
  const turnOfPost = (index: number) => ({ turn: bench.platform.posts[index]?.post.turn ?? "none" });
  const request = requestIn(bench);
  await bench.take(stopped(turnOfPost(0)));
  expect(requestIn(bench)).toBe(request);
  await bench.take(answerPress("approve", request));
  expect(list.keys).toHaveLength(1);
  await bench.say("two", "write down milk");
  await bench.take(stopped(turnOfPost(2)));
  expect(bench.platform.shown.at(-1)).toBe("*(Stopped.)*");
});

describe("an open request is withdrawn", () => {
  test.each<[string, readonly Inbound[], readonly string[]]>([
    ["by Stop", [stopped()], ["*(Stopped.)*"]],
    ["by a deletion of the question", [deleted("one")], []],
    ["by the deletion of the conversation", [erased()], []],
    ["by /reset", [command("reset")], []],
    ["by an edit of the question", [edited("one", "hello")], ["Answer to Ada: hello"]],
  ])("%s; a late press changes nothing", async (_, inbounds, shown) => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    const request = requestIn(bench);
    for (const inbound of inbounds) await bench.accept(inbound);
    // Accepted after it, before a turn has seen it.
    await bench.accept(answerPress("approve", request));
    await bench.settle();
    expect(bench.platform.shown).toEqual(shown);
    expect(buttons(bench)).toEqual([]);
    expect(bench.platform.told.at(0)).toBe(over);
    expect(list.keys).toEqual([]);
  });

  test("by an edit after which the model asks again, under another id", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    const request = requestIn(bench);
    await bench.take(edited("one", "write down milk, please"));
    expect(requestIn(bench)).not.toBe(request);
    await bench.take(answerPress("approve", request));
    expect(bench.platform.told).toEqual([over]);
    expect(list.keys).toEqual([]);
    await bench.take(answerPress("approve", requestIn(bench)));
    expect(list.keys).toHaveLength(1);
    expect(bench.platform.shown).toEqual(["milk is on it."]);
  });

  test("by the deletion of an earlier message, which disappears at once", async () => {
    await using asking = await openAsking();
    const { bench } = asking;
    await bench.say("zero", "my secret is 4711");
    await bench.say("one", "write down milk");
    const request = requestIn(bench);
    await bench.take(deleted("zero"));
    expect(await bench.holds("zero")).toBe(false);
    expect(requestIn(bench)).not.toBe(request);
    expect(bench.platform.shown).toEqual(["**May I write down milk?**"]);
  });

  test("by the next question, and both are answered", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    const request = requestIn(bench);
    await bench.say("two", "hello", { by: "bob" });
    expect(bench.platform.shown).toEqual([
      expect.stringContaining("people wrote on before the button was pressed"),
      "Answer to Bob: hello",
    ]);
    await bench.take(answerPress("approve", request));
    expect(bench.platform.told).toEqual([over]);
    expect(list.keys).toEqual([]);
  });

  test("by an edit after a first call was made: the old question is answered, and then the new one", async () => {
    await using asking = await openAsking([add("milk"), add("eggs")]);
    const { bench, list, model } = asking;
    await bench.say("one", "write down milk and eggs");
    await bench.take(answerPress("approve", requestIn(bench)));
    const seen: string[] = [];
    bench.platform.before = (_what, post) => void seen.push(post?.text ?? "");
    await bench.take(reworded("one", "hello"));
    expect(list.keys).toHaveLength(1);
    expect(seen).toContainEqual(
      expect.stringMatching(/^milk is on it\. Nobody approved this: people wrote on/u),
    );
    expect(model.prompts.map(({ messages }) => messages.at(-1)?.text)).toEqual([
      "Ada: write down milk and eggs",
      "Ada: write down milk and eggs",
      "Ada: hello",
    ]);
    expect(bench.platform.shown).toEqual(["Answer to Ada: hello"]);
    expect(buttons(bench)).toEqual([]);
  });
});

test("messages between people leave a request open, and are remembered after the answer", async () => {
  await using asking = await openAsking();
  const { bench, list } = asking;
  await bench.take(said("zero", "hi all", { by: "bob", addressing: "open" }));
  await bench.say("one", "write down milk");
  const request = requestIn(bench);
  const { edits } = bench.platform.posts.at(-1) ?? {};
  await bench.take(said("two", "lunch?", { by: "bob", addressing: "open" }));
  expect(requestIn(bench)).toBe(request);
  expect(bench.platform.posts.at(-1)).toMatchObject({ edits });
  await bench.take(answerPress("approve", request));
  expect(list.keys).toHaveLength(1);
  expect(await bench.holds("two")).toBe(true);
});

test("many messages between people withdraw a request, since a press must fit into what a turn reads", async () => {
  await using asking = await openAsking();
  const { bench, list } = asking;
  await bench.take(said("zero", "hi all", { by: "bob", addressing: "open" }));
  await bench.say("one", "write down milk");
  for (let index = 0; index < 160; index += 1)
    await bench.accept(said(`talk${index}`, "lunch?", { by: "bob", addressing: "open" }));
  await bench.settle();
  expect(bench.platform.shown).toEqual([expect.stringContaining("people wrote on")]);
  expect(list.keys).toEqual([]);
  expect(await bench.holds("talk159")).toBe(true);
});

test("a request is withdrawn with a message of another conversation that it was made from", async () => {
  const elsewhere = { conversation: "fake:room:2" } as const;
  const model = new ScriptedModel(async function* ({ calls = [] }) {
    yield calls.length === 0 ? "Noted." : calls.map(({ result }) => result).join(" ");
  });
  model.calls = ({ calls = [], messages }) => {
    if (messages.at(-1)?.text.includes("harbour code?") !== true) return [];
    if (calls.length === 0) return [{ id: "1", name: "recall", argument: '{"words":"harbour"}' }];
    return calls.length === 1 && calls[0]?.result.includes("4711") === true ? [add("4711")] : [];
  };
  const list = writingToy("list", () => "Done.", { needsApproval: () => true });
  await using bench = await openRealBench({ model, tools: [...allTools, list] });
  await bench.say("secret", "the harbour code is 4711", elsewhere);
  await bench.file();
  await bench.say("one", "what is the harbour code?");
  expect(bench.platform.shown.at(-1)).toBe("**May I write down 4711?**");
  const request = requestIn(bench);
  await bench.take({ ...deleted("secret"), ...elsewhere });
  await bench.file();
  bench.clock.pass(minuteMs + 1_000);
  expect(await dueNow(bench)).toEqual([here]);
  await bench.schedule(here);
  expect(bench.platform.shown.at(-1)).toContain("Nothing was found.");
  await bench.take(answerPress("approve", request));
  expect(bench.platform.told).toEqual([over]);
  expect(list.keys).toEqual([]);
});
