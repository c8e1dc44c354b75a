import { describe, expect, test } from "vitest";

import type { Attachment } from "../../../src/domain/message.ts";
import type { Platform } from "../../../src/ports/platform.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { deleted, edited, said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";

function file(id: string, more: Partial<Attachment> = {}): Attachment {
  return { name: `${id}.txt`, ref: { platform: "fake", id }, ...more };
}

function withFiles(id: string, text: string, attachments: readonly Attachment[]) {
  const { message, ...rest } = said(id, text);
  return { ...rest, message: { ...message, attachments } };
}

/** Files that the platform has: texts, bytes, or the error of their reading. */
async function openWithFiles(files: Readonly<Record<string, string | Uint8Array | PlatformError>>) {
  const read: string[] = [];
  const readFile: NonNullable<Platform["readFile"]> = async ({ id }) => {
    read.push(id);
    const found = files[id] ?? new PlatformError("gone", "no such file");
    if (found instanceof PlatformError) throw found;
    return Uint8Array.from(typeof found === "string" ? new TextEncoder().encode(found) : found);
  };
  const core = await openRealBench();
  Object.assign(core.platform, { readFile });
  return { core, read };
}

const asked = (core: RealBench) => core.model.prompts.at(-1)?.messages.at(-1)?.text ?? "";
const block = (id: string, text: string) => `[text of the file ${id}.txt]\n${text}\n[end of the file]`;

describe("a file whose text can be read", () => {
  test("is in the prompt and in memory with its message, and is read once", async () => {
    const { core, read } = await openWithFiles({ a: "The code is heron.", b: "Two." });
    await using _ = core;
    await core.take(withFiles("q", "What is in it?", [file("a"), file("b")]));
    const text = `What is in it?\n${block("a", "The code is heron.")}\n${block("b", "Two.")}`;
    expect(asked(core)).toContain(text);
    await core.say("r", "And?");
    expect(core.model.prompts.at(-1)?.messages[0]?.text).toContain(text);
    expect((await core.remembered())?.messages[0]).toMatchObject({ text });
    expect(read).toEqual(["a", "b"]);
  });

  test("stands alone where nothing was written with it", async () => {
    const { core } = await openWithFiles({ a: "One." });
    await using _ = core;
    await core.take(withFiles("q", "", [file("a")]));
    expect((await core.remembered())?.messages[0]).toMatchObject({ text: block("a", "One.") });
  });

  test("keeps its text when its message is edited, and loses it when it is removed from the message", async () => {
    const { core, read } = await openWithFiles({ a: "One.", b: "Two." });
    await using _ = core;
    const { replyTo } = said("q", "");
    await core.take(withFiles("q", "Look", [file("a"), file("b")]));
    await core.take({ ...edited("q", "See"), replyTo });
    expect((await core.remembered())?.messages[0]).toMatchObject({
      text: `See\n${block("a", "One.")}\n${block("b", "Two.")}`,
    });
    const before = core.model.prompts.length;
    await core.take({ ...edited("q", "See"), attachments: [file("b")], replyTo });
    expect((await core.remembered())?.messages[0]).toMatchObject({ text: `See\n${block("b", "Two.")}` });
    expect(core.model.prompts.length).toBe(before + 1);
    expect(asked(core)).not.toContain("One.");
    expect(read).toEqual(["a", "b"]);
  });

  test("is read when an edit adds it, and the question is answered again", async () => {
    const { core } = await openWithFiles({ a: "One." });
    await using _ = core;
    const { replyTo } = said("q", "");
    await core.say("q", "Look");
    await core.take({ ...edited("q", "Look"), attachments: [file("a")], replyTo });
    expect(asked(core)).toContain(`Look\n${block("a", "One.")}`);
  });

  test("goes from memory and from the file store with its message", async () => {
    const { core } = await openWithFiles({ a: "The code is heron." });
    await using _ = core;
    await core.take(withFiles("q", "Look", [file("a")]));
    await core.take(deleted("q"));
    await core.rest();
    expect(JSON.stringify(await core.remembered())).not.toContain("heron");
    expect(core.ports.files.contents.size).toBe(0);
  });

  test("goes from the file store when an edit removes it before its message is answered", async () => {
    const { core } = await openWithFiles({ a: "The code is heron." });
    await using _ = core;
    const { replyTo } = said("q", "");
    core.model.calls = () => {
      throw new ModelError("unreachable", "away");
    };
    await core.take(withFiles("q", "Look", [file("a")]));
    expect(core.ports.files.contents.size).toBe(1);
    core.model.calls = () => [];
    await core.accept({ ...edited("q", "Look"), attachments: [], replyTo });
    await core.rest();
    core.clock.pass(60_000);
    await core.schedule("fake:room:1");
    expect(asked(core)).toContain("Look");
    expect(asked(core)).not.toContain("heron");
    expect(core.ports.files.links.size).toBe(0);
  });

  test("of a quoted message is read too", async () => {
    const { core } = await openWithFiles({ a: "One." });
    await using _ = core;
    const { message, ...rest } = said("q", "What is this?");
    const quoted = { ...said("p", "Here").message, attachments: [file("a")] };
    await core.take({ ...rest, message: { ...message, quoted } });
    const shown = core.model.prompts
      .at(-1)
      ?.messages.map(({ text }) => text)
      .join("\n");
    expect(shown).toContain(`Here\n${block("a", "One.")}`);
  });

  test("is cut where its message has no more room", async () => {
    const { core } = await openWithFiles({ a: "x".repeat(50_000), b: "y".repeat(50_000) });
    await using _ = core;
    await core.take(withFiles("q", "Look", [file("a"), file("b")]));
    const [message] = (await core.remembered())?.messages ?? [];
    expect(message?.text.length).toBeGreaterThan(60_000);
    expect(message?.text.length).toBeLessThan(61_000);
    expect(message?.text).toMatch(/y\n\[the rest of the file is left out\]$/u);
  });

  test("is not read where the platform shows its text already", async () => {
    const { core, read } = await openWithFiles({ a: "One." });
    await using _ = core;
    await core.take(withFiles("q", "Look", [file("a", { isShown: true }), file("c", { unread: "empty" })]));
    expect(read).toEqual([]);
  });
});

