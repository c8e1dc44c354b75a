import { describe, expect, test } from "vitest";

import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import { openChat } from "../../support/web/open-chat.ts";
import { connectWeb } from "../../support/web/web-client.ts";
import { remembered, webMemory } from "../../support/web/web-memory.ts";

const say = (id: string, text: string, conversation = "c1") => ({ type: "say", id, conversation, text });

describe("a frame from a client", () => {
  test("is answered by a welcome with an opaque user, the demo mark, conversations and commands", async () => {
    await using chat = await openChat();
    await using first = await connectWeb(chat.url);
    const { user } = await first.until("welcome");
    chat.entries.push(
      { conversation: `web:${user}:c9`, platform: "web", place: user, title: "Roof", lastAtMs: 5 },
      { conversation: "web:other:c1", platform: "web", place: "other", title: "Secret", lastAtMs: 6 },
    );
    await using again = await connectWeb(chat.url, { cookie: first.cookie });
    expect(await again.until("welcome")).toEqual({
      type: "welcome",
      user,
      demo: true,
      conversations: [{ id: "c9", title: "Roof", atMs: 5 }],
      commands: [
        { name: "reset", description: "Start afresh", options: [], scope: "conversation" },
        {
          name: "recall",
          description: "Find what was said",
          options: [{ word: "share", description: "show it to everybody" }],
          text: { name: "words", description: "some words of it", isRequired: true },
          scope: "place",
        },
        { name: "forget", description: "Delete your data", options: [], scope: "place" },
        { name: "help", description: "What I can do", options: [], scope: "place" },
      ],
      forms: { "thumbs-down": expect.objectContaining({ title: "What was wrong?", submit: "Send" }) },
    });
  });

  test("is accepted only after it is stored", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    const { promise, resolve } = Promise.withResolvers<void>();
    chat.switches.hold = promise;
    client.send(say("1", "hello"));
    client.send({ type: "list" });
    await client.until("welcome");
    expect(client.of("accepted")).toEqual([]);
    resolve();
    expect(await client.until("accepted")).toEqual({ type: "accepted", id: "1", conversation: "c1" });
    expect(chat.accepted).toMatchObject([
      { kind: "said", addressing: "direct", message: { id: "1", text: "hello" }, platform: "web" },
    ]);
  });

  test.each([
    ["?zone=America%2FNew_York", { timeZone: "America/New_York" }],
    ["?zone=Nowhere%2FAtAll", {}],
    ["", {}],
  ])("carries the time zone of the page, if it is valid: %s", async (query, zone) => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url, {}, query);
    client.send(say("1", "hello"));
    await client.until("accepted");
    const { user } = await client.until("welcome");
    expect(chat.accepted).toMatchObject([{ message: { author: { id: user, name: "User" } } }]);
    const [first] = chat.accepted;
    expect(first?.kind === "said" ? first.message.author : {}).toEqual({ id: user, name: "User", ...zone });
  });

  test("with a repeated id makes one message, and is accepted both times", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    client.send(say("1", "hello"));
    client.send(say("1", "hello"));
    await client.until("accepted", 2);
    expect(chat.accepted).toHaveLength(1);
  });

  test("removes a conversation permanently, also for a page that repeats it", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    client.send({ type: "remove", id: "1", conversation: "c1" });
    client.send({ type: "remove", id: "1", conversation: "c1" });
    await client.until("removed", 2);
    expect(chat.accepted).toHaveLength(1);
  });

  test("may be a command, a stop, an edit, a deletion or a whole conversation", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    client.send({ type: "command", id: "1", conversation: "c1", name: "reset", argument: " now " });
    client.send({ type: "edit", id: "2", conversation: "c1", message: "m", text: "new" });
    client.send({ type: "delete", id: "3", conversation: "c1", message: "m" });
    client.send({ type: "stop", conversation: "c1" });
    client.send({ type: "stop", conversation: "c1", on: "turn-1" });
    client.send({ type: "remove", id: "4", conversation: "c1" });
    await client.until("removed");
    expect(client.of("accepted").map(({ id }) => id)).toEqual(["1", "2", "3", "4"]);
    expect(chat.accepted).toMatchObject([
      { kind: "commanded", name: "reset", argument: "now" },
      { kind: "edited", message: "m", text: "new" },
      { kind: "deleted", message: "m" },
      { kind: "pressed", action: "stop", on: expect.stringMatching(/^web:/u) },
      { kind: "pressed", action: "stop", on: "turn-1" },
      { kind: "erased" },
    ]);
    expect(new Set(chat.accepted.map(({ dedupeId }) => dedupeId)).size).toBe(6);
  });

  test.each([
    ["no JSON", "hello", "bad-frame", undefined],
    ["JSON that is no object", "7", "bad-frame", undefined],
    ["an unknown type", { type: "fly", id: "1" }, "bad-frame", "1"],
    ["a missing field", { type: "say", id: "1", text: "x" }, "bad-frame", "1"],
    ["a conversation that leaves its place", say("1", "x", "../c2:x"), "bad-frame", "1"],
    ["nothing", say("1", " \n\u00A0"), "empty", "1"],
    ["too much", say("1", "x".repeat(100_001)), "too-long", "1"],
    [
      "an unknown command",
      { type: "command", id: "1", conversation: "c1", name: "fly" },
      "unknown-command",
      "1",
    ],
    [
      "a press that gives an unknown command",
      { type: "press", id: "1", conversation: "c1", action: "give-command", value: "1 fly high" },
      "unknown-command",
      "1",
    ],
    ["a press of no action", { type: "press", id: "1", conversation: "c1", action: "a b" }, "bad-frame", "1"],
    [
      "a press that says too much",
      { type: "press", id: "1", conversation: "c1", action: "stop", value: "x".repeat(4_001) },
      "too-long",
      "1",
    ],
    ["bytes", Buffer.from([1, 2, 3]), "bad-frame", undefined],
  ])("gets an error for %s, and the socket stays open", async (_name, frame, code, id) => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    client.send(frame);
    const error = await client.until("error");
    expect(error).toMatchObject({ code, reference: expect.stringMatching(/^\w{8}$/u) });
    expect(error.id).toBe(id);
    client.send(say("2", "x".repeat(100_000)));
    await client.until("accepted");
    expect(chat.accepted).toHaveLength(1);
  });

  test.each([
    ["a line break", "1\n2"],
    ["a line break at its end", "1\n"],
    ["NUL", "1\0"],
    ["a slash", "1/2"],
    ["a space", "1 2"],
    ["letters beyond ASCII", "é"],
    ["a bidi mark", "1\u202E2"],
    ["129 characters", "x".repeat(129)],
    ["nothing", ""],
  ])("is invalid if its id, or that of its message, holds %s", async (_name, id) => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    const base = { conversation: "c1", id: "1", message: "2" };
    client.send({ ...base, type: "say", id, text: "hello" });
    client.send({ ...base, type: "command", id, name: "reset" });
    client.send({ ...base, type: "edit", message: id, text: "hello" });
    client.send({ ...base, type: "delete", message: id });
    client.send({ ...base, type: "remove", id });
    client.send({ ...base, type: "rename", id, title: "Garden" });
    await client.until("error", 6);
    expect(new Set(client.of("error").map(({ code }) => code))).toEqual(new Set(["bad-frame"]));
    expect(chat.accepted).toEqual([]);
  });

  test("may have an id of letters, digits and common punctuation", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    for (const id of ["a1", "m_1-2.3:4", crypto.randomUUID(), "x".repeat(128)]) client.send(say(id, "hello"));
    await client.until("accepted", 4);
    expect(chat.accepted).toHaveLength(4);
  });

  test("that can't be stored gets an error with a reference that is in the log", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    chat.switches.isStoreDown = true;
    client.send(say("1", "hello"));
    const { id, code, reference } = await client.until("error");
    expect({ id, code }).toEqual({ id: "1", code: "not-stored" });
    expect(chat.log.lines).toContainEqual(
      expect.objectContaining({ level: "error", facts: expect.objectContaining({ reference }) }),
    );
    expect(client.of("accepted")).toEqual([]);
    chat.switches.isStoreDown = false;
    client.send(say("1", "hello"));
    await client.until("accepted");
  });

  test("is slowed down over twenty a second, and the client is cut off if it goes on", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    await client.until("welcome");
    for (let count = 0; count < 200; count += 1) client.send({ type: "list" });
    expect(await client.closed).toBe(1008);
    expect(client.of("error")).toMatchObject([{ code: "slow-down" }]);
  });

  test("that was one too many is named in the error", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    for (let count = 1; count <= 21; count += 1) client.send(say(`${count}`, "hello"));
    expect(await client.until("error")).toMatchObject({ code: "slow-down", id: "21" });
    await client.until("accepted", 20);
    expect(chat.accepted).toHaveLength(20);
  });

  test("may not be larger than a mebibyte", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    client.send(`"${"x".repeat(1024 * 1024)}"`);
    expect(await client.closed).toBe(1009);
  });
});

