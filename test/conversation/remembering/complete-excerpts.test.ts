import { describe, expect, test } from "vitest";

import { excerptBlock } from "../../../src/domain/excerpt.ts";
import type { FileRef } from "../../../src/domain/file-ref.ts";
import { ModelError } from "../../../src/ports/model.ts";
import type { Platform } from "../../../src/ports/platform.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { deleted, edited, erased, said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";

const whole = "x = 1\r\ny = 2\r\nz = 3\r\n";
const file = (id: string) => ({ name: `${id}.py`, ref: { platform: "fake", id }, isCut: true as const });

/** A message that shows the beginnings of files, in order. */
function cut(id: string, ...shown: readonly (readonly [FileRef["id"], string])[]) {
  const { message, ...rest } = said(
    id,
    ["Look:", ...shown.map(([, text]) => excerptBlock(text, true))].join("\n"),
  );
  return { ...rest, message: { ...message, attachments: shown.map(([each]) => file(each)) } };
}

/** Files that the platform has. Reading any other fails. */
async function openWithFiles(files: Readonly<Record<string, string>>) {
  const read: string[] = [];
  const readFile: NonNullable<Platform["readFile"]> = async ({ id }, maxBytes) => {
    read.push(id);
    const bytes = new TextEncoder().encode(files[id] ?? "");
    if (bytes.length === 0 || bytes.length > maxBytes) throw new PlatformError("rejected", "too large");
    return bytes;
  };
  const core = await openRealBench();
  Object.assign(core.platform, { readFile });
  return { core, read };
}

const asked = (core: RealBench) => core.model.prompts.at(-1)?.messages.at(-1)?.text;

describe("a text file of which the platform shows only the beginning", () => {
  test("is read completely before the answer, and remembered completely", async () => {
    const { core, read } = await openWithFiles({ a: whole });
    await using _ = core;
    await core.take(cut("q", ["a", "x = 1"]));
    const text = "Look:\n[snippet]\n```\nx = 1\ny = 2\nz = 3\n```";
    expect(asked(core)).toContain(text);
    expect((await core.remembered())?.messages[0]).toMatchObject({ text });
    await core.say("r", "And?");
    expect(core.model.prompts.at(-1)?.messages[0]?.text).toContain(text);
    expect(read).toEqual(["a"]);
  });

  test("stays cut if it can't be read or begins otherwise; others are completed", async () => {
    const { core } = await openWithFiles({ b: "else", c: "1\n2\n3", d: "x".repeat(70_000) });
    await using _ = core;
    await core.take(cut("q", ["gone", "x"], ["b", "other"], ["c", "1\n2"], ["d", "xx"]));
    expect(asked(core)).toContain(
      [
        "Look:",
        "[snippet]\n```\nx\n[…]\n```",
        "[snippet]\n```\nother\n[…]\n```",
        "[snippet]\n```\n1\n2\n3\n```",
        "[snippet]\n```\nxx\n[…]\n```",
      ].join("\n"),
    );
  });

  test("is one of at most five that a turn reads", async () => {
    const ids = ["a", "b", "c", "d", "e", "f", "g"];
    const { core, read } = await openWithFiles(Object.fromEntries(ids.map((id) => [id, whole])));
    await using _ = core;
    await core.take(cut("q", ...ids.map((id) => [id, "x = 1"] as const)));
    expect(read).toEqual(ids.slice(0, 5));
    expect((await core.remembered())?.messages[0]?.text.split("z = 3")).toHaveLength(6);
    expect(core.ports.files.contents.size).toBe(1);
  });

  test("is not read again when the turn is retried", async () => {
    const { core, read } = await openWithFiles({ a: whole });
    await using _ = core;
    const { script } = core.model;
    core.model.script = async function* () {
      yield* [];
      throw new ModelError("unreachable", "away");
    };
    await core.take(cut("q", ["a", "x = 1"]));
    core.model.script = script;
    core.clock.pass(600_000);
    await core.schedule("fake:room:1");
    expect(core.platform.shown.at(-1)).toContain("z = 3");
    expect(read).toEqual(["a"]);
  });

  test("is read from the platform while the file store is unavailable", async () => {
    const { core, read } = await openWithFiles({ a: whole });
    await using _ = core;
    core.ports.files.isAway = true;
    await core.take(cut("q", ["a", "x = 1"]));
    expect(asked(core)).toContain("z = 3");
    expect(read).toEqual(["a"]);
  });

  const erasures: readonly (readonly [string, (core: RealBench) => Promise<void>])[] = [
    ["is deleted", (core) => core.take(deleted("q"))],
    ["is erased with its author", (core) => core.order("forget", "me yes")],
    ["is erased with its conversation", (core) => core.order("forget", "this yes")],
  ];
  test.each(erasures)("is removed from the store when its message %s", async (_title, erase) => {
    const { core } = await openWithFiles({ a: whole });
    await using _ = core;
    await core.take(cut("q", ["a", "x = 1"]));
    const { files } = core.ports;
    expect([files.links.size, files.contents.size]).toEqual([1, 1]);
    // An erasure waits until the store is back.
    files.isAway = true;
    await erase(core);
    await expect(core.rest()).rejects.toThrow("away");
    files.isAway = false;
    // A request that failed is carried out again once its hold has ended.
    core.clock.pass(180_000);
    await core.rest();
    expect([files.links.size, files.contents.size]).toEqual([0, 0]);
  });

  test("is removed from the store after an hour", async () => {
    const { core } = await openWithFiles({ a: whole });
    await using _ = core;
    await core.take(cut("q", ["a", "x = 1"]));
    core.clock.pass(7_200_000);
    await core.chore("files");
    expect(core.ports.files.links.size).toBe(0);
  });

  test("is read again when its message is edited, and the answer is made again from all of it", async () => {
    const files: Record<string, string> = { a: whole };
    const { core, read } = await openWithFiles(files);
    await using _ = core;
    await core.take(cut("q", ["a", "x = 1"]));
    files["a"] = "x = 1\ny = 5";
    const edit = edited("q", `See:\n${excerptBlock("x = 1", true)}`);
    await core.take({ ...edit, replyTo: cut("q").replyTo });
    const text = "See:\n[snippet]\n```\nx = 1\ny = 5\n```";
    expect((await core.remembered())?.messages[0]).toMatchObject({ text });
    expect(core.platform.shown.at(-1)).toContain("y = 5");
    expect(read).toEqual(["a", "a"]);
    // The old content is gone from the store within a sweep, like all that nothing names any more.
    core.clock.pass(7_200_000);
    await core.chore("files");
    expect(core.ports.files.contents.size).toBe(0);
  });

  test.each([
    ["its message is deleted", deleted("q")],
    ["its conversation is deleted", erased()],
  ])("is removed from the store when %s before the answer", async (_title, deletion) => {
    const { core } = await openWithFiles({ a: whole });
    await using _ = core;
    core.model.script = async function* () {
      yield* [];
      throw new ModelError("unreachable", "away");
    };
    await core.take(cut("q", ["a", "x = 1"]));
    expect(core.ports.files.contents.size).toBe(1);
    await core.take(deletion);
    expect(core.ports.files.contents.size).toBe(0);
  });
});
