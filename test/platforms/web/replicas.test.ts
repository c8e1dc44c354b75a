import { setTimeout } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import { openReplicas, type Replica } from "../../support/web/open-replicas.ts";
import { pageText } from "../../support/web/page-text.ts";
import { connectWeb, type WebClient } from "../../support/web/web-client.ts";
import { remembered, webMemory } from "../../support/web/web-memory.ts";

const say = (id: string, text: string) => ({ type: "say", id, conversation: "c1", text });
const patiently = { timeout: 60_000, interval: 5 };
/** Sooner than the comparison with the stores, which comes after eight seconds of silence. */
const soon = { timeout: 6_000, interval: 5 };

/** A page on a replica where `hello` was said, and where its answer goes. */
async function pageOn(replica: Replica): Promise<{ page: WebClient; to: ReplyAddress; user: string }> {
  const page = await connectWeb(replica.url);
  const { user } = await page.until("welcome");
  page.send(say("1", "hello"));
  await page.until("accepted");
  return { page, user, to: { platform: "web", target: { user, conversation: "c1" } } };
}

async function write(replica: Replica, to: ReplyAddress, text: string, turn = "t1"): Promise<void> {
  await replica.web.editPost(to, turn, replica.post(text, { turn }));
}

function remember(
  memories: Map<string, ConversationMemory>,
  user: string,
  ...texts: [string, string][]
): void {
  const messages = texts.map(([id, text], index) => remembered(index + 1, id, text));
  memories.set(`web:${user}:c1`, webMemory(user, messages));
}

describe("a page on one replica", () => {
  test("shows the answer that another replica writes, bit by bit", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to, user } = await pageOn(a);
    await b.web.createPost(to, b.post("Good "));
    await write(b, to, "Good morning");
    remember(replicas.memories, user, ["1", "hello"], ["t1", "Good morning"]);
    b.web.turnFinished(to, { turn: "t1", text: "Good morning", covers: ["1"] });
    await page.until("done");
    expect(page.of("piece").map(({ text }) => text)).toEqual(["Good ", "morning"]);
    expect(page.of("history")).toEqual([]);
  });

  test("shows messages, changes, titles and removals from a page of another replica", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    await using there = await connectWeb(a.url);
    await using here = await connectWeb(b.url, { cookie: there.cookie });
    await Promise.all([there.until("welcome"), here.until("welcome")]);
    there.send(say("1", "hello"));
    expect((await here.until("history")).messages).toMatchObject([{ id: "1", role: "user", text: "hello" }]);
    there.send({ type: "edit", id: "2", conversation: "c1", message: "1", text: "goodbye" });
    expect((await here.until("history", 2)).messages).toMatchObject([{ id: "1", text: "goodbye" }]);
    there.send({ type: "delete", id: "3", conversation: "c1", message: "1" });
    expect((await here.until("history", 3)).messages).toEqual([]);
    there.send({ type: "rename", id: "4", conversation: "c1", title: "Garden" });
    expect(await here.until("renamed")).toMatchObject({ conversation: "c1", title: "Garden" });
    there.send({ type: "remove", id: "5", conversation: "c1" });
    expect(await here.until("removed")).toMatchObject({ conversation: "c1" });
    await there.until("removed");
    expect(there.of("history")).toEqual([]);
  });

  test("shows edits and deletions of remembered messages before memory changes", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    await using there = await connectWeb(a.url);
    const { user } = await there.until("welcome");
    remember(replicas.memories, user, ["1", "hello"], ["t1", "hi"], ["2", "and?"]);
    await using here = await connectWeb(b.url, { cookie: there.cookie });
    await here.until("welcome");
    there.send({ type: "edit", id: "3", conversation: "c1", message: "1", text: "goodbye" });
    there.send({ type: "delete", id: "4", conversation: "c1", message: "2" });
    await expect.poll(() => pageText(here), patiently).toEqual({ messages: ["goodbye", "hi"] });
    // What memory has taken over shows as memory has it.
    replicas.inbox.splice(0);
    remember(replicas.memories, user, ["1", "hello for the third time"], ["t1", "hi"]);
    here.send({ type: "open", conversation: "c1" });
    await expect
      .poll(() => pageText(here), patiently)
      .toEqual({ messages: ["hello for the third time", "hi"] });
  });

  test("shows the lines for the person alone", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await b.web.sendPrivately(to, ["one", "two"]);
    await page.until("notice", 2);
    expect(page.of("notice").map(({ text }) => text)).toEqual(["one", "two"]);
  });

  test("has its own new message in the history that it requests, however slow the broadcast is", async () => {
    await using replicas = openReplicas();
    const a = await replicas.open();
    replicas.wire.delayMs = 500;
    await using page = await connectWeb(a.url);
    page.send(say("1", "hello"));
    page.send({ type: "open", conversation: "c1" });
    expect((await page.until("history")).messages).toMatchObject([{ id: "1", text: "hello" }]);
  });

  test("shows an answer that is written again, and nothing once it is retracted", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await write(b, to, "The capital of Austria");
    await write(b, to, "Canberra");
    await write(b, to, "Canberra is it");
    await expect
      .poll(() => pageText(page), patiently)
      .toEqual({ messages: ["hello"], running: "Canberra is it" });
    await b.web.deletePost(to, "t1");
    await expect.poll(() => pageText(page), patiently).toEqual({ messages: ["hello"] });
  });

  test("gets no piece of an outdated text, however slow memory is", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await write(b, to, "The capital of Austria");
    await page.until("piece");
    const { promise, resolve } = Promise.withResolvers<void>();
    a.switches.holdMemory = promise;
    const before = a.recalls();
    await write(b, to, "Canberra");
    await write(b, to, "Canberra is it");
    await b.web.sendPrivately(to, ["a line behind them"]);
    await page.until("notice");
    expect(a.recalls()).toBe(before + 1);
    expect(pageText(page).running).toBe("The capital of Austria");
    resolve();
    await expect
      .poll(() => pageText(page), patiently)
      .toEqual({ messages: ["hello"], running: "Canberra is it" });
  });

  test("has the whole text of an answer that began before the page connected, without opening it", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await write(b, to, "Half");
    await page.until("piece");
    await using late = await connectWeb(a.url, { cookie: page.cookie });
    await late.until("welcome");
    await write(b, to, "Half and whole");
    await expect
      .poll(() => pageText(late), patiently)
      .toEqual({ messages: ["hello"], running: "Half and whole" });
    expect(late.of("piece").map(({ text }) => text)).toEqual(["Half and whole"]);
    expect(page.of("history")).toEqual([]);
  });

  test("keeps its own edit, although an older history is on its way", async () => {
    await using replicas = openReplicas();
    const a = await replicas.open();
    const { page, user } = await pageOn(a);
    remember(replicas.memories, user, ["1", "hello"]);
    await using other = await connectWeb(a.url, { cookie: page.cookie });
    await other.until("welcome");
    const { promise, resolve } = Promise.withResolvers<void>();
    a.switches.holdMemory = promise;
    other.send(say("2", "and then?"));
    await other.until("accepted");
    await expect.poll(() => a.recalls()).toBe(1);
    page.send({ type: "edit", id: "3", conversation: "c1", message: "1", text: "goodbye" });
    await page.until("accepted", 2);
    resolve();
    await expect.poll(() => pageText(page), soon).toEqual({ messages: ["goodbye", "and then?"] });
  });

  test("costs little more than one transfer of a long answer's text", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    let text = "";
    for (let count = 0; count < 500; count += 1) {
      text += "x".repeat(100);
      await write(b, to, text);
    }
    await expect.poll(() => pageText(page).running?.length, patiently).toBe(50_000);
    expect(replicas.wire.sent.join("").length).toBeLessThan(4 * 50_000);
  });
});

