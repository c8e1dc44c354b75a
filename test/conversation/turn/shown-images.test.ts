import { describe, expect, test } from "vitest";

import type { Message, Attachment } from "../../../src/domain/message.ts";
import type { Platform } from "../../../src/ports/platform.ts";
import { deleted, said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { pngFile } from "../../support/files/image-files.ts";

function image(id: string): Attachment {
  return { name: `${id}.png`, ref: { platform: "fake", id } };
}

function withImages(id: string, text: string, ids: readonly string[], more: object = {}) {
  const { message, ...rest } = said(id, text, more);
  return { ...rest, message: { ...message, attachments: ids.map(image) } };
}

/** A platform whose files are images, or what the test puts in their place. */
async function openWithImages({ contextTokens = 4_000 } = {}) {
  const read: string[] = [];
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  const readFile: NonNullable<Platform["readFile"]> = async ({ id }) => {
    read.push(id);
    return new Uint8Array(contents.get(id) ?? pngFile(id.length * 10, 10));
  };
  const core = await openRealBench({ contextTokens });
  Object.assign(core.platform, { readFile });
  return { core, read, contents };
}

const shown = (core: RealBench) => core.model.prompts.at(-1)?.images.map(({ name }) => name) ?? [];
const asked = (core: RealBench) => core.model.prompts.at(-1)?.messages.at(-1)?.text ?? "";
const textOfPrompt = (core: RealBench) => JSON.stringify(core.model.prompts.at(-1)?.messages);

describe("an image that a person attaches", () => {
  test("is shown to the model with the question, and later prompts name it", async () => {
    const { core, read } = await openWithImages();
    await using _ = core;
    await core.take(withImages("q", "What is it?", ["a", "bb"]));
    expect(core.model.prompts.at(-1)?.images).toEqual([
      { name: "a.png", bytes: pngFile(10, 10).toString("latin1") },
      { name: "bb.png", bytes: pngFile(20, 10).toString("latin1") },
    ]);
    expect(asked(core)).toContain("What is it?\n[image: a.png]\n[image: bb.png]");
    expect((await core.remembered())?.messages[0]?.attachments).toMatchObject([
      { image: { mediaType: "image/png", width: 10, height: 10 } },
      { image: { width: 20 } },
    ]);
    await core.say("r", "And?");
    expect(shown(core)).toEqual([]);
    expect(textOfPrompt(core)).toContain("[image: a.png]");
    expect(core.platform.shown.join("\n")).not.toContain("couldn't read");
    // The second reading is from the store.
    expect(read).toEqual(["a", "bb"]);
  });

  test("is shown where the question quotes its message, and goes from the file store with that", async () => {
    const { core } = await openWithImages();
    await using _ = core;
    const { message, ...rest } = said("q", "What is this?");
    const quoted = { ...said("p", "Here").message, attachments: [image("a")] };
    await core.take({ ...rest, message: { ...message, quoted } });
    expect(shown(core)).toEqual(["a.png"]);
    expect(core.ports.files.contents.size).toBe(1);
    await core.take(deleted("quoted:p"));
    expect(core.ports.files.contents.size).toBe(0);
  });

  test("is shown again where a later question replies to its message", async () => {
    const { core } = await openWithImages();
    await using _ = core;
    await core.take(withImages("p", "Look", ["a"]));
    await core.say("o", "Something else");
    expect(shown(core)).toEqual([]);
    await core.take(said("q", "What is this?", { inReplyTo: "p" }));
    expect(shown(core)).toEqual(["a.png"]);
  });

  test("is shown with the first question after it, though nobody asked about it when it was posted", async () => {
    const { core } = await openWithImages();
    await using _ = core;
    await core.say("o", "Hello");
    await core.take(withImages("p", "Look", ["a"], { addressing: "others" }));
    await core.say("q", "What do you say?");
    expect(shown(core)).toEqual(["a.png"]);
  });

  test("is shown where it was there before the bot was called", async () => {
    const { core } = await openWithImages();
    await using _ = core;
    const earlier: Message = { ...said("p", "Look").message, attachments: [image("a")] };
    Object.assign(core.platform, { fetchHistory: async () => [earlier] });
    await core.say("q", "What is it?");
    expect(shown(core)).toEqual(["a.png"]);
  });

  test("is one of many: as many as fit are shown, the newest first, and the others are told", async () => {
    const { core } = await openWithImages();
    await using _ = core;
    await core.say("o", "Hello");
    await core.take(withImages("p", "Look", ["a", "b", "c"], { addressing: "others" }));
    await core.take(withImages("q", "And these?", ["d", "e", "f"]));
    expect(shown(core)).toEqual(["a", "b", "d", "e", "f"].map((id) => `${id}.png`));
    expect(textOfPrompt(core)).toContain(
      "[image: c.png, not read: these are more files than I read at once]",
    );
  });

  test("is left out where the model has no room for it, and people are told", async () => {
    const { core } = await openWithImages({ contextTokens: 800 });
    await using _ = core;
    const { countTokens } = core.model;
    Object.assign(core.model, {
      countTokens: (content: Parameters<typeof countTokens>[0]) =>
        countTokens(content) +
        (typeof content === "string" ? 0 : 300 * content.filter(({ kind }) => kind === "image").length),
    });
    await core.take(withImages("q", "What are they?", ["a", "b"]));
    expect(shown(core)).toEqual(["a.png"]);
    expect(core.platform.shown.at(-1)).toMatch(/couldn't read `b.png`: these are more files than I read/u);
  });

  test("is named to a model without sight, and people are told, also where that shows only in the answer", async () => {
    for (const isKnown of [true, false]) {
      const { core } = await openWithImages();
      await using _ = core;
      core.model.sees = !isKnown;
      core.model.script = async function* () {
        core.model.sees = false;
        yield "An answer";
      };
      await core.take(withImages("q", "What is it?", ["a"]));
      expect(shown(core)).toEqual(isKnown ? [] : ["a.png"]);
      expect(core.platform.shown.at(-1)).toBe(
        "An answer\n\n*(I couldn't read `a.png`: the model that I use can't see images.)*",
      );
      await core.say("r", "And now?");
      expect(core.platform.shown.at(-1)).toBe("An answer");
    }
  });

  test("that the model's server rejects is sent once in an answer, and people are told", async () => {
    const { core } = await openWithImages();
    await using _ = core;
    core.model.rejects.add("a.png");
    core.model.calls = () =>
      core.model.prompts.length === 1 ? [{ id: "c", name: "recall", argument: '{"search":"x"}' }] : [];
    core.model.script = async function* () {
      yield "An answer";
    };
    await core.take(withImages("q", "What are they?", ["a", "b"]));
    expect(core.model.prompts.map(({ images }) => images.map(({ name }) => name))).toEqual([
      ["a.png", "b.png"],
      ["b.png"],
    ]);
    expect(textOfPrompt(core)).toContain(
      "[image: a.png, not read: the provider of the model did not accept it]",
    );
    expect(core.platform.shown.at(-1)).toBe(
      "An answer\n\n*(I couldn't read `a.png`: the provider of the model did not accept it.)*",
    );
  });

  test("is not shown where its platform sends something else by now", async () => {
    const { core, contents } = await openWithImages();
    await using _ = core;
    await core.say("o", "Hello");
    await core.take(withImages("p", "Look", ["a"], { addressing: "others" }));
    contents.set("a", new TextEncoder().encode("<html>Sign in</html>"));
    core.ports.files.contents.clear();
    await core.say("q", "What is it?");
    expect(shown(core)).toEqual([]);
    expect(textOfPrompt(core)).toContain("[image: a.png, not read: it is damaged");
  });
});
