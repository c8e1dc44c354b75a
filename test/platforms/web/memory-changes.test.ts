import { describe, expect, test } from "vitest";
import type { Platform } from "../../../src/ports/platform.ts";
import { openChat } from "../../support/web/open-chat.ts";
import { openReplicas } from "../../support/web/open-replicas.ts";
import { pageText } from "../../support/web/page-text.ts";
import { connectWeb, type WebClient } from "../../support/web/web-client.ts";
import { remembered, webMemory } from "../../support/web/web-memory.ts";
import { messageIdOf } from "../../../src/domain/message.ts";

const patiently = { timeout: 60_000, interval: 5 };
const open = (conversation = "c1") => ({ type: "open", conversation });
const nowhere = { platform: "web", target: {} };
const qa = [remembered(1, "1", "hello"), remembered(2, "t1", "hi there")];

/** What was sent before this has arrived when it is answered. */
async function settled(page: WebClient): Promise<void> {
  const before = page.of("welcome").length;
  page.send({ type: "list" });
  await page.until("welcome", before + 1);
}

describe("a change of memory without a reply", () => {
  test("is shown on the pages of all replicas that show the conversation, and on no other", async () => {
    await using replicas = openReplicas();
    const [a, b, c] = [await replicas.open(), await replicas.open(), await replicas.open()];
    await using here = await connectWeb(a.url);
    await using there = await connectWeb(b.url, { cookie: here.cookie });
    await using elsewhere = await connectWeb(b.url, { cookie: here.cookie });
    const { user } = await here.until("welcome");
    const key = `web:${user}:c1`;
    replicas.memories.set(key, webMemory(user, qa));
    here.send(open());
    there.send(open());
    elsewhere.send(open("c2"));
    await Promise.all([here.until("history"), there.until("history"), elsewhere.until("history")]);
    const changed = webMemory(user, qa.slice(0, 1));
    replicas.memories.set(key, changed);
    c.web.memoryChanged(changed);
    for (const page of [here, there]) {
      await expect.poll(() => pageText(page), patiently).toEqual({ messages: ["hello"] });
    }
    await settled(elsewhere);
    expect(elsewhere.of("history")).toHaveLength(1);
    const told = replicas.wire.sent.filter((each) => each.includes('"changed"'));
    expect(told).toHaveLength(1);
    expect(told.join("")).not.toContain("hello");
  });

  test("is sent once if memory changes many times in a row, with the last state", async () => {
    await using replicas = openReplicas();
    const a = await replicas.open();
    await using page = await connectWeb(a.url);
    const { user } = await page.until("welcome");
    page.send(open());
    await page.until("history");
    for (let count = 1; count <= 50; count += 1) {
      const memory = webMemory(user, [remembered(1, "1", `change ${count}`)]);
      replicas.memories.set(`web:${user}:c1`, memory);
      a.web.memoryChanged(memory);
    }
    await expect.poll(() => pageText(page), patiently).toEqual({ messages: ["change 50"] });
    expect(replicas.wire.sent.filter((each) => each.includes('"changed"'))).toHaveLength(1);
  });

  test("is sent by a replica that is stopping, too", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    await using page = await connectWeb(a.url);
    const { user } = await page.until("welcome");
    page.send(open());
    await page.until("history");
    replicas.memories.set(`web:${user}:c1`, webMemory(user, qa));
    b.web.memoryChanged(webMemory(user, qa));
    await b.web[Symbol.asyncDispose]();
    await expect.poll(() => pageText(page), patiently).toEqual({ messages: ["hello", "hi there"] });
  });

  test("is shown to a page that has written there without opening the conversation", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const { user } = await page.until("welcome");
    page.send({ type: "delete", id: "d", conversation: "c1", message: "1" });
    await page.until("accepted");
    chat.web.memoryChanged(webMemory(user, []));
    expect(await page.until("history")).toMatchObject({ conversation: "c1", messages: [] });
  });

  test("sends a new title to all pages of the person", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    await using page = await connectWeb(a.url);
    const { user } = await page.until("welcome");
    const entry = { conversation: `web:${user}:c1`, platform: "web", place: user, lastAtMs: 1 } as const;
    a.entries.push({ ...entry, title: "What was said next" });
    b.web.memoryChanged(webMemory(user, []));
    expect(await page.until("renamed")).toEqual({
      type: "renamed",
      conversation: "c1",
      title: "What was said next",
    });
    a.entries.splice(0);
    b.web.turnFinished(
      { platform: "web", target: { user, conversation: "c1" } },
      { turn: "t1", text: "", covers: [] },
    );
    expect(await page.until("unlisted")).toEqual({ type: "unlisted", conversation: "c1" });
    expect(page.of("renamed")).toHaveLength(1);
  });

  test("keeps an emptied conversation listed if a message arrived during the look-up", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const { user } = await page.until("welcome");
    const hold = Promise.withResolvers<void>();
    chat.switches.holdList = hold.promise;
    chat.web.titleChanged(webMemory(user, []));
    page.send({ type: "say", id: "s", conversation: "c1", text: "said since" });
    await page.until("accepted");
    const entry = { conversation: `web:${user}:c1`, platform: "web", place: user, lastAtMs: 1 } as const;
    chat.entries.push({ ...entry, title: "said since" });
    hold.resolve();
    expect(await page.until("renamed")).toMatchObject({ title: "said since" });
    expect(page.of("unlisted")).toEqual([]);
  });

  test.each([
    ["the title that a person gave since", { type: "rename", id: "r", conversation: "c1", title: "Mine" }],
    ["no title of a conversation that was removed since", { type: "remove", id: "r", conversation: "c1" }],
  ])("shows %s, not the title that was being looked up", async (_what, frame) => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const { user } = await page.until("welcome");
    const entry = { conversation: `web:${user}:c1`, platform: "web", place: user, lastAtMs: 1 } as const;
    chat.entries.push({ ...entry, title: "Made" });
    const hold = Promise.withResolvers<void>();
    chat.switches.holdList = hold.promise;
    chat.web.titleChanged(webMemory(user, []));
    page.send(frame);
    await page.until("accepted");
    const now = frame.type === "rename" ? "Mine" : "";
    chat.entries.splice(0, 1, ...(now === "" ? [] : [{ ...entry, title: now }]));
    hold.resolve();
    const told = (): string | undefined =>
      page.of("renamed").at(-1)?.title ?? page.of("unlisted").map(() => "")[0];
    await expect.poll(told, patiently).toBe(now);
    await settled(page);
    expect(page.of("renamed").map(({ title }) => title)).not.toContain("Made");
  });

  test("sends the title that the model has made, and changes nothing else on the page", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    await using page = await connectWeb(a.url);
    const { user } = await page.until("welcome");
    page.send(open());
    await page.until("history");
    const entry = { conversation: `web:${user}:c1`, platform: "web", place: user, lastAtMs: 1 } as const;
    a.entries.push({ ...entry, title: "Made" });
    b.web.titleChanged(webMemory(user, qa));
    expect(await page.until("renamed")).toMatchObject({ title: "Made" });
    await settled(page);
    expect(page.of("history")).toHaveLength(1);
    expect(replicas.wire.sent.join("")).not.toContain("Made");
  });

  test("shows where a reset was undone", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const { user } = await page.until("welcome");
    chat.memories.set(`web:${user}:c1`, webMemory(user, qa, { chapter: 2, since: 1 }));
    page.send(open());
    expect(await page.until("history")).toMatchObject({ chapter: 2, since: 1 });
  });
});

