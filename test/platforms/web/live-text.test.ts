import { describe, expect, test, vi } from "vitest";

import { InMemoryArchive } from "../../support/core/in-memory-archive.ts";
import { openReplicas } from "../../support/web/open-replicas.ts";
import { pageText } from "../../support/web/page-text.ts";
import { connectWeb } from "../../support/web/web-client.ts";
import { remembered, webMemory } from "../../support/web/web-memory.ts";

const patiently = { timeout: 60_000, interval: 5 };

describe("a page that missed an event", () => {
  test("shows the question with its answer, although it received only the answer", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    await using there = await connectWeb(b.url);
    const { user } = await there.until("welcome");
    await using here = await connectWeb(a.url, { cookie: there.cookie });
    here.send({ type: "open", conversation: "c1" });
    await here.until("history");
    a.end.isDeaf = true;
    there.send({ type: "say", id: "1", conversation: "c1", text: "hello" });
    await there.until("accepted");
    a.end.isDeaf = false;
    const to = { platform: "web", target: { user, conversation: "c1" } };
    await b.web.createPost(to, b.post("Good morning"));
    await here.until("piece");
    const texts = [remembered(1, "1", "hello"), remembered(2, "t1", "Good morning")];
    replicas.memories.set(`web:${user}:c1`, webMemory(user, texts));
    b.web.turnFinished(to, { turn: "t1", text: "Good morning", covers: ["1"] });
    await here.until("done");
    await expect.poll(() => pageText(here), patiently).toEqual({ messages: ["hello", "Good morning"] });
  });
});

test("a command without a reply leaves a running answer complete, neither doubled nor removed", async () => {
  await using replicas = openReplicas();
  const [a, b] = [await replicas.open(), await replicas.open()];
  await using page = await connectWeb(a.url);
  const { user } = await page.until("welcome");
  page.send({ type: "open", conversation: "c1" });
  await page.until("history");
  const to = { platform: "web", target: { user, conversation: "c1" } };
  await b.web.createPost(to, b.post("Half"));
  await page.until("piece");
  const { promise, resolve } = Promise.withResolvers<void>();
  a.switches.holdMemory = promise;
  b.web.turnFinished(to, { turn: "t2", text: "", covers: ["2"] });
  await b.web.editPost(to, "t1", b.post("Half and whole"));
  await b.web.sendPrivately(to, ["a line behind them"]);
  await page.until("notice");
  expect(pageText(page).running).toBe("Half and whole");
  resolve();
  await page.until("history", 2);
  await expect.poll(() => pageText(page).running, patiently).toBe("Half and whole");
});

test("an answer that is retracted and written again is not doubled while its history is read", async () => {
  await using replicas = openReplicas();
  const [a, b] = [await replicas.open(), await replicas.open()];
  await using page = await connectWeb(a.url);
  const { user } = await page.until("welcome");
  page.send({ type: "open", conversation: "c1" });
  await page.until("history");
  const to = { platform: "web", target: { user, conversation: "c1" } };
  const id = await b.web.createPost(to, b.post("Half"));
  await page.until("piece");
  const { promise, resolve } = Promise.withResolvers<void>();
  a.switches.holdMemory = promise;
  await b.web.deletePost(to, id);
  await b.web.createPost(to, b.post("Half and whole"));
  await b.web.sendPrivately(to, ["a line behind them"]);
  await page.until("notice");
  expect(pageText(page).running).toBe("Half");
  resolve();
  await expect.poll(() => pageText(page).running, patiently).toBe("Half and whole");
});

