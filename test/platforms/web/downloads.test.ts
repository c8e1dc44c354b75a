import { describe, expect, test } from "vitest";

import { FileStoreError } from "../../../src/ports/file-store.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import { openReplicas } from "../../support/web/open-replicas.ts";
import { openChat } from "../../support/web/open-chat.ts";
import { connectWeb, type WebClient } from "../../support/web/web-client.ts";

const within = (): AbortSignal => AbortSignal.timeout(600_000);
const markdown = "text/markdown; charset=utf-8";

async function personOn(url: string): Promise<{ page: WebClient; to: ReplyAddress; user: string }> {
  const page = await connectWeb(url);
  const { user } = await page.until("welcome");
  return { page, user, to: { platform: "web", target: { user, conversation: "c1" } } };
}

function download(chat: { readonly url: string }, { cookie }: WebClient, path: string): Promise<Response> {
  return fetch(`${chat.url}/${path}`, { headers: { cookie }, signal: within() });
}

describe("a file for a person", () => {
  test("appears after the line about it, only on the person's own pages", async () => {
    await using chat = await openChat();
    const { page, to } = await personOn(chat.url);
    const { page: other } = await personOn(chat.url);
    const files = [
      { name: "talk.md", mediaType: markdown, text: "# Talk\n" },
      { name: "Empty é.json", mediaType: "application/json", text: "" },
    ];
    await chat.web.sendFilesPrivately(to, { text: "Here it is.", files }, within());
    const { url } = await page.until("file");
    const { url: second } = await page.until("file", 2);
    const file = { type: "file", conversation: "c1" };
    expect(page.frames.slice(1)).toEqual([
      { type: "notice", conversation: "c1", text: "Here it is." },
      { ...file, name: "talk.md", mediaType: markdown, bytes: 7, url },
      { ...file, name: "Empty é.json", mediaType: "application/json", bytes: 0, url: second },
    ]);
    other.send({ type: "list" });
    await other.until("welcome", 2);
    expect(other.frames.map(({ type }) => type)).toEqual(["welcome", "welcome"]);
    const given = await download(chat, page, url);
    expect(await given.text()).toBe("# Talk\n");
    expect(Object.fromEntries(given.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-disposition": "attachment; filename*=UTF-8''talk.md",
      "content-length": "7",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": "no-store",
    });
    const empty = await download(chat, page, second);
    expect([empty.headers.get("content-length"), await empty.text()]).toEqual(["0", ""]);
  });

  test("can't be read from another person, another conversation or a guessed name", async () => {
    await using chat = await openChat();
    const { page, to } = await personOn(chat.url);
    const { page: other } = await personOn(chat.url);
    const files = [{ name: "talk.md", mediaType: markdown, text: "secret" }];
    await chat.web.sendFilesPrivately(to, { text: "Here it is.", files }, within());
    const { url } = await page.until("file");
    const [, , id = "", name = ""] = url.split("/");
    const wrong = [`files/c2/${id}/${name}`, `files/c1/${id.slice(1)}/${name}`, `files/c1/${id}0/${name}`];
    for (const path of [...wrong, "files/c1/x-999/y", "files/c1/x/y", "files/a.b/x-1/y"])
      expect((await download(chat, page, path)).status).toBe(404);
    expect((await download(chat, other, url)).status).toBe(404);
    expect((await fetch(`${chat.url}/${url}`)).status).toBe(404);
    expect(
      (await fetch(`${chat.url}/${url}`, { method: "POST", headers: { cookie: page.cookie } })).status,
    ).toBe(404);
    expect(await (await download(chat, page, url)).text()).toBe("secret");
  });

  test("needs the sign-in where the chat needs it", async () => {
    await using chat = await openChat({ token: "a long token for this test" });
    expect((await fetch(`${chat.url}/files/c1/abc-1/talk.md`)).status).toBe(401);
  });

  test("of many megabytes arrives complete from every replica", async () => {
    await using replicas = openReplicas();
    const [a, b, c] = [await replicas.open(), await replicas.open(), await replicas.open()];
    const { page, to } = await personOn(a.url);
    await using alsoHere = await connectWeb(b.url, { cookie: page.cookie });
    await alsoHere.until("welcome");
    const text = "Grüße 👋 from the archive\n".repeat(240_000);
    const files = [{ name: "all.md", mediaType: markdown, text }];
    await c.web.sendFilesPrivately(to, { text: "All of it.", files }, within());
    for (const each of [page, alsoHere]) {
      const { url, bytes } = await each.until("file");
      for (const chat of [a, b, c]) {
        const given = await download(chat, each, url);
        expect(Number(given.headers.get("content-length"))).toBe(bytes);
        expect((await given.text()) === text).toBe(true);
      }
    }
  });

  test("ends after an hour, and at once with any erasure in its conversation", async () => {
    await using replicas = openReplicas();
    const chat = await replicas.open();
    const { page, to, user } = await personOn(chat.url);
    const files = [{ name: "talk.md", mediaType: markdown, text: "remember me" }];
    await chat.web.sendFilesPrivately(to, { text: "One.", files }, within());
    const { url: first } = await page.until("file");
    await replicas.files.erase(`web:${user}:c1`, [{ revision: 1, kind: "message", message: "m" }], within());
    const gone = await download(chat, page, first);
    expect([gone.status, await gone.text()]).toEqual([
      404,
      expect.stringContaining("ask the bot for it again"),
    ]);
    await chat.web.sendFilesPrivately(to, { text: "Two.", files }, within());
    const { url: second } = await page.until("file", 2);
    expect((await download(chat, page, second)).status).toBe(200);
    replicas.pass(60 * 60_000);
    expect((await download(chat, page, second)).status).toBe(404);
  });

  test("is cut off if it can't be read to its end, and the operator is told", async () => {
    await using replicas = openReplicas();
    const chat = await replicas.open();
    const { page, to } = await personOn(chat.url);
    const files = [{ name: "talk.md", mediaType: markdown, text: "x".repeat(1_000_000) }];
    await chat.web.sendFilesPrivately(to, { text: "One.", files }, within());
    const { url } = await page.until("file");
    const { read } = replicas.files;
    for (const readBytes of [0, 600_000]) {
      Object.assign(replicas.files, {
        read: async (...given: Parameters<typeof read>) => {
          if (given[1].from >= readBytes) throw new FileStoreError("unavailable", "a fault inside");
          return read(...given);
        },
      });
      const whole = async (): Promise<string> => (await download(chat, page, url)).text();
      await expect(whole()).rejects.toThrow(/fetch failed|terminated/u);
    }
    expect(chat.log.lines.filter(({ message }) => message.includes("cut off"))).toHaveLength(2);
  });

  test("is not announced if it can't be stored", async () => {
    await using replicas = openReplicas();
    const chat = await replicas.open();
    const { page, to } = await personOn(chat.url);
    replicas.files.isAway = true;
    const files = [{ name: "talk.md", mediaType: markdown, text: "x" }];
    const sending = chat.web.sendFilesPrivately(to, { text: "One.", files }, within());
    await expect(sending).rejects.toMatchObject({ name: "PlatformError", kind: "unreachable" });
    page.send({ type: "list" });
    await page.until("welcome", 2);
    expect(page.frames.map(({ type }) => type)).toEqual(["welcome", "welcome"]);
  });
});
