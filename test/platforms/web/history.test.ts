import { describe, expect, test } from "vitest";

import type { ArchivedMessage } from "../../../src/domain/archive.ts";
import type { RememberedMessage } from "../../../src/domain/conversation-memory.ts";
import { InMemoryArchive } from "../../support/core/in-memory-archive.ts";
import { openChat, type Chat } from "../../support/web/open-chat.ts";
import { connectWeb, type WebClient } from "../../support/web/web-client.ts";
import { remembered, webMemory } from "../../support/web/web-memory.ts";

const open = { type: "open", conversation: "c1" };
const ids = ({ messages }: { readonly messages: readonly { readonly id: string }[] }): readonly string[] =>
  messages.map(({ id }) => id);

/** Messages by the ordinals from `first` to `last`; every second one is an answer. */
function talk(first: number, last: number): readonly RememberedMessage[] {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const ordinal = first + index;
    return remembered(ordinal, `${ordinal % 2 === 0 ? "t" : "m"}${ordinal}`, `text ${ordinal}`);
  });
}

async function file(
  archive: InMemoryArchive,
  user: string,
  messages: readonly RememberedMessage[],
): Promise<void> {
  const conversation = `web:${user}:c1` as const;
  await archive.sync({ conversation, platform: "web", place: user, erasures: [], messages });
}

interface Scene extends AsyncDisposable {
  readonly chat: Chat;
  readonly archive: InMemoryArchive;
  readonly client: WebClient;
  readonly user: string;
}