describe("a client's view", () => {
  test("shows an answer grow, which is done when the turn is remembered", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    client.send(say("1", "hello"));
    await client.until("accepted");
    const to = chat.replyTo();
    const id = await chat.web.createPost(to, chat.post("Good "));
    await chat.web.editPost(to, id, chat.post("Good morning"));
    await chat.web.editPost(to, id, chat.post("Good morning", { state: "done" }));
    expect(client.of("done")).toEqual([]);
    chat.web.turnFinished(to, { turn: "t1", text: "Good morning", covers: ["1"] });
    expect(await client.until("done")).toEqual({
      type: "done",
      conversation: "c1",
      turn: "t1",
      text: "Good morning",
      covers: ["1"],
    });
    expect(client.of("piece").map(({ text }) => text)).toEqual(["Good ", "morning"]);
  });

  test("shows look-ups before the first words and between two texts", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    client.send(say("1", "hello"));
    await client.until("accepted");
    const to = chat.replyTo();
    const steps = ["lease", "rent"].map((words) => ({ kind: "search", words }) as const);
    const id = await chat.web.createPost(to, { ...chat.post("", { state: "writing" }), steps });
    await client.until("working");
    expect(client.of("piece")).toEqual([]);
    await chat.web.editPost(to, id, chat.post("The lease", { state: "writing" }));
    await chat.web.editPost(to, id, {
      ...chat.post("The lease", { state: "writing" }),
      steps: steps.slice(0, 1),
    });
    await client.until("working", 2);
    expect(client.of("working").map(({ words }) => words)).toEqual(["rent", "lease"]);
    expect(client.of("piece").map(({ text }) => text)).toEqual(["The lease"]);
  });

  test("shows the history after a reload, with new messages and the running text", async () => {
    await using chat = await openChat();
    await using before = await connectWeb(chat.url);
    before.send(say("1", "hello"));
    await before.until("accepted");
    const to = chat.replyTo();
    const id = await chat.web.createPost(to, chat.post("Half"));
    await using client = await connectWeb(chat.url, { cookie: before.cookie });
    client.send({ type: "open", conversation: "c1" });
    expect(await client.until("history")).toMatchObject({
      messages: [{ id: "1", role: "user", text: "hello" }],
    });
    expect(await client.until("piece")).toMatchObject({ turn: "t1", text: "Half" });
    await chat.web.editPost(to, id, chat.post("Half done"));
    expect(await client.until("piece", 2)).toMatchObject({ text: " done" });
  });

  test("comes after the welcome, however slow that is", async () => {
    await using chat = await openChat();
    const { promise, resolve } = Promise.withResolvers<void>();
    chat.switches.holdList = promise;
    await using client = await connectWeb(chat.url);
    client.send(say("1", "hello"));
    client.send({ type: "open", conversation: "c1" });
    resolve();
    await client.until("history");
    expect(client.frames.map(({ type }) => type)).toEqual(["welcome", "accepted", "history"]);
  });

  test("shows messages, edits and retractions of another page", async () => {
    await using chat = await openChat();
    await using here = await connectWeb(chat.url);
    await using there = await connectWeb(chat.url, { cookie: here.cookie });
    await there.until("welcome");
    here.send(say("1", "hello"));
    expect((await there.until("history")).messages).toMatchObject([{ id: "1", text: "hello" }]);
    here.send({ type: "edit", id: "2", conversation: "c1", message: "1", text: "goodbye" });
    expect((await there.until("history", 2)).messages).toMatchObject([{ id: "1", text: "goodbye" }]);
    here.send({ type: "delete", id: "3", conversation: "c1", message: "1" });
    expect((await there.until("history", 3)).messages).toEqual([]);
    expect(here.of("history")).toEqual([]);
  });

  test("shows the question even if it was sent before a restart", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    const { user } = await client.until("welcome");
    const to = { platform: "web", target: { user, conversation: "c1" } };
    chat.memories.set(`web:${user}:c1`, memory(user));
    chat.web.turnFinished(to, { turn: "t1", text: "hi", covers: ["1"] });
    await client.until("history");
    expect(client.frames.slice(-2)).toMatchObject([
      { type: "done" },
      { type: "history", messages: [{ id: "1" }, { id: "t1" }, { id: "t2" }] },
    ]);
  });

  test("shows an answer that finished while its history was read", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    const { user } = await client.until("welcome");
    client.send(say("1", "hello"));
    await client.until("accepted");
    const { promise, resolve } = Promise.withResolvers<void>();
    chat.switches.holdMemory = promise;
    const before = chat.recalls();
    client.send({ type: "open", conversation: "c1" });
    await expect.poll(() => chat.recalls()).toBe(before + 1);
    chat.memories.set(`web:${user}:c1`, memory(user));
    chat.web.turnFinished(chat.replyTo(), { turn: "t1", text: "hi", covers: ["1"] });
    resolve();
    expect((await client.until("history")).messages).toMatchObject([{ id: "1" }, { id: "t1" }, { id: "t2" }]);
  });

  test("never shows the rest of another turn's text", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    client.send(say("1", "hello"));
    await client.until("accepted");
    const to = chat.replyTo();
    await chat.web.createPost(to, chat.post("Good"));
    await chat.web.createPost(to, chat.post("Good morning", { turn: "t2" }));
    await client.until("piece", 2);
    expect(client.frames.slice(-2)).toMatchObject([
      { type: "history" },
      { type: "piece", turn: "t2", text: "Good morning" },
    ]);
  });

  test("is cut off for a client that reads too slowly, and for no other", async () => {
    await using chat = await openChat();
    await using slow = await connectWeb(chat.url);
    await using other = await connectWeb(chat.url, { cookie: slow.cookie });
    await other.until("welcome");
    slow.send(say("1", "hello"));
    await slow.until("accepted");
    slow.socket.pause();
    let text = "";
    for (let count = 1; count <= 40; count += 1) {
      text += "x".repeat(500_000);
      await chat.web.editPost(chat.replyTo(), "t1", chat.post(text));
      await other.until("piece", count);
    }
    slow.socket.resume();
    expect(await slow.closed).toBe(1013);
    expect(slow.of("piece").length).toBeLessThan(40);
    other.send({ type: "list" });
    await other.until("welcome", 2);
  });

  test("starts an answer again when it is written again", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    client.send(say("1", "hello"));
    await client.until("accepted");
    const to = chat.replyTo();
    const id = await chat.web.createPost(to, chat.post("The capital of Austria"));
    await chat.web.editPost(to, id, chat.post("Canberra"));
    await client.until("history");
    expect(client.frames.slice(-2)).toMatchObject([{ type: "history" }, { type: "piece", text: "Canberra" }]);
    await chat.web.deletePost(to, id);
    await client.until("history", 2);
    expect(client.frames.at(-1)).toMatchObject({ type: "history" });
  });

  test("shows each remembered message once, with chapters and notices", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    const { user } = await client.until("welcome");
    client.send(say("1", "hello"));
    await client.until("accepted");
    chat.memories.set(`web:${user}:c1`, memory(user));
    client.send({ type: "open", conversation: "c1" });
    expect((await client.until("history")).messages).toEqual([
      { id: "1", role: "user", text: "hello", atMs: 1, chapter: 1, ordinal: 1 },
      { id: "t1", role: "assistant", text: "hi", atMs: 2, chapter: 1, ordinal: 2 },
      { id: "t2", role: "notice", text: "sorry", atMs: 3, chapter: 2, ordinal: 3 },
    ]);
  });

  test("shows an edit and a deletion at once, even while memory waits for a long answer to end", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    const { user } = await client.until("welcome");
    chat.memories.set(`web:${user}:c1`, memory(user));
    client.send({ type: "edit", id: "a", conversation: "c1", message: "1", text: "hello again" });
    client.send({ type: "open", conversation: "c1" });
    expect((await client.until("history")).messages[0]).toMatchObject({ id: "1", text: "hello again" });
    client.send({ type: "delete", id: "b", conversation: "c1", message: "1" });
    client.send({ type: "open", conversation: "c1" });
    expect((await client.until("history", 2)).messages.map(({ id }) => id)).toEqual(["t1", "t2"]);
    client.send({ type: "remove", id: "c", conversation: "c1" });
    client.send({ type: "open", conversation: "c1" });
    expect((await client.until("history", 3)).messages).toEqual([]);
  });

  test("shows no command that was typed as a text", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    for (const [id, text] of [
      "/reset",
      " !Reset undo ",
      "what then?",
      "/etc/hosts",
      "/reset-ting",
      "/recall some words",
    ].entries()) {
      client.send(say(`${id}`, text));
    }
    await client.until("accepted", 6);
    client.send({ type: "open", conversation: "c1" });
    expect((await client.until("history")).messages.map(({ id }) => id)).toEqual(["2", "3", "4"]);
  });

  test("shows a conversation's new name, on all pages", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    await using other = await connectWeb(chat.url, { cookie: client.cookie });
    await other.until("welcome");
    client.send({ type: "rename", id: "1", conversation: "c1", title: "  Garden " });
    expect(await other.until("renamed")).toEqual({ type: "renamed", conversation: "c1", title: "Garden" });
    expect(await client.until("accepted")).toMatchObject({ id: "1" });
  });

  test("shows that memory is unavailable instead of an empty history", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    chat.switches.isMemoryDown = true;
    client.send({ type: "open", conversation: "c1" });
    expect(await client.until("error")).toMatchObject({ code: "memory-unavailable" });
    expect(client.of("history")).toEqual([]);
  });

  test("shows a person's messages on that person's pages only", async () => {
    await using chat = await openChat();
    await using ada = await connectWeb(chat.url);
    await using alsoAda = await connectWeb(chat.url, { cookie: ada.cookie });
    await using bob = await connectWeb(chat.url);
    await Promise.all([ada.until("welcome"), alsoAda.until("welcome"), bob.until("welcome")]);
    bob.send(say("1", "mine", "c1"));
    ada.send(say("1", "hello", "c1"));
    await ada.until("accepted");
    const to = chat.accepted.find((inbound) => inbound.kind === "said" && inbound.message.text === "hello");
    if (to?.kind !== "said") throw new Error("not accepted");
    await chat.web.createPost(to.replyTo, chat.post("for Ada"));
    await chat.web.sendPrivately(to.replyTo, ["a line for Ada"]);
    await ada.until("notice");
    await alsoAda.until("notice");
    bob.send({ type: "open", conversation: "c1" });
    expect(JSON.stringify(await bob.until("history"))).not.toContain("hello");
    expect(bob.of("piece")).toEqual([]);
    expect(bob.of("notice")).toEqual([]);
  });

  test("shows buttons under a private line, and the first press runs the command", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    client.send(say("1", "hello"));
    await client.until("accepted");
    const [said] = chat.accepted;
    if (said?.kind !== "said") throw new Error("not accepted");
    const choices = [
      { label: "Reset", name: "reset", argument: "" },
      { label: "Cancel", name: "cancel", argument: "" },
    ];
    const offer = { id: "2345abcd", atMs: 0, choices, orElse: "" };
    await chat.web.sendPrivately(said.replyTo, ["First.", "Sure?"], undefined, offer);
    await client.until("notice", 2);
    expect(client.of("notice")).toEqual([
      { type: "notice", conversation: "c1", text: "First." },
      {
        type: "notice",
        conversation: "c1",
        text: "Sure?",
        offer: {
          id: "2345abcd",
          choices: [
            { ...choices[0], value: "0 reset " },
            { ...choices[1], value: "0 cancel " },
          ],
        },
      },
    ]);
    const press = { id: "2345abcd", conversation: "c1" };
    const pressed = { ...press, type: "press", action: "give-command", on: "2345abcd" };
    client.send({ ...pressed, value: "0 cancel " });
    client.send({ ...pressed, value: "0 reset " });
    client.send({ ...press, type: "command", name: "reset", argument: "" });
    await client.until("accepted", 4);
    expect(chat.accepted.slice(1)).toMatchObject([
      { kind: "pressed", action: "give-command", on: "2345abcd", value: "0 cancel " },
    ]);
    client.send({ ...press, id: "other", type: "command", name: "reset", argument: "" });
    await client.until("accepted", 5);
    expect(chat.accepted.at(-1)).toMatchObject({ kind: "commanded", name: "reset" });
  });

  test("confirms a press once it is stored, with the label of its button", async () => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    const press = { type: "press", id: "p1", conversation: "c1", action: "approve" };
    chat.switches.isStoreDown = true;
    client.send(press);
    expect(await client.until("error")).toMatchObject({ id: "p1", code: "not-stored" });
    chat.switches.isStoreDown = false;
    client.send(press);
    client.send(press);
    client.send({ ...press, id: "p2", on: "turn-1", value: "a:b {c}" });
    await client.until("accepted", 3);
    const { user } = await client.until("welcome");
    const conversation = `web:${user}:c1`;
    const common = { kind: "pressed", action: "approve", conversation, place: user, by: { id: user } };
    const replyTo = { platform: "web", target: { user, conversation: "c1" } };
    expect(chat.accepted).toMatchObject([
      { ...common, replyTo, on: conversation, dedupeId: `${conversation}:press:p1` },
      { ...common, replyTo, on: "turn-1", value: "a:b {c}" },
    ]);
    expect(chat.accepted[0]).not.toHaveProperty("value");
  });

  test("ends with a goodbye when the server stops, after all received frames were stored", async () => {
    const chat = await openChat();
    await using client = await connectWeb(chat.url);
    await client.until("welcome");
    client.send(say("1", "hello"));
    await client.until("accepted");
    const { promise, resolve } = Promise.withResolvers<void>();
    chat.switches.hold = promise;
    client.send(say("2", "one more"));
    await expect.poll(() => chat.accepting()).toBe(2);
    const ended = chat[Symbol.asyncDispose]();
    client.send(say("3", "too late"));
    resolve();
    await ended;
    expect(await client.closed).toBe(1001);
    expect(client.of("accepted").map(({ id }) => id)).toEqual(["1", "2"]);
    expect(chat.accepted).toHaveLength(2);
  });
});

function memory(user: string): ConversationMemory {
  const messages = [
    remembered(1, "1", "hello"),
    remembered(2, "t1", "hi"),
    remembered(3, "t2", "sorry", { role: "notice", chapter: 2 }),
  ];
  return webMemory(user, messages, { chapter: 2, since: 2 });
}