describe("lost broadcasts", () => {
  test("leave no gap in the text", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await write(b, to, "one ");
    await page.until("piece");
    a.end.isDeaf = true;
    await write(b, to, "one two ");
    a.end.isDeaf = false;
    await write(b, to, "one two three");
    await expect.poll(() => pageText(page).running, patiently).toBe("one two three");
    expect(page.of("piece").map(({ text }) => text)).toEqual(["one ", "two three"]);
    expect(page.of("history")).toEqual([]);
  });

  test("cause no mixed text when an answer starts again, even at the same length", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await write(b, to, "Vienna is it");
    await page.until("piece");
    a.end.isDeaf = true;
    await write(b, to, "Canberra was");
    a.end.isDeaf = false;
    await write(b, to, "Canberra was, and is");
    await expect
      .poll(() => pageText(page), patiently)
      .toEqual({ messages: ["hello"], running: "Canberra was, and is" });
    expect(JSON.stringify(page.of("piece"))).not.toContain(`", and is"`);
  });

  test("leave no finished answer running", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to, user } = await pageOn(a);
    await write(b, to, "Half");
    await page.until("piece");
    a.end.isDeaf = true;
    remember(replicas.memories, user, ["1", "hello"], ["t1", "Half and whole"]);
    b.web.turnFinished(to, { turn: "t1", text: "Half and whole", covers: ["1"] });
    a.end.isDeaf = false;
    await using other = await connectWeb(a.url, { cookie: page.cookie });
    other.send({ type: "open", conversation: "c1" });
    await other.until("history");
    await b.web.sendPrivately(to, ["a line behind it"]);
    await other.until("notice");
    expect(pageText(other)).toEqual({ messages: ["hello", "Half and whole"] });
    expect(pageText(page).running).toBe("Half");
    replicas.pass(10_000);
    await expect.poll(() => pageText(page), patiently).toEqual({ messages: ["hello", "Half and whole"] });
  });

  test("hide no answer from a page that received nothing of it", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to, user } = await pageOn(a);
    await expect.poll(() => replicas.wire.sent.length).toBe(1);
    a.end.isDeaf = true;
    await write(b, to, "Good morning");
    remember(replicas.memories, user, ["1", "hello"], ["t1", "Good morning"]);
    b.web.turnFinished(to, { turn: "t1", text: "Good morning", covers: ["1"] });
    replicas.pass(10_000);
    await expect.poll(() => pageText(page), patiently).toEqual({ messages: ["hello", "Good morning"] });
  });

  test("leave no retracted or abandoned text", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await write(b, to, "Half");
    await page.until("piece");
    a.end.isDeaf = true;
    await b.web.deletePost(to, "t1");
    a.end.isDeaf = false;
    replicas.pass(10_000);
    expect(pageText(page).running).toBe("Half");
    replicas.pass(120_000);
    await expect.poll(() => pageText(page), patiently).toEqual({ messages: ["hello"] });
  });

  test("leave no text without its end, even if nothing more is written", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await write(b, to, "one");
    await page.until("piece");
    a.end.isDeaf = true;
    await write(b, to, "one two");
    a.end.isDeaf = false;
    replicas.pass(10_000);
    await expect.poll(() => pageText(page).running, patiently).toBe("one two");
    expect(page.of("piece").map(({ text }) => text)).toEqual(["one", " two"]);
  });

  test.each([1, 2, 3])("leave the text complete and undoubled, whichever are lost (%i)", async (seed) => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to, user } = await pageOn(a);
    await using other = await connectWeb(a.url, { cookie: page.cookie });
    await other.until("welcome");
    let state = seed;
    replicas.wire.loses = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state % 10 < 3;
    };
    let text = "";
    for (let count = 0; count < 150; count += 1) {
      text += `${count} `;
      await write(b, to, text);
      if (count % 10 === 0) await setTimeout(8);
      if (count % 40 === 39) replicas.pass(10_000);
    }
    replicas.wire.loses = () => false;
    replicas.pass(10_000);
    for (const each of [page, other]) await expect.poll(() => pageText(each).running, patiently).toBe(text);
    remember(replicas.memories, user, ["1", "hello"], ["t1", text]);
    b.web.turnFinished(to, { turn: "t1", text, covers: ["1"] });
    await Promise.all([page.until("done"), other.until("done")]);
    expect(pageText(other)).toEqual({ messages: ["hello", text] });
  });

  test("are recovered after the connection returns: messages, edits and the text so far", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await using there = await connectWeb(b.url, { cookie: page.cookie });
    await there.until("welcome");
    await write(b, to, "one");
    await page.until("piece");
    a.end.isDeaf = true;
    await write(b, to, "one two");
    there.send({ type: "edit", id: "2", conversation: "c1", message: "1", text: "goodbye" });
    there.send(say("3", "and then?"));
    await there.until("accepted", 2);
    a.end.reconnect();
    await expect
      .poll(() => pageText(page), soon)
      .toEqual({ messages: ["goodbye", "and then?"], running: "one two" });
  });

  test("don't affect a slow answer, which stays while a process writes it", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await write(b, to, "Waiting for the model.");
    await page.until("piece");
    for (let count = 1; count <= 20; count += 1) {
      const before = replicas.wire.sent.length;
      replicas.pass(10_000);
      // The question, and the answer of whoever writes.
      await expect.poll(() => replicas.wire.sent.length, patiently).toBe(before + 2);
      await b.web.sendPrivately(to, ["a line behind them"]);
      await page.until("notice", count);
    }
    expect(pageText(page)).toEqual({ messages: [], running: "Waiting for the model." });
    expect(page.of("piece")).toHaveLength(1);
  });
});

