import { expect, test } from "vitest";

import { markCut } from "../../../src/domain/cut-answer.ts";
import { placeholderText } from "../../../src/domain/fixed-notices.ts";
import type { Feedback, Verdict } from "../../../src/domain/feedback.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import { InMemoryArchive } from "../../support/core/in-memory-archive.ts";
import { openChat } from "../../support/web/open-chat.ts";
import { openReplicas, type Replica } from "../../support/web/open-replicas.ts";
import { pageText } from "../../support/web/page-text.ts";
import { connectWeb, type WebClient } from "../../support/web/web-client.ts";
import { remembered, webMemory } from "../../support/web/web-memory.ts";

const patiently = { timeout: 60_000, interval: 5 };
const open = { type: "open", conversation: "c1" };
const question = remembered(1, "1", "Does it leak?");
const old = remembered(2, "t1", "It leaks.", { answers: ["1"], turnId: "turn-1" });
const next = { ...old, text: "It does not.", turnId: "turn-2" };
const regenerate = { type: "press", id: "p1", conversation: "c1", action: "regenerate", on: "turn-1" };

/** Resolves when the page has all that was sent to it. */
async function settle(page: WebClient): Promise<void> {
  const before = page.of("welcome").length;
  page.send({ type: "list" });
  await page.until("welcome", before + 1);
}