describe("an old answer that is retracted", () => {
  test("disappears from the pages by its id, before memory changes, and affects no running answer", async () => {
    await using replicas = openReplicas();
    const [a, b, c] = [await replicas.open(), await replicas.open(), await replicas.open()];
    await using page = await connectWeb(a.url);
    const { user } = await page.until("welcome");
    const to = { platform: "web", target: { user, conversation: "c1" } };
    const post = await b.web.createPost(to, b.post("hi there"));
    expect(messageIdOf(post)).toBe("t1");
    expect(post).toBe(`${user}/c1/t1`);
    replicas.memories.set(`web:${user}:c1`, webMemory(user, qa));
    b.web.turnFinished(to, { turn: "t1", text: "hi there", covers: ["1"] });
    page.send(open());
    await page.until("history");
    await b.web.createPost(to, b.post("The next", { turn: "t2" }));
    await expect
      .poll(() => pageText(page), patiently)
      .toEqual({ messages: ["hello", "hi there"], running: "The next" });
    await c.web.deletePost(nowhere, post);
    await expect.poll(() => pageText(page), patiently).toEqual({ messages: ["hello"], running: "The next" });
  });

  test("without a recorded location changes nothing else", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const { user } = await page.until("welcome");
    chat.memories.set(`web:${user}:c1`, webMemory(user, qa));
    page.send(open());
    await page.until("history");
    await chat.web.deletePost(nowhere, "t1");
    chat.memories.set(`web:${user}:c1`, webMemory(user, qa.slice(0, 1)));
    chat.web.memoryChanged(webMemory(user, qa.slice(0, 1)));
    await expect.poll(() => pageText(page), patiently).toEqual({ messages: ["hello"] });
    expect(page.of("error")).toEqual([]);
  });

  test("appears again when it is written again", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const { user } = await page.until("welcome");
    page.send(open());
    await page.until("history");
    await chat.web.deletePost(nowhere, `${user}/c1/t1`);
    await chat.web.createPost(
      { platform: "web", target: { user, conversation: "c1" } },
      chat.post("hi there"),
    );
    chat.memories.set(`web:${user}:c1`, webMemory(user, qa));
    page.send(open());
    await expect.poll(() => pageText(page).messages, patiently).toEqual(["hello", "hi there"]);
  });

  test("disappears alone while another answer is being written", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const { user } = await page.until("welcome");
    const to = { platform: "web", target: { user, conversation: "c1" } };
    await chat.web.createPost(to, chat.post("Half", { turn: "t2" }));
    await page.until("piece");
    await chat.web.deletePost(to, `${user}/c1/t1`);
    await expect.poll(() => pageText(page), patiently).toEqual({ messages: [], running: "Half" });
    await chat.web.editPost(to, `${user}/c1/t2`, chat.post("Half and more", { turn: "t2" }));
    await expect.poll(() => pageText(page), patiently).toEqual({ messages: [], running: "Half and more" });
  });
});

