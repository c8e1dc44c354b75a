import { describe, expect, test } from "vitest";

import type { Said } from "../../../src/domain/inbound.ts";
import type { Charge, UsageCounters } from "../../../src/ports/usage.ts";
import { HandClock } from "../../support/core/hand-clock.ts";
import { InMemoryFiles } from "../../support/core/in-memory-files.ts";
import { openChat, type Chat } from "../../support/web/open-chat.ts";
import { openReplicas } from "../../support/web/open-replicas.ts";
import { connectWeb, type WebClient } from "../../support/web/web-client.ts";

const mib = 1_024 ** 2;
const hourMs = 3_600_000;
const within = (): AbortSignal => AbortSignal.timeout(600_000);

interface Given {
  readonly conversation?: string;
  readonly name?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the page sends when a person attaches a file. */
function post(
  { url }: Pick<Chat, "url">,
  page: Pick<WebClient, "cookie"> | undefined,
  body: Uint8Array<ArrayBuffer> | ReadableStream | string,
  { conversation = "c1", name = "notes.txt", type = "text/plain", headers = {} }: Given = {},
): Promise<Response> {
  const query = new URLSearchParams({ conversation, name });
  const cookie = page === undefined ? {} : { cookie: page.cookie };
  const init = {
    method: "POST",
    headers: { "content-type": type, ...cookie, ...headers },
    body,
    duplex: "half",
  };
  return fetch(`${url}/chat/files?${query}`, { ...init, signal: within() });
}

async function upload(
  ...given: Parameters<typeof post>
): Promise<{ readonly id: string; readonly name: string }> {
  const answer = await post(...given);
  expect(answer.status).toBe(200);
  return answer.json();
}

function say(page: WebClient, id: string, files: readonly string[], text = "what does it say?"): void {
  page.send({ type: "say", id, conversation: "c1", text, files });
}

const saidTo = ({ accepted }: Chat): Said | undefined => accepted.findLast((each) => each.kind === "said");

function download(
  { url }: Pick<Chat, "url">,
  page: Pick<WebClient, "cookie">,
  path: string,
): Promise<Response> {
  return fetch(`${url}/${path}`, { headers: { cookie: page.cookie }, signal: within() });
}

describe("a file that a person sends", () => {
  test("comes with its message, which may have no text, and is read by the bot on any replica", async () => {
    await using replicas = openReplicas();
    const [one, other] = [await replicas.open(), await replicas.open()];
    await using page = await connectWeb(one.url);
    const given = await upload(other, page, "the secret is swordfish", { name: "notes é.txt" });
    expect(given).toEqual({
      id: expect.any(String),
      name: "notes é.txt",
      mediaType: "text/plain",
      bytes: 23,
    });
    say(page, "m1", [given.id], "");
    const file = { name: "notes é.txt", mediaType: "text/plain", bytes: 23, url: expect.any(String) };
    expect(await page.until("accepted")).toEqual({
      type: "accepted",
      id: "m1",
      conversation: "c1",
      files: [file],
    });
    const [attachment] = saidTo(one)?.message.attachments ?? [];
    expect(attachment).toEqual({
      name: "notes é.txt",
      mediaType: "text/plain",
      sizeBytes: 23,
      ref: expect.anything(),
    });
    const { ref } = attachment ?? {};
    if (ref === undefined) throw new Error("no ref");
    const read = await other.web.readFile(ref, 23, within());
    expect(new TextDecoder().decode(read)).toBe("the secret is swordfish");
    await expect(other.web.readFile(ref, 22, within())).rejects.toMatchObject({ kind: "rejected" });
    await expect(other.web.readFile({ platform: "web", id: "x" }, 99, within())).rejects.toMatchObject({
      kind: "gone",
    });
    page.send({ type: "open", conversation: "c1" });
    expect((await page.until("history")).messages).toMatchObject([{ id: "m1", text: "", files: [file] }]);
  });

  test("stays with its message, and not longer than an hour without one", async () => {
    const clock = new HandClock();
    const files = new InMemoryFiles(clock);
    await using chat = await openChat({ clock, files });
    await using page = await connectWeb(chat.url);
    const [sent, waiting] = [await upload(chat, page, "sent"), await upload(chat, page, "waiting")];
    say(page, "m1", [sent.id]);
    const { files: [shown] = [] } = await page.until("accepted");
    clock.pass(2 * hourMs);
    await files.sweep(clock.nowMs(), within());
    expect(await (await download(chat, page, shown?.url ?? "")).text()).toBe("sent");
    expect(files.contents.size).toBe(1);
    say(page, "m2", [waiting.id, sent.id, "nonsense"]);
    expect(await page.until("error")).toMatchObject({
      id: "m2",
      code: "file-gone",
      files: [waiting.id, sent.id, "nonsense"],
    });
    expect(chat.accepted).toHaveLength(1);
  });

  test("goes alone when the bot removes it, as it does with recordings", async () => {
    const files = new InMemoryFiles();
    await using chat = await openChat({ files });
    await using page = await connectWeb(chat.url);
    const [voice, plan] = [await upload(chat, page, "spoken words"), await upload(chat, page, "plan")];
    say(page, "m1", [voice.id, plan.id]);
    await page.until("accepted");
    const [recording] = saidTo(chat)?.message.attachments ?? [];
    if (recording?.ref === undefined) throw new Error("no ref");
    await chat.web.removeFile(recording.ref, within());
    await chat.web.removeFile({ platform: "web", id: "x" }, within());
    expect([...files.contents.values()].map(({ bytes }) => bytes.toString())).toEqual(["plan"]);
    await expect(chat.web.readFile(recording.ref, 99, within())).rejects.toMatchObject({ kind: "gone" });
  });

  test("is taken once by a message that is repeated, and comes back with a message that was not stored", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const given = await upload(chat, page, "hello");
    chat.switches.isStoreDown = true;
    say(page, "m1", [given.id]);
    expect(await page.until("error")).toMatchObject({ id: "m1", code: "not-stored" });
    chat.switches.isStoreDown = false;
    say(page, "m1", [given.id]);
    await page.until("accepted");
    say(page, "m1", [given.id]);
    expect((await page.until("accepted", 2)).files).toHaveLength(1);
    expect(chat.accepted).toHaveLength(1);
  });

  test("may be gone when its message is repeated, as a recording that was listened to is", async () => {
    const files = new InMemoryFiles();
    await using chat = await openChat({ files });
    await using page = await connectWeb(chat.url);
    const given = await upload(chat, page, "sound");
    say(page, "m1", [given.id]);
    await page.until("accepted");
    files.links.clear();
    say(page, "m1", [given.id]);
    await page.until("accepted", 2);
    say(page, "m2", [given.id]);
    expect(await page.until("error")).toMatchObject({ id: "m2", code: "file-gone" });
    expect(chat.accepted).toHaveLength(1);
  });

  test("is not lost when the process ends before it could say that the message is stored", async () => {
    const clock = new HandClock();
    const files = new InMemoryFiles(clock);
    await using chat = await openChat({ clock, files });
    await using page = await connectWeb(chat.url);
    const given = await upload(chat, page, "hello");
    const { keep } = files;
    Object.assign(files, { keep: () => Promise.reject(new Error("the process ends")) });
    say(page, "m1", [given.id]);
    await page.until("error");
    expect(page.of("accepted")).toEqual([]);
    Object.assign(files, { keep });
    const { ref } = saidTo(chat)?.message.attachments[0] ?? {};
    if (ref === undefined) throw new Error("no ref");
    await chat.web.readFile(ref, 99, within());
    clock.pass(48 * hourMs);
    await files.sweep(clock.nowMs(), within());
    expect(new TextDecoder().decode(await chat.web.readFile(ref, 99, within()))).toBe("hello");
  });

  test("can't be read, sent or overwritten by another person, or from another site", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    await using stranger = await connectWeb(chat.url);
    const given = await upload(chat, page, "secret");
    say(stranger, "s1", [given.id]);
    expect(await stranger.until("error")).toMatchObject({ code: "file-gone", files: [given.id] });
    page.send({ type: "say", id: "m0", conversation: "c2", text: "hi", files: [given.id] });
    expect(await page.until("error")).toMatchObject({ code: "file-gone" });
    say(page, "m1", [given.id]);
    const { files: [shown] = [] } = await page.until("accepted");
    const url = shown?.url ?? "";
    expect((await download(chat, stranger, url)).status).toBe(404);
    expect((await download(chat, { cookie: "" }, url)).status).toBe(404);
    expect((await download(chat, page, url.replace("/m1/", "/m2/"))).status).toBe(404);
    const foreign = { origin: "https://evil.example", cookie: page.cookie };
    expect((await fetch(`${chat.url}/${url}`, { headers: foreign })).status).toBe(403);
    const refused = await post(chat, page, "x", { headers: { origin: "https://evil.example" } });
    expect([refused.status, (await refused.json()).error]).toEqual([403, "origin"]);
  });

