import { describe, expect, test } from "vitest";

import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import { openReplicas } from "../../support/web/open-replicas.ts";
import { openChat } from "../../support/web/open-chat.ts";
import { connectWeb, type WebClient } from "../../support/web/web-client.ts";

const within = (): AbortSignal => AbortSignal.timeout(10_000);
const markdown = "text/markdown; charset=utf-8";

async function personOn(url: string): Promise<{ page: WebClient; to: ReplyAddress }> {
  const page = await connectWeb(url);
  const { user } = await page.until("welcome");
  return { page, to: { platform: "web", target: { user, conversation: "c1" } } };
}

/** The files as a page puts them together. */
function filesOf(page: WebClient): readonly { readonly name: string; readonly text: string }[] {
  const files = new Map<string, { name: string; text: string; parts: number; got: number }>();
  for (const { file, name, text, part, parts } of page.of("file")) {
    const known = files.get(file) ?? { name, text: "", parts, got: 0 };
    expect(part).toBe(known.got);
    files.set(file, { ...known, text: known.text + text, got: known.got + 1 });
  }
  return [...files.values()]
    .filter(({ got, parts }) => got === parts)
    .map(({ name, text }) => ({ name, text }));
}

describe("a file for a person", () => {
  test("comes behind the line about it, to the pages of the person alone", async () => {
    await using chat = await openChat();
    const { page, to } = await personOn(chat.url);
    const { page: other } = await personOn(chat.url);
    const files = [
      { name: "talk.md", mediaType: markdown, text: "# Talk\n" },
      { name: "empty.json", mediaType: "application/json", text: "" },
    ];
    await chat.web.sendFilesPrivately(to, { text: "Here it is.", files }, within());
    await page.until("file", 2);
    expect(page.frames.slice(1)).toEqual([
      { type: "notice", conversation: "c1", text: "Here it is." },
      {
        type: "file",
        conversation: "c1",
        name: "talk.md",
        mediaType: markdown,
        file: expect.any(String),
        part: 0,
        parts: 1,
        text: "# Talk\n",
      },
      expect.objectContaining({ type: "file", name: "empty.json", text: "" }),
    ]);
    other.send({ type: "list" });
    await other.until("welcome", 2);
    expect(other.frames.map(({ type }) => type)).toEqual(["welcome", "welcome"]);
  });

  test("of many megabytes arrives whole on every replica, in pieces that hold nothing else up", async () => {
    await using replicas = openReplicas();
    const [a, b, c] = [await replicas.open(), await replicas.open(), await replicas.open()];
    replicas.wire.delayMs = 0;
    const { page, to } = await personOn(a.url);
    await using alsoHere = await connectWeb(b.url, { cookie: page.cookie });
    await alsoHere.until("welcome");
    const text = "Grüße 👋 from the archive\n".repeat(240_000);
    await c.web.sendFilesPrivately(
      to,
      { text: "All of it.", files: [{ name: "all.md", mediaType: markdown, text }] },
      within(),
    );
    for (const each of [page, alsoHere]) {
      await expect.poll(() => filesOf(each).length, { timeout: 20_000 }).toBe(1);
      expect(filesOf(each)[0]?.text === text).toBe(true);
    }
    expect(Math.max(...replicas.wire.sent.map(({ length }) => length))).toBeLessThan(200_000);
  });

  test("is read again where the store does not answer for a while", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await personOn(a.url);
    const text = "0123456789".repeat(20_000);
    const files = [{ name: "all.md", mediaType: markdown, text }];
    replicas.wire.delayMs = 200;
    await b.web.sendFilesPrivately(to, { text: "All of it.", files }, within());
    replicas.files.isAway = true;
    await expect.poll(() => replicas.files.failures).toBe(1);
    expect(page.of("file")).toEqual([]);
    replicas.files.isAway = false;
    await expect.poll(() => filesOf(page), { timeout: 15_000 }).toEqual([{ name: "all.md", text }]);
  });

  test("that is gone before it is read is said to be lost, where a page waits for it", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await personOn(a.url);
    replicas.wire.delayMs = 200;
    const files = [{ name: "all.md", mediaType: markdown, text: "x".repeat(200_000) }];
    await b.web.sendFilesPrivately(to, { text: "All of it.", files }, within());
    // As `/forget` does.
    const { user, conversation } = to.target;
    const all = { revision: 1, kind: "all", beforeOrdinal: 9 } as const;
    await replicas.files.erase(`web:${user}:${conversation}`, [all], within());
    expect((await page.until("notice", 2)).text).toContain("I couldn't send you the file `all.md`");
    expect(page.of("file")).toEqual([]);
  });

  test("that can't be stored is refused, and nothing is announced", async () => {
    await using replicas = openReplicas();
    const a = await replicas.open();
    const { page, to } = await personOn(a.url);
    replicas.files.isAway = true;
    const files = [{ name: "all.md", mediaType: markdown, text: "x".repeat(200_000) }];
    const sending = a.web.sendFilesPrivately(to, { text: "All of it.", files }, within());
    await expect(sending).rejects.toMatchObject({ name: "PlatformError", kind: "unreachable" });
    page.send({ type: "list" });
    await page.until("welcome", 2);
    expect(page.of("notice")).toEqual([]);
  });
});