describe("the core gets from the web chat", () => {
  test("a link to each message, which works for any id of the client", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    for (const id of ["abc-1", "a.b:c_d-1"]) page.send({ type: "say", id, conversation: "c_1", text: "x" });
    await page.until("accepted", 2);
    expect(chat.accepted.map((each) => (each.kind === "said" ? each.message.permalink : ""))).toEqual([
      "/#c/c_1/abc-1",
      "/#c/c_1/a.b%3Ac_d-1",
    ]);
  });

  test("a link to each answer", async () => {
    await using chat = await openChat();
    expect(chat.web.permalinkOf("web:ada:c_1", "ada/c_1/turn-1")).toBe("/#c/c_1/turn-1");
    expect(chat.web.permalinkOf("web:ada:c_1", "turn-1")).toBe("/#c/c_1/turn-1");
  });

  test("that no person may read another's place", async () => {
    await using chat = await openChat();
    // Without it, nobody may read any place but their own.
    const { readable }: Platform = chat.web;
    expect(readable).toBeUndefined();
  });

  test("the text behind a command, as it was typed", async () => {
    await using chat = await openChat();
    await using page = await connectWeb(chat.url);
    const words = `two  spaces, ${"x".repeat(3_900)} "quotes"\nand a line`;
    page.send({ type: "command", id: "1", conversation: "c1", name: "recall", argument: words });
    await page.until("accepted");
    expect(chat.accepted).toMatchObject([{ kind: "commanded", name: "recall", argument: words }]);
    page.send({ type: "command", id: "2", conversation: "c1", name: "recall", argument: "x".repeat(4_001) });
    expect(await page.until("error")).toMatchObject({ id: "2", code: "too-long" });
  });
});