  test("needs the access token where one is set, as a cookie or from a program", async () => {
    await using chat = await openChat({ token: "a-token-of-the-team" });
    const refused = await post(chat, undefined, "x");
    expect([refused.status, (await refused.json()).error]).toEqual([401, "not-signed-in"]);
    const headers = { authorization: "Bearer a-token-of-the-team" };
    const answer = await post(chat, undefined, "hello", { headers });
    const { id } = await answer.json();
    const cookie = answer.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
    await using program = await connectWeb(chat.url, { ...headers, cookie });
    say(program, "m1", [id]);
    expect((await program.until("accepted")).files).toHaveLength(1);
  });

  test("is downloaded, and shown in the page only if it is an image", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const given = [
      await upload(chat, page, "<script>", { name: "../a/page.html", type: "text/html" }),
      await upload(chat, page, "png", { name: "a.png", type: "image/png; x=y" }),
      await upload(chat, page, "svg", { name: "a.svg", type: "image/svg+xml" }),
      await upload(chat, page, "?", { name: "\u202Eevil\n", type: "nonsense" }),
    ];
    say(
      page,
      "m1",
      given.map(({ id }) => id),
    );
    const { files = [] } = await page.until("accepted");
    expect(files.map(({ name, mediaType }) => [name, mediaType])).toEqual([
      ["page.html", "text/html"],
      ["a.png", "image/png"],
      ["a.svg", "image/svg+xml"],
      ["evil", "application/octet-stream"],
    ]);
    const kinds: unknown[] = [];
    for (const { url = "" } of files) {
      const { headers } = await download(chat, page, url);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
      kinds.push([headers.get("content-type"), headers.get("content-disposition")?.split(";", 1)[0]]);
    }
    const attached = ["application/octet-stream", "attachment"];
    expect(kinds).toEqual([attached, ["image/png", "inline"], attached, attached]);
    const page1 = files[0]?.url ?? "";
    const forced = await download(chat, page, `${page1}?type=text/html`);
    expect(forced.headers.get("content-type")).toBe("application/octet-stream");
  });

  test("is shown as no longer kept when the store has dropped it", async () => {
    const files = new InMemoryFiles();
    await using chat = await openChat({ files });
    await using page = await connectWeb(chat.url);
    const given = await upload(chat, page, "hello");
    say(page, "m1", [given.id]);
    const { files: [shown] = [] } = await page.until("accepted");
    files.links.clear();
    expect((await download(chat, page, shown?.url ?? "")).status).toBe(404);
    expect((await download(chat, page, "chat/files/c1/m1/x/y")).status).toBe(404);
  });
});