/** A page of a user of whose conversation the ledger has so much; memory the rest. */
async function openScene(filed: number, all: number, archive = new InMemoryArchive()): Promise<Scene> {
  const opened = new AsyncDisposableStack();
  const chat = opened.use(await openChat({ archive }));
  const client = opened.use(await connectWeb(chat.url));
  const { user } = await client.until("welcome");
  await file(archive, user, talk(1, filed));
  chat.memories.set(`web:${user}:c1`, webMemory(user, talk(filed + 1, all)));
  return { chat, archive, client, user, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test("a history leaves out a message whose deletion waits behind many other entries", async () => {
  await using chat = await openChat();
  await using client = await connectWeb(chat.url);
  const { user } = await client.until("welcome");
  const key = `web:${user}:c1` as const;
  chat.memories.set(key, webMemory(user, talk(1, 2)));
  const where = { conversation: key, platform: "web", place: user };
  for (let seq = 0; seq < 450; seq += 1) {
    const inbound = { ...where, kind: "stopped", dedupeId: `${seq}` } as const;
    chat.inbox.push({ id: `${seq}`, seq, acceptedAtMs: 0, inbound });
  }
  const inbound = { ...where, kind: "deleted", dedupeId: "gone", message: "m1" } as const;
  chat.inbox.push({ id: "450", seq: 450, acceptedAtMs: 0, inbound });
  client.send(open);
  expect(ids(await client.until("history"))).toEqual(["t2"]);
});

describe("a read of memory", () => {
  test("that begins earlier and ends later shows nothing older", async () => {
    await using chat = await openChat();
    await using here = await connectWeb(chat.url);
    await using there = await connectWeb(chat.url, { cookie: here.cookie });
    const { user } = await here.until("welcome");
    await there.until("welcome");
    const key = `web:${user}:c1` as const;
    chat.memories.set(key, webMemory(user, talk(1, 2)));
    const { promise, resolve } = Promise.withResolvers<void>();
    chat.switches.holdMemory = promise;
    const before = chat.recalls();
    here.send(open);
    await expect.poll(() => chat.recalls()).toBe(before + 1);
    chat.switches.holdMemory = Promise.resolve();
    chat.memories.set(key, webMemory(user, talk(1, 4)));
    there.send({ type: "edit", id: "e", conversation: "c1", message: "m1", text: "new" });
    expect(ids(await here.until("history"))).toEqual(["m1", "t2", "m3", "t4"]);
    resolve();
    here.send({ type: "list" });
    await here.until("welcome", 2);
    expect(here.of("history")).toHaveLength(1);
  });

  test("shows nothing of a removed conversation, even before memory is erased", async () => {
    await using chat = await openChat();
    await using here = await connectWeb(chat.url);
    await using there = await connectWeb(chat.url, { cookie: here.cookie });
    const { user } = await here.until("welcome");
    await there.until("welcome");
    const key = `web:${user}:c1` as const;
    chat.memories.set(key, webMemory(user, talk(1, 2)));
    const { promise, resolve } = Promise.withResolvers<void>();
    chat.switches.holdMemory = promise;
    const before = chat.recalls();
    here.send(open);
    await expect.poll(() => chat.recalls()).toBe(before + 1);
    there.send({ type: "remove", id: "r", conversation: "c1" });
    await here.until("removed");
    resolve();
    expect((await here.until("history")).messages).toEqual([]);
    // What was being written is taken back before memory forgets.
    await chat.web.deletePost({ platform: "web", target: { user, conversation: "c1" } }, "t9");
    expect((await here.until("history", 2)).messages).toEqual([]);
    // The turn that erases it takes it out of the inbox.
    chat.inbox.splice(0);
    chat.memories.set(key, webMemory(user, [], { nextOrdinal: 3, forgottenAtMs: Date.now() + 60_000 }));
    here.send(open);
    expect((await here.until("history", 3)).messages).toEqual([]);
    chat.memories.set(key, webMemory(user, talk(3, 4), { forgottenAtMs: Date.now() }));
    here.send(open);
    expect(ids(await here.until("history", 4))).toEqual(["m3", "t4"]);
  });
});

describe("a long conversation", () => {
  test("is shown whole: from memory, and before that from the archive, each message once", async () => {
    await using scene = await openScene(6, 10);
    const { client, archive, user } = scene;
    // The worker is a little ahead: memory is trimmed later.
    await file(archive, user, talk(7, 8));
    client.send(open);
    const history = await client.until("history");
    expect(ids(history)).toEqual(ids({ messages: talk(1, 10) }));
    expect(history.messages[0]).toEqual({
      id: "m1",
      role: "user",
      text: "text 1",
      atMs: 1,
      chapter: 1,
      ordinal: 1,
    });
    expect(history).not.toHaveProperty("more");
    expect(history).not.toHaveProperty("incomplete");
  });

  test("comes in parts of two hundred messages, down to the first", async () => {
    await using scene = await openScene(470, 500);
    const { client } = scene;
    client.send(open);
    const newest = await client.until("history");
    expect(ids(newest)).toEqual(ids({ messages: talk(301, 500) }));
    expect(newest.more).toBe(301);
    client.send({ type: "older", conversation: "c1", before: newest.more });
    const older = await client.until("older");
    expect(ids(older)).toEqual(ids({ messages: talk(101, 300) }));
    expect(older).toMatchObject({ before: 301, more: 101 });
    client.send({ type: "older", conversation: "c1", before: older.more });
    const oldest = await client.until("older", 2);
    expect(ids(oldest)).toEqual(ids({ messages: talk(1, 100) }));
    expect(oldest).not.toHaveProperty("more");
  });

  test("comes in parts even if memory has all of it", async () => {
    await using scene = await openScene(0, 250);
    const { client } = scene;
    client.send(open);
    const newest = await client.until("history");
    expect(ids(newest)).toEqual(ids({ messages: talk(51, 250) }));
    client.send({ type: "older", conversation: "c1", before: newest.more });
    expect(ids(await client.until("older"))).toEqual(ids({ messages: talk(1, 50) }));
  });

  test("of long texts comes in smaller parts, and a single text whole however long", async () => {
    await using scene = await openScene(0, 0);
    const { client, archive, chat, user } = scene;
    const long = (ordinal: number, length: number) => remembered(ordinal, `m${ordinal}`, "x".repeat(length));
    await file(archive, user, [long(1, 900_000), long(2, 300_000), long(3, 300_000)]);
    chat.memories.set(`web:${user}:c1`, webMemory(user, [long(4, 10)]));
    client.send(open);
    const newest = await client.until("history");
    expect(ids(newest)).toEqual(["m3", "m4"]);
    client.send({ type: "older", conversation: "c1", before: newest.more });
    const older = await client.until("older");
    expect(ids(older)).toEqual(["m2"]);
    client.send({ type: "older", conversation: "c1", before: older.more });
    const oldest = await client.until("older", 2);
    expect(oldest.messages[0]?.text).toHaveLength(900_000);
    expect(oldest).not.toHaveProperty("more");
  });

  test("has the edits and erasures that the archive does not have yet", async () => {
    await using scene = await openScene(6, 8);
    const { chat, client, user, archive } = scene;
    await file(archive, user, [
      remembered(5, "m5", "by me", { author: { id: "me", name: "me" }, revision: 2 }),
    ]);
    chat.memories.set(
      `web:${user}:c1`,
      webMemory(user, talk(7, 8), {
        erasures: [
          { revision: 3, kind: "all", beforeOrdinal: 2 },
          { revision: 3, kind: "message", message: "t2" },
          { revision: 3, kind: "author", author: "me", beforeOrdinal: 6 },
        ],
        edits: [{ revision: 3, message: "m3", text: "changed" }],
      }),
    );
    client.send(open);
    const { messages } = await client.until("history");
    expect(messages.map(({ id, text }) => [id, text])).toEqual([
      ["m3", "changed"],
      ["t4", "text 4"],
      ["t6", "text 6"],
      ["m7", "text 7"],
      ["t8", "text 8"],
    ]);
  });

  test("shows an edit and a deletion of an archived message at once, also in older parts", async () => {
    await using scene = await openScene(300, 310);
    const { client } = scene;
    client.send({ type: "edit", id: "e", conversation: "c1", message: "m51", text: "changed" });
    client.send({ type: "delete", id: "d", conversation: "c1", message: "m53" });
    client.send({ type: "older", conversation: "c1", before: 55 });
    const { messages } = await client.until("older");
    expect(messages.slice(-4).map(({ text }) => text)).toEqual(["text 50", "changed", "text 52", "text 54"]);
  });

  test("is shown even if memory was unreadable and was quarantined", async () => {
    await using scene = await openScene(4, 4);
    scene.chat.memories.clear();
    scene.client.send(open);
    expect(ids(await scene.client.until("history"))).toEqual(ids({ messages: talk(1, 4) }));
  });

  test("is shown from memory while the archive is unavailable, and says so", async () => {
    await using scene = await openScene(6, 8);
    const { client, archive, chat } = scene;
    archive.isDown = true;
    client.send(open);
    const history = await client.until("history");
    expect(ids(history)).toEqual(["m7", "t8"]);
    expect(history).toMatchObject({ incomplete: true, more: 7 });
    client.send({ type: "older", conversation: "c1", before: 7 });
    expect(await client.until("older")).toMatchObject({ messages: [], incomplete: true, more: 7 });
    expect(chat.log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  });

  test("is shown from memory if the archive does not answer, without waiting for it twice", async () => {
    let asked = 0;
    class FrozenArchive extends InMemoryArchive {
      override readonly read = async (): Promise<readonly ArchivedMessage[]> => {
        asked += 1;
        return new Promise(() => undefined);
      };
    }
    await using scene = await openScene(6, 8, new FrozenArchive());
    const { client } = scene;
    client.send(open);
    client.send({ type: "older", conversation: "c1", before: 7 });
    expect(await client.until("history")).toMatchObject({ incomplete: true, messages: [{}, {}] });
    expect(await client.until("older")).toMatchObject({ incomplete: true });
    expect(asked).toBe(1);
  });
});