test("a replica keeps no data of a person without a page", async () => {
  await using replicas = openReplicas();
  const a = await replicas.open();
  await using page = await connectWeb(a.url);
  page.send({ type: "say", id: "1", conversation: "c1", text: "hello" });
  await page.until("accepted");
  page.socket.close();
  await page.closed;
  await using next = await connectWeb(a.url);
  await next.until("welcome");
  replicas.pass(10_000);
  await using again = await connectWeb(a.url, { cookie: page.cookie });
  await again.until("welcome");
  replicas.pass(60_000);
  again.send({ type: "open", conversation: "c1" });
  expect((await again.until("history")).messages).toMatchObject([{ id: "1", text: "hello" }]);
  expect(a.recalls()).toBe(1);
});

describe("after an outage that every replica announces", () => {
  test("each page is refreshed twice at most, and each draft is sent twice at most", async () => {
    await using replicas = openReplicas();
    const [a, b] = [await replicas.open(), await replicas.open()];
    await using page = await connectWeb(a.url);
    const { user } = await page.until("welcome");
    page.send({ type: "open", conversation: "c1" });
    await page.until("history");
    await b.web.createPost({ platform: "web", target: { user, conversation: "c1" } }, b.post("Half"));
    await page.until("piece");
    const before = replicas.wire.sent.length;
    for (let count = 0; count < 10; count += 1) a.end.reconnect();
    await page.until("history", 3);
    await b.web.sendPrivately({ platform: "web", target: { user, conversation: "c1" } }, ["the end"]);
    await page.until("notice");
    expect(pageText(page).running).toBe("Half");
    expect(page.of("history")).toHaveLength(3);
    const sent = replicas.wire.sent.slice(before);
    expect(sent.filter((each) => each.includes('"asked"'))).toHaveLength(2);
    expect(sent.filter((each) => each.includes('"grown"')).length).toBeLessThanOrEqual(2);
  });

  test("a draft that several replicas ask for at once is sent once", async () => {
    await using replicas = openReplicas();
    const [a, b, c] = [await replicas.open(), await replicas.open(), await replicas.open()];
    await using here = await connectWeb(a.url);
    const { user } = await here.until("welcome");
    await using there = await connectWeb(c.url, { cookie: here.cookie });
    for (const page of [here, there]) {
      page.send({ type: "open", conversation: "c1" });
      await page.until("history");
    }
    const to = { platform: "web", target: { user, conversation: "c1" } };
    await using witness = await connectWeb(b.url, { cookie: here.cookie });
    await witness.until("welcome");
    const arrivedAtB = async (count: number): Promise<void> => {
      for (const { web } of [a, c]) await web.sendPrivately(to, ["behind the rest"]);
      await witness.until("notice", count);
    };
    await arrivedAtB(2);
    await b.web.createPost(to, b.post("Half"));
    await Promise.all([here.until("piece"), there.until("piece"), witness.until("piece")]);
    const { promise, resolve } = Promise.withResolvers<void>();
    b.switches.holdMemory = promise;
    const before = replicas.wire.sent.length;
    const sent = (kind: string): number =>
      replicas.wire.sent.slice(before).filter((each) => each.includes(`"${kind}"`)).length;
    for (const { end } of [a, c]) end.reconnect();
    await arrivedAtB(4);
    expect(sent("asked")).toBe(2);
    resolve();
    await expect.poll(() => sent("grown"), patiently).toBe(1);
    await b.web.sendPrivately(to, ["the end"]);
    await here.until("notice", 5);
    expect(sent("grown")).toBe(1);
  });
});

test("A silent conversation is compared with the stores without the archive", async () => {
  const archive = new InMemoryArchive();
  const read = vi.spyOn(archive, "read");
  await using replicas = openReplicas({ archive });
  const a = await replicas.open();
  await using page = await connectWeb(a.url);
  page.send({ type: "say", id: "1", conversation: "c1", text: "hello" });
  await page.until("accepted");
  for (let count = 1; count <= 3; count += 1) {
    replicas.pass(1_000_000);
    await expect.poll(a.recalls, patiently).toBe(count);
  }
  page.send({ type: "open", conversation: "c1" });
  await page.until("history");
  expect(read).toHaveBeenCalledTimes(1);
});