describe("a replica that starts in the middle of an answer", () => {
  test("shows the question and the answer so far to a page that opens the conversation", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await write(b, to, "Half");
    await page.until("piece");
    const c = await replicas.open();
    await using late = await connectWeb(c.url, { cookie: page.cookie });
    late.send({ type: "open", conversation: "c1" });
    await expect.poll(() => pageText(late), patiently).toEqual({ messages: ["hello"], running: "Half" });
    await write(b, to, "Half and whole");
    await expect
      .poll(() => pageText(late), patiently)
      .toEqual({ messages: ["hello"], running: "Half and whole" });
  });

  test("shows no end of a text without its beginning", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await write(b, to, "Half");
    await page.until("piece");
    const c = await replicas.open();
    await using late = await connectWeb(c.url, { cookie: page.cookie });
    await late.until("welcome");
    await write(b, to, "Half and whole");
    await expect
      .poll(() => pageText(late), patiently)
      .toEqual({ messages: ["hello"], running: "Half and whole" });
    expect(late.of("piece").map(({ text }) => text)).toEqual(["Half and whole"]);
  });
});

describe("an answer that another replica takes over", () => {
  test("continues where its first half ended", async () => {
    await using replicas = openReplicas();
    const [a, b, c] = [await replicas.open(), await replicas.open(), await replicas.open()];
    const { page, to, user } = await pageOn(a);
    await b.web.createPost(to, b.post("The first half"));
    await page.until("piece");
    await write(c, to, "The first half, and the second");
    await write(c, to, "The first half, and the second, and the end");
    remember(replicas.memories, user, ["1", "hello"], ["t1", "whole"]);
    c.web.turnFinished(to, { turn: "t1", text: "whole", covers: ["1"] });
    await page.until("done");
    expect(page.of("piece").map(({ text }) => text)).toEqual([
      "The first half",
      ", and the second",
      ", and the end",
    ]);
    expect(page.of("history")).toEqual([]);
  });

  test("starts again if the model writes something else", async () => {
    await using replicas = openReplicas();
    const [a, b, c] = [await replicas.open(), await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await b.web.createPost(to, b.post("The first half"));
    await page.until("piece");
    await write(c, to, "Another");
    await write(c, to, "Another beginning");
    await expect
      .poll(() => pageText(page), patiently)
      .toEqual({ messages: ["hello"], running: "Another beginning" });
  });

  test("comes from its current writer, not from the previous one", async () => {
    await using replicas = openReplicas();
    const [a, b, c] = [await replicas.open(), await replicas.open(), await replicas.open()];
    const { page, to } = await pageOn(a);
    await b.web.createPost(to, b.post("The first half"));
    await page.until("piece");
    await write(c, to, "Another");
    await expect.poll(() => pageText(page), patiently).toEqual({ messages: ["hello"], running: "Another" });
    const d = await replicas.open();
    await using late = await connectWeb(d.url, { cookie: page.cookie });
    const before = replicas.wire.sent.length;
    late.send({ type: "open", conversation: "c1" });
    await expect.poll(() => pageText(late), patiently).toEqual({ messages: ["hello"], running: "Another" });
    expect(replicas.wire.sent.slice(before).filter((each) => each.includes("grown"))).toHaveLength(1);
  });

  test("is not sent by a replica that was frozen until after its end", async () => {
    await using replicas = openReplicas();
    const [a, b, c] = [await replicas.open(), await replicas.open(), await replicas.open()];
    const { page, to, user } = await pageOn(a);
    await b.web.createPost(to, b.post("The first half"));
    await page.until("piece");
    b.end.isDeaf = true;
    await write(c, to, "The first half, and the second");
    remember(replicas.memories, user, ["1", "hello"], ["t1", "whole"]);
    c.web.turnFinished(to, { turn: "t1", text: "whole", covers: ["1"] });
    await page.until("done");
    b.end.isDeaf = false;
    const before = replicas.wire.sent.length;
    page.send({ type: "open", conversation: "c1" });
    await page.until("history");
    await expect.poll(() => b.recalls(), patiently).toBe(1);
    expect(replicas.wire.sent.slice(before).filter((each) => each.includes("grown"))).toEqual([]);
  });
});

test("a broadcast of an unknown kind is ignored, and changes nothing", async () => {
  await using replicas = openReplicas();
  const a = await replicas.open();
  const { page, user } = await pageOn(a);
  const place = { user, conversation: "c1" };
  const notice = { type: "notice", conversation: "c1", text: "known" };
  const events = [
    { kind: "danced", ...place },
    { kind: "shown", user, frame: { ...notice, text: undefined } },
    { kind: "shown", user, frame: { ...notice, conversation: "../c2:x" } },
    { kind: "shown", user, frame: { type: "dance", conversation: "c1" } },
    { kind: "shown", user, frame: notice },
  ];
  const from = "another";
  for (const news of [undefined, 7, { from }, events.at(-1)])
    replicas.wire.publish(JSON.stringify({ channel: "web", news }));
  for (const event of events)
    replicas.wire.publish(JSON.stringify({ channel: "web", news: { from, ...event } }));
  expect((await page.until("notice")).text).toBe("known");
  expect(page.frames.map(({ type }) => type)).toEqual(["welcome", "accepted", "notice"]);
});
