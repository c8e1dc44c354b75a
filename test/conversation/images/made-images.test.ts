import { expect, test } from "vitest";

import type { ToolCall } from "../../../src/domain/prompt.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { FakeImageMaker, imageBytes } from "../../support/core/fake-image-maker.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { againPress, command, deleted, reworded, stopped } from "../../support/core/inbounds.ts";
import { noLimits } from "../../support/core/no-limits.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { turnShown } from "../../support/core/again-bench.ts";

const { signal } = new AbortController();
const caption = "a fox in the snow";

/** A model that calls for images of these, and then says `text`. */
function drawing(descriptions: readonly string[], text = "Here you are."): ScriptedModel {
  const model = new ScriptedModel(async function* () {
    yield text;
  });
  const calls = descriptions.map((description, index): ToolCall => ({
    id: String(index),
    name: "make_image",
    argument: JSON.stringify({ description }),
  }));
  model.calls = ({ tools = [], calls: made = [] }) => (made.length > 0 || tools.length === 0 ? [] : calls);
  return model;
}

function ourPage(): FakePlatform {
  const platform = new FakePlatform();
  platform.isOurPage = true;
  return platform;
}

async function openBench(options: NonNullable<Parameters<typeof openRealBench>[0]> = {}) {
  const imageMaker = new FakeImageMaker();
  const bench = await openRealBench({ imageMaker, ...options });
  return Object.assign(bench, { imageMaker });
}

/** What memory knows of the last reply. */
async function lastReply(bench: RealBench) {
  const replies = (await bench.remembered())?.messages.filter(({ role }) => role !== "person") ?? [];
  return replies.at(-1);
}

/** The images of the replies that the file store keeps, as text. */
function keptImages({ ports: { files } }: RealBench): readonly string[] {
  return [...files.contents.values()].map(({ bytes }) => bytes.toString());
}

const madeFrom = (description: string): string => new TextDecoder().decode(imageBytes(description));

test.each(["imagine a fox in the snow", "/imagine a fox in the snow"])(
  "%s makes the image, which later prompts know",
  async (text) => {
    await using bench = await openBench();
    await bench.say("one", text);
    expect(bench.imageMaker.prompts).toEqual([caption]);
    expect(bench.platform.shown).toEqual([caption]);
    expect(bench.model.prompts).toEqual([]);
    await bench.say("two", "make it bluer");
    expect(JSON.stringify(bench.model.prompts)).toContain(
      "a fox in the snow\\n[image image-1.png, made from: a fox in the snow]",
    );
    expect(await bench.find("fox")).toHaveLength(0);
    await bench.file();
    expect((await bench.find("fox")).map(({ role }) => role)).toContain("bot");
  },
);

test("the reply is remembered with its image, whose bytes are stored", async () => {
  await using bench = await openBench();
  await bench.say("one", "imagine a fox in the snow");
  expect(await lastReply(bench)).toMatchObject({
    role: "bot",
    answers: ["one"],
    attachments: [{ name: "image-1.png", mediaType: "image/png", image: { width: 1_024, height: 1_024 } }],
  });
  expect(keptImages(bench)).toEqual([madeFrom(caption)]);
});

test.each([
  "imagine we had a million users",
  "imagine you're a lawyer",
  "imagine a world without cars. What changes?",
])("%s is a question for the model", async (text) => {
  await using bench = await openBench();
  await bench.say("one", text);
  expect(bench.imageMaker.prompts).toEqual([]);
  expect(bench.model.prompts).toHaveLength(1);
});

test("where no model makes images, nothing offers it", async () => {
  await using bench = await openRealBench();
  await bench.say("one", "imagine a fox in the snow");
  expect(bench.platform.shown).toEqual(["Answer to Ada: imagine a fox in the snow"]);
  expect(bench.model.prompts[0]?.tools?.map(({ name }) => name)).toEqual(["recall"]);
  await bench.order("help");
  expect(bench.platform.told.join()).not.toContain("imagine");
});

test("where a model makes images, the help has the command, and the model the tool", async () => {
  await using bench = await openBench();
  await bench.say("one", "hello");
  expect(bench.model.prompts[0]?.tools?.map(({ name }) => name)).toEqual(["recall", "make_image"]);
  await bench.order("help");
  expect(bench.platform.told.join()).toContain("`/imagine <description>`: Make an image");
});