describe("a file that can't be read", () => {
  test("is named with the reason, to the model and under the answer; the others are read", async () => {
    const { core } = await openWithFiles({
      a: "One.",
      b: new Uint8Array([0xff, 0xfe, 0xfd]),
      c: new PlatformError("forbidden", "no right"),
      d: new PlatformError("unreachable", "away"),
    });
    await using _ = core;
    const large = file("e", { sizeBytes: 30_000_000 });
    await core.take(withFiles("q", "Look", [file("a"), file("b"), file("c"), file("d"), large]));
    expect(asked(core)).toContain(block("a", "One."));
    expect(asked(core)).toContain("[file: c.txt, not read: I have no access to it]");
    expect(core.platform.shown.at(-1)).toMatch(
      new RegExp(
        [
          "",
          "",
          "\\*\\(I couldn't read `b.txt`: I can't read files of this type.\\)\\*",
          "\\*\\(I couldn't read `c.txt`: I have no access to it.\\)\\*",
          "\\*\\(I couldn't read `d.txt`: I can't get it at the moment.\\)\\*",
          "\\*\\(I couldn't read `e.txt`: it is too large.\\)\\*$",
        ].join("\n"),
        "u",
      ),
    );
  });

  test("because it was deleted is not promised for later", async () => {
    const { core } = await openWithFiles({});
    await using _ = core;
    await core.take(withFiles("q", "Look", [file("a")]));
    expect(core.platform.shown.at(-1)).toContain("*(I couldn't read `a.txt`: it is no longer there.)*");
  });

  test("is one of many: five are read, and the rest is told", async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `f${index}`);
    const { core, read } = await openWithFiles(Object.fromEntries(ids.map((id) => [id, "1"])));
    await using _ = core;
    await core.take(
      withFiles(
        "q",
        "Look",
        ids.map((id) => file(id)),
      ),
    );
    expect(read).toEqual(ids.slice(0, 5));
    expect(core.platform.shown.at(-1)).toContain("*(I couldn't read 2 more files.)*");
  });

  test("costs nothing but its line when nobody asked: the message is remembered", async () => {
    const { core } = await openWithFiles({});
    await using _ = core;
    await core.say("p", "Hello");
    await core.take({ ...withFiles("q", "Look", [file("a")]), addressing: "others" });
    expect((await core.remembered())?.messages.at(-1)).toMatchObject({
      text: "Look",
      attachments: [{ name: "a.txt", unread: "gone" }],
    });
    expect(core.platform.shown.at(-1)).not.toContain("couldn't read");
  });
});