describe("an upload is refused", () => {
  test("above 20 MiB, with or without its size in advance, and leaves no bytes", async () => {
    const files = new InMemoryFiles(undefined, { maxFileBytes: 64 * mib, maxTotalBytes: 256 * mib });
    await using chat = await openChat({ files });
    await using page = await connectWeb(chat.url);
    const large = new Uint8Array(20 * mib + 1);
    for (const body of [large, new Blob([large]).stream()]) {
      const answer = await post(chat, page, body);
      expect([answer.status, await answer.json()]).toEqual([
        413,
        { error: "too-large", message: "A file may have 20 MB at most." },
      ]);
    }
    expect(files.contents.size).toBe(0);
    await upload(chat, page, large.subarray(1));
  });

  test("without a conversation, and while the store is away", async () => {
    const files = new InMemoryFiles();
    await using chat = await openChat({ files });
    await using page = await connectWeb(chat.url);
    const nowhere = await post(chat, page, "x", { conversation: "a/b" });
    expect([nowhere.status, (await nowhere.json()).error]).toEqual([400, "bad-request"]);
    files.isAway = true;
    const away = await post(chat, page, "x");
    expect([away.status, (await away.json()).error]).toEqual([503, "not-stored"]);
    expect(chat.log.lines.map(({ message }) => message)).toContain("a person's file could not be stored");
    files.isAway = false;
    await upload(chat, page, "x");
  });

  test("while the person has four under way, and goes on when one has ended", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = (): ReadableStream =>
      new ReadableStream({
        start: async (controller) => {
          controller.enqueue(new Uint8Array(9));
          await promise;
          controller.close();
        },
      });
    const running = Array.from({ length: 4 }, () => post(chat, page, slow()));
    await expect.poll(async () => (await post(chat, page, "x")).status).toBe(429);
    const busy = await post(chat, page, "x");
    expect([busy.headers.get("retry-after"), (await busy.json()).error]).toEqual(["5", "busy"]);
    resolve();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await upload(chat, page, "x");
  });

  test("once the day's bytes of a person are used up; what failed is not counted", async () => {
    const counts = new Map<string, number>();
    const add = ({ counter, amount }: Charge): void =>
      void counts.set(counter, (counts.get(counter) ?? 0) + amount);
    const usage: UsageCounters = {
      charge: async (charges) => {
        const over = charges.find(
          ({ counter, amount, limit = Infinity }) => (counts.get(counter) ?? 0) + amount > limit,
        );
        if (over === undefined) charges.forEach(add);
        return over;
      },
      adjust: (charges) => charges.forEach(add),
      read: async (counters) => counters.map((each) => counts.get(each) ?? 0),
      enter: async () => true,
      leave: () => undefined,
    };
    const files = new InMemoryFiles();
    await using chat = await openChat({ usage, files });
    await using page = await connectWeb(chat.url);
    await upload(chat, page, "12345");
    expect([...counts.values()]).toEqual([1, 5]);
    const stream = new Blob(["123"]).stream();
    await upload(chat, page, stream);
    expect([...counts.values()]).toEqual([2, 8]);
    files.isAway = true;
    expect((await post(chat, page, "x")).status).toBe(503);
    files.isAway = false;
    expect([...counts.values()]).toEqual([2, 8]);
    for (const [counter, count] of counts) if (count === 8) counts.set(counter, 300 * mib - 1);
    await upload(chat, page, "1");
    const over = await post(chat, page, "1");
    expect([over.status, (await over.json()).error]).toEqual([429, "used-up"]);
  });
});

describe("a message with files is refused", () => {
  test.each([
    ["that is a command", "/help", 1, "file-with-command"],
    ["that has six of them", "hello", 6, "too-many-files"],
  ])("%s, and the files can be sent again", async (_, text, count, code) => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) ids.push((await upload(chat, page, `file ${index}`)).id);
    say(page, "m1", ids, text);
    expect(await page.until("error")).toMatchObject({ id: "m1", code });
    say(page, "m2", ids.slice(0, 5));
    await page.until("accepted");
    expect(saidTo(chat)?.message.attachments).toHaveLength(Math.min(5, count));
  });

  test("that has neither a text nor a file", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    say(page, "m1", [], "");
    expect(await page.until("error")).toMatchObject({ id: "m1", code: "empty" });
  });
});