test.each([
  ["a message", (bench: RealBench) => bench.say("one", "imagine")],
  ["a command", (bench: RealBench) => bench.order("imagine")],
])("without a description, %s gets a hint", async (_, ask) => {
  await using bench = await openBench();
  await ask(bench);
  const read = [...bench.platform.shown, ...bench.platform.told];
  expect(read).toEqual(["What should the image show? Example: `/imagine a fox in the snow`"]);
});

test("a slash command becomes a question of its person, who is told once it is answered", async () => {
  await using bench = await openBench();
  const replyTo = { platform: "fake", target: { room: "1" }, expiresAtMs: bench.clock.nowMs() + 60_000 };
  await bench.take({ ...command("imagine", caption), isOutside: true, replyTo });
  expect(bench.platform.shown).toEqual([caption]);
  expect(bench.platform.told).toEqual(["Posted for everyone here."]);
  const messages = (await bench.remembered())?.messages ?? [];
  expect(messages.map(({ role, text }) => [role, text.split("\n")[0]])).toEqual([
    ["person", "/imagine a fox in the snow"],
    ["bot", caption],
  ]);
});

test("a command in a conversation becomes a question there", async () => {
  await using bench = await openBench();
  await bench.order("imagine", caption);
  expect(bench.platform.shown).toEqual([caption]);
  await bench.order("imagine", "an owl");
  expect(bench.platform.shown).toEqual([caption, "an owl"]);
});

test("the model makes images for its answer, two at most", async () => {
  await using bench = await openBench({ model: drawing(["a fox", "an owl", "a bear"]) });
  await bench.say("one", "draw some animals");
  expect(bench.imageMaker.prompts).toEqual(["a fox", "an owl"]);
  const reply = await lastReply(bench);
  expect(reply?.attachments.map(({ name }) => name)).toEqual(["image-1.png", "image-2.png"]);
  expect(reply?.text).toBe(
    "Here you are.\n[image image-1.png, made from: a fox]\n[image image-2.png, made from: an owl]",
  );
  expect(bench.model.prompts.at(-1)?.calls?.map(({ result }) => result)).toEqual([
    "The image is made, and stands under your answer as image-1.png.",
    "The image is made, and stands under your answer as image-2.png.",
    expect.stringContaining("no more images"),
  ]);
});

test("an answer that is nothing but an image says what it shows", async () => {
  const model = drawing(["a *fox*"], "");
  // As the adapters do.
  model.script = () => {
    throw new ModelError("empty", "The answer has no visible text");
  };
  await using bench = await openBench({ model });
  await bench.say("one", "draw a fox");
  expect(bench.platform.shown).toEqual([String.raw`a \*fox\*`]);
});

test.each([
  ["refused", "The image service declined to make that. Try describing it differently."],
  ["unreachable", "I couldn't make that image right now. Please try again in a few minutes."],
  [
    "bad-key",
    "I can't make images right now: my image service isn't set up correctly. Please tell your admin.",
  ],
] as const)("a failure is told in one line: %s", async (kind, line) => {
  await using bench = await openBench();
  bench.imageMaker.answer = () => {
    throw new ModelError(kind, "no");
  };
  await bench.say("one", "imagine a fox in the snow");
  expect(bench.platform.shown).toEqual([expect.stringContaining(line)]);
  expect(await lastReply(bench)).toMatchObject({ role: "notice", attachments: [] });
  bench.imageMaker.answer = () => undefined;
  await bench.take(againPress("regenerate", turnShown(bench)));
  expect(bench.platform.shown).toEqual([caption]);
});

test("the model is told of a failure, and answers", async () => {
  await using bench = await openBench({ model: drawing(["a fox"], "I can't draw that.") });
  bench.imageMaker.answer = () => {
    throw new ModelError("refused", "no");
  };
  await bench.say("one", "draw a fox");
  expect(bench.model.prompts.at(-1)?.calls?.[0]?.result).toContain("rules do not allow");
  expect(bench.platform.shown).toEqual(["I can't draw that."]);
});

test("images count against their own limit, and the tokens of the provider against those", async () => {
  const limits = { ...noLimits, personImages: 1, personTokens: 100_000 };
  await using bench = await openBench({ limits });
  await bench.say("one", "imagine a fox");
  await bench.say("two", "imagine an owl");
  expect(bench.imageMaker.prompts).toEqual(["a fox"]);
  expect(bench.platform.shown.at(-1)).toContain("You've reached your daily limit of images.");
  await bench.say("three", "hello");
  expect(bench.platform.shown.at(-1)).toBe("Answer to Ada: hello");
});