/** A page with an answer, on the first of two replicas. */
async function openScene() {
  const opened = new AsyncDisposableStack();
  const replicas = opened.use(openReplicas());
  const [here, there] = [await replicas.open(), await replicas.open()];
  const page = opened.use(await connectWeb(here.url));
  const { user } = await page.until("welcome");
  const remember = (...messages: readonly (typeof question)[]) => {
    replicas.inbox.splice(0);
    replicas.memories.set(`web:${user}:c1`, webMemory(user, messages));
  };
  remember(question, old);
  page.send(open);
  await page.until("history");
  // It also asks for a draft. A replica that writes when the question arrives sends its draft once more, maybe after the end.
  await settle(page);
  await expect.poll(() => replicas.wire.isQuiet, patiently).toBe(true);
  const join = async ({ url }: Replica) => {
    const other = opened.use(await connectWeb(url, { cookie: page.cookie }));
    other.send(open);
    await other.until("history");
    return other;
  };
  const to = { platform: "web", target: { user, conversation: "c1" } };
  const write = (text: string) =>
    there.web.editPost(to, `${user}/c1/t1`, there.post(text, { turn: "turn-2", covers: ["1"] }));
  return {
    replicas,
    there,
    here,
    page,
    user,
    to,
    remember,
    join,
    write,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function replyOn(page: WebClient) {
  return page
    .of("history")
    .at(-1)
    ?.messages.find(({ id }) => id === "t1");
}

test("a history names the turn of each reply, and says which one was cut, without any label", async () => {
  await using chat = await openChat();
  await using page = await connectWeb(chat.url);
  const { user } = await page.until("welcome");
  const messages = [
    question,
    old,
    remembered(3, "t3", markCut("Because", "time"), { answers: ["1"], turnId: "turn-3" }),
    remembered(4, "t4", "A summary.", { turnId: "turn-4" }),
    remembered(5, "t5", "I failed.", { role: "notice", answers: ["1"], turnId: "turn-5" }),
  ];
  chat.memories.set(`web:${user}:c1`, webMemory(user, messages, { windowFrom: 2 }));
  page.send(open);
  const history = await page.until("history");
  expect(history.window).toBe(2);
  expect(history.messages.map(({ on, cut }) => ({ on, cut }))).toEqual([
    { on: undefined, cut: undefined },
    { on: "turn-1", cut: undefined },
    { on: "turn-3", cut: true },
    { on: undefined, cut: undefined },
    { on: "turn-5", cut: undefined },
  ]);
  for (const label of ["Regenerate", "👍"]) expect(JSON.stringify(history)).not.toContain(label);
});

test("the end of an answer names the turn that made it, on all replicas", async () => {
  await using scene = await openScene();
  const { there, page, to } = scene;
  const finish = (text: string, role: "bot" | "notice") =>
    there.web.turnFinished(to, {
      turn: "t9",
      text,
      covers: ["1"],
      shown: { role, text, turnId: "turn-9", answers: ["1"] },
    });
  const text = markCut("It leaks", "length");
  finish(text, "bot");
  expect(await page.until("done")).toEqual({
    type: "done",
    conversation: "c1",
    turn: "t9",
    text,
    covers: ["1"],
    on: "turn-9",
    cut: true,
  });
  finish("I failed.", "notice");
  expect(await page.until("done", 2)).toMatchObject({ on: "turn-9", role: "notice" });
  there.web.turnFinished(to, { turn: "t10", text: "A summary.", covers: ["1"] });
  expect(await page.until("done", 3)).not.toHaveProperty("on");
});

test("a reply to be given again is marked on all pages until its turn ends, also if nothing changed", async () => {
  await using scene = await openScene();
  const { replicas, there, page, user, remember, join } = scene;
  const other = await join(there);
  expect(replyOn(page)).not.toHaveProperty("again");
  page.send(regenerate);
  for (const each of [page, other])
    await expect.poll(() => replyOn(each), patiently).toMatchObject({ on: "turn-1", again: true });
  page.send(regenerate);
  await page.until("accepted", 2);
  expect(replicas.inbox).toHaveLength(1);
  remember(question, old);
  there.web.memoryChanged(webMemory(user, [question, old]));
  for (const each of [page, other])
    await expect.poll(() => replyOn(each), patiently).not.toHaveProperty("again");
});

test("the mark goes by itself if the end of the turn was not heard", async () => {
  await using scene = await openScene();
  const { replicas, page, remember } = scene;
  page.send(regenerate);
  await expect.poll(() => replyOn(page)?.again, patiently).toBe(true);
  remember(question, next);
  replicas.pass(10_000);
  await expect.poll(() => replyOn(page)?.text, patiently).toBe("It does not.");
  expect(replyOn(page)).not.toHaveProperty("again");
});

test("a question that is asked again, and a placeholder, mark their reply; the words of a person don't", async () => {
  await using scene = await openScene();
  const { replicas, page, user, to, remember } = scene;
  const reasked: Inbound = {
    kind: "reasked",
    conversation: `web:${user}:c1`,
    platform: "web",
    place: user,
    replyTo: to,
    dedupeId: "again:1",
    message: "1",
    author: question.author,
    reply: "t1",
    posts: [],
    answers: ["1"],
  };
  replicas.inbox.push({ id: "7", seq: 7, acceptedAtMs: 1, inbound: reasked });
  const marks = async () => {
    page.send(open);
    await settle(page);
    return page
      .of("history")
      .at(-1)
      ?.messages.map(({ again }) => again);
  };
  expect(await marks()).toEqual([undefined, true]);
  remember({ ...question, text: placeholderText }, { ...old, role: "notice", text: placeholderText });
  expect(await marks()).toEqual([undefined, true]);
});

test("a page that is opened while an answer is given again gets its draft, also after a silence", async () => {
  await using scene = await openScene();
  const { replicas, there, here, page, remember, join, write, to } = scene;
  page.send(regenerate);
  await expect.poll(() => replyOn(page)?.again, patiently).toBe(true);
  await write("It does");
  await expect.poll(() => pageText(page).running, patiently).toBe("It does");
  const late = [await join(here), await join(there)];
  for (const each of [page, ...late]) await expect.poll(() => pageText(each).running).toBe("It does");
  replicas.pass(10_000);
  await write("It does not");
  for (const each of [page, ...late])
    await expect.poll(() => pageText(each).running, patiently).toBe("It does not");
  remember(question, next);
  const shown = { ...next, answers: ["1"] };
  there.web.turnFinished(to, { turn: "t1", text: "It does not.", covers: ["1"], shown });
  for (const each of [page, ...late]) {
    await expect.poll(() => replyOn(each), patiently).toMatchObject({ text: "It does not.", on: "turn-2" });
    expect(pageText(each).running).toBeUndefined();
  }
});

test("a new answer whose end was not heard replaces the draft after a silence", async () => {
  await using scene = await openScene();
  const { replicas, page, remember, write } = scene;
  await write("It does");
  await expect.poll(() => pageText(page).running, patiently).toBe("It does");
  remember(question, next);
  replicas.pass(10_000);
  await expect.poll(() => replyOn(page)?.on, patiently).toBe("turn-2");
  await settle(page);
  expect(pageText(page).running).toBeUndefined();
});

test("a verdict is shown on all pages of the person, and its form's text is stored trimmed", async () => {
  await using scene = await openScene();
  const { replicas, there, page, join } = scene;
  const other = await join(there);
  const down = { ...regenerate, action: "thumbs-down" };
  page.send(down);
  const rated = { type: "rated", conversation: "c1", on: "turn-1", verdict: "down" };
  expect(await other.until("rated")).toEqual(rated);
  expect(await page.until("rated")).toEqual(rated);
  page.send({ ...down, id: "p2", value: " wrong \n" });
  page.send({ ...down, id: "p3", value: "  " });
  await page.until("accepted", 3);
  expect(replicas.inbox.map(({ inbound }) => inbound)).toMatchObject([
    { kind: "pressed", action: "thumbs-down", on: "turn-1" },
    { value: "wrong" },
    { kind: "pressed" },
  ]);
  expect(replicas.inbox[2]?.inbound).not.toHaveProperty("value");
});

test("a history has the person's verdicts: those of the inbox, then of memory, then of the archive", async () => {
  const archive = new InMemoryArchive();
  await using chat = await openChat({ archive });
  await using page = await connectWeb(chat.url);
  const { user } = await page.until("welcome");
  const key = `web:${user}:c1` as const;
  const answer = (ordinal: number) =>
    remembered(ordinal, `t${ordinal}`, "So.", { answers: ["1"], turnId: `turn-${ordinal}` });
  const rating = (turn: number, verdict: Verdict, author = user): Feedback => ({
    turn: `turn-${turn}`,
    author,
    verdict,
    atMs: 1,
    revision: 1,
  });
  for (const turn of [2, 3, 4]) archive.verdicts.set(`${user} turn-${turn}`, "down");
  archive.verdicts.set("else turn-5", "down");
  const feedback = [rating(3, "up"), rating(4, "down"), rating(5, "up", "else")];
  const messages = [question, answer(2), answer(3), answer(4), answer(5)];
  chat.memories.set(key, { ...webMemory(user, messages), feedback });
  page.send({ type: "press", id: "v4", conversation: "c1", action: "thumbs-up", on: "turn-4" });
  await page.until("accepted");
  page.send(open);
  const verdicts = async (count: number) =>
    (await page.until("history", count)).messages.map(({ verdict }) => verdict);
  expect(await verdicts(1)).toEqual([undefined, "down", "up", "up", undefined]);
  archive.isDown = true;
  page.send(open);
  expect(await verdicts(2)).toEqual([undefined, undefined, "up", "up", undefined]);
});