test("what a failed image did not cost can be spent again", async () => {
  await using bench = await openBench({ limits: { ...noLimits, personImages: 1, personTurns: 1 } });
  bench.imageMaker.answer = () => {
    throw new ModelError("unreachable", "no");
  };
  await bench.say("one", "imagine a fox");
  bench.imageMaker.answer = () => undefined;
  await bench.say("two", "imagine an owl");
  expect(bench.platform.shown.at(-1)).toBe("an owl");
});

test("the model is told when a limit of images is reached", async () => {
  const limits = { ...noLimits, personImages: 1 };
  await using bench = await openBench({ limits, model: drawing(["a fox", "an owl"]) });
  await bench.say("one", "draw two animals");
  expect(bench.model.prompts.at(-1)?.calls?.[1]?.result).toContain("daily limit of images");
  expect((await lastReply(bench))?.attachments).toHaveLength(1);
});

test.each([
  ["by the command", "imagine a fox", new ScriptedModel()],
  ["by the model", "draw a fox", drawing(["a fox"])],
])("Stop ends the making of an image %s, and the request with it", async (_, text, model) => {
  await using bench = await openBench({ model });
  const aborted = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  bench.imageMaker.answer = (_prompt, making) =>
    new Promise((_resolve, reject) => {
      making.addEventListener("abort", () => {
        aborted.resolve();
        reject(making.reason);
      });
      begun.resolve();
    });
  const answering = bench.say("one", text);
  await begun.promise;
  await bench.accept(stopped());
  await aborted.promise;
  await answering;
  await bench.settle();
  expect(bench.platform.shown).toEqual(["*(Stopped.)*"]);
  expect(keptImages(bench)).toEqual([]);
});

test("an edited order makes another image in its place, and the old one goes", async () => {
  await using bench = await openBench({ platform: ourPage() });
  await bench.say("one", "/imagine a fox");
  await bench.take(reworded("one", "/imagine an owl"));
  expect(bench.platform.shown).toEqual(["an owl"]);
  expect(keptImages(bench)).toEqual([madeFrom("an owl")]);
  expect(await bench.known()).not.toContain("fox");
});

test("Regenerate makes the image again", async () => {
  await using bench = await openBench({ platform: ourPage() });
  await bench.say("one", "/imagine a fox");
  await bench.take(againPress("regenerate", turnShown(bench)));
  expect(bench.imageMaker.prompts).toEqual(["a fox", "a fox"]);
  expect((await lastReply(bench))?.attachments).toHaveLength(1);
  expect(keptImages(bench)).toEqual([madeFrom("a fox")]);
});

test("a failed Regenerate leaves the old image", async () => {
  await using bench = await openBench({ platform: ourPage() });
  await bench.say("one", "/imagine a fox");
  const before = await lastReply(bench);
  bench.imageMaker.answer = () => {
    throw new ModelError("unreachable", "no");
  };
  await bench.take(againPress("regenerate", turnShown(bench)));
  expect(await lastReply(bench)).toEqual(before);
  expect(bench.platform.shown).toEqual(["a fox"]);
  expect(keptImages(bench)).toEqual([madeFrom("a fox")]);
});

test.each([
  ["the question is deleted", async (bench: RealBench) => bench.take(deleted("one"))],
  [
    "the person is forgotten",
    async (bench: RealBench) => {
      await bench.order("forget", "me yes");
      await bench.rest();
    },
  ],
  ["the conversation is forgotten", async (bench: RealBench) => bench.order("forget", "this yes")],
])("the bytes and every word of an image go when %s", async (_, forget) => {
  await using bench = await openBench({ platform: ourPage(), forgetUndoHours: 0 });
  await bench.say("one", "/imagine a fox");
  expect(keptImages(bench)).toHaveLength(1);
  await forget(bench);
  await bench.rest();
  expect(keptImages(bench)).toEqual([]);
  expect(await bench.known()).not.toContain("fox");
  expect(await bench.find("fox")).toEqual([]);
});

test.each([
  ["our page keeps an image", ourPage(), 1],
  ["the store drops an image that its platform has", new FakePlatform(), 0],
])("after an hour %s", async (_, platform, count) => {
  await using bench = await openBench({ platform });
  await bench.say("one", "/imagine a fox");
  await bench.file();
  await bench.ports.files.sweep(bench.clock.nowMs() + 2 * 3_600_000, signal);
  expect(keptImages(bench)).toHaveLength(count);
});
