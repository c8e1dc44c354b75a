/// <reference lib="dom" />

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, assert, beforeAll, describe, expect, test } from "vitest";

import type { Inbound, InboxEntry } from "../../src/domain/inbound.ts";
import { openTcpGate, type TcpGate } from "../support/tcp-gate.ts";
import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { openChat, type Chat } from "../support/web/open-chat.ts";
import { openPage } from "../support/web/open-page.ts";
import { remembered, webMemory } from "../support/web/web-memory.ts";

const patiently = { timeout: 60_000, interval: 20 };

describe.skipIf(browserIsMissing)(`the page during an answer ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  interface Scene extends AsyncDisposable {
    readonly chat: Chat;
    readonly page: Page;
    readonly log: Locator;
    /** Says something; gives its id when it is stored. */
    readonly say: (text: string) => Promise<string>;
    /** What the answer of a turn says so far. */
    readonly write: (turn: string, covers: readonly string[], text: string) => Promise<void>;
    readonly finish: (turn: string, covers: readonly string[], text: string) => void;
    /** What stands in the log, by kind and first words. */
    readonly rows: () => Promise<readonly string[]>;
  }

  async function openScene(
    inbox?: readonly Inbound[],
    port?: (port: number) => Promise<number>,
  ): Promise<Scene> {
    const opened = new AsyncDisposableStack();
    const chat = opened.use(
      await openChat(
        inbox === undefined
          ? {}
          : {
              waiting: async (conversation, _, afterSeq = 0) =>
                inbox.slice(afterSeq).map((inbound, index): InboxEntry => ({
                  id: `${afterSeq + index + 1}`,
                  seq: afterSeq + index + 1,
                  acceptedAtMs: Date.now(),
                  inbound: { ...inbound, conversation },
                })),
            },
      ),
    );
    const url = new URL("/#c1", chat.url);
    url.port = String((await port?.(Number(url.port))) ?? url.port);
    const page = await openPage(browser, url.href);
    const log = page.locator("#log");
    const post = (turn: string, covers: readonly string[], text: string) =>
      chat.post(text, { turn, covers, state: "writing" });
    return {
      chat,
      page,
      log,
      say: async (text) => {
        const before = chat.accepted.length;
        await page.getByLabel("Message", { exact: true }).fill(text);
        await page.keyboard.press("Enter");
        await expect.poll(() => chat.accepted.length, patiently).toBe(before + 1);
        const said = chat.accepted.at(-1);
        return said?.kind === "said" ? said.message.id : "";
      },
      write: async (turn, covers, text) => {
        await chat.web.createPost(chat.replyTo(), post(turn, covers, text));
      },
      finish: (turn, covers, text) => chat.web.turnFinished?.(chat.replyTo(), { turn, text, covers }),
      rows: () =>
        log
          .locator("> *:not(.day)")
          .evaluateAll((nodes) =>
            nodes.map((node) => (node.querySelector(".body, .line") ?? node).textContent?.trim() ?? ""),
          ),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  }

  test("shows activity from the moment that a message is stored, and a Stop button", async () => {
    await using scene = await openScene();
    const { page, chat } = scene;
    const stop = page.getByRole("button", { name: "Stop" });
    const id = await scene.say("Where is the key?");
    await expect.poll(() => page.locator(".working").innerText(), patiently).toMatch(/thinking/iu);
    expect(await page.getByRole("button", { name: "Send" }).isVisible()).toBe(false);
    await stop.click();
    await expect
      .poll(() => chat.accepted.at(-1), patiently)
      .toMatchObject({ kind: "pressed", action: "stop" });
    const steps = [{ kind: "search", words: "key <b>" }] as const;
    const searching = { ...chat.post("", { turn: "t1", covers: [id], state: "writing" }), steps };
    const post = await chat.web.createPost(chat.replyTo(), searching);
    await expect
      .poll(() => page.locator(".working").innerText(), patiently)
      .toContain("Looking up “key <b>”");
    const found = chat.post("Under the", { turn: "t1", covers: [id], state: "writing" });
    await chat.web.editPost(chat.replyTo(), post, found);
    await expect.poll(scene.rows, patiently).toEqual(["Where is the key?", "Under the"]);
    await stop.click();
    await expect
      .poll(() => chat.accepted.at(-1), patiently)
      .toMatchObject({ kind: "pressed", action: "stop", on: "t1" });
    scene.finish("t1", [id], "Under the mat");
    await expect.poll(() => stop.isVisible(), patiently).toBe(false);
    expect(await page.getByRole("button", { name: "Send" }).isVisible()).toBe(true);
    expect(await scene.rows()).toEqual(["Where is the key?", "Under the mat"]);
  });

  describe("when a person presses Stop without a connection", () => {
    async function cutScene() {
      const opened = new AsyncDisposableStack();
      const gates: TcpGate[] = [];
      const scene = opened.use(
        await openScene(undefined, async (port) => {
          const gate = opened.use(await openTcpGate(port));
          gates.push(gate);
          return gate.port;
        }),
      );
      const [gate] = gates;
      assert(gate);
      const question = await scene.say("Where is the key?");
      await scene.write("t1", [question], "Under the");
      await expect.poll(scene.rows, patiently).toEqual(["Where is the key?", "Under the"]);
      const line = scene.page.locator("#connection");
      return {
        ...scene,
        question,
        since: (): readonly string[] =>
          scene.chat.accepted.slice(1).map((each) => (each.kind === "said" ? each.message.text : each.kind)),
        cut: async () => {
          gate.cut();
          await expect.poll(() => line.innerText(), patiently).toContain("Not connected");
          await scene.page.getByRole("button", { name: "Stop" }).click();
        },
        restore: async () => {
          gate.restore();
          await expect.poll(() => line.innerText(), patiently).toBe("");
        },
        [Symbol.asyncDispose]: () => opened.disposeAsync(),
      };
    }

    test("the answer is stopped after the reconnection, before later messages are sent", async () => {
      await using scene = await cutScene();
      await scene.cut();
      await scene.page.getByLabel("Message", { exact: true }).fill("Never mind. And the door?");
      await scene.page.keyboard.press("Enter");
      await scene.restore();
      await expect.poll(scene.since, patiently).toEqual(["pressed", "Never mind. And the door?"]);
    });

    test("neither an answer that has ended since nor the next one is stopped", async () => {
      await using scene = await cutScene();
      await scene.cut();
      const { user = "" } = scene.chat.replyTo().target;
      const known = [
        remembered(1, scene.question, "Where is the key?"),
        remembered(2, "t1", "Under the mat", { answers: [scene.question] }),
      ];
      scene.chat.memories.set(`web:${user}:c1`, webMemory(user, known));
      scene.finish("t1", [scene.question], "Under the mat");
      await scene.restore();
      await expect.poll(scene.rows, patiently).toEqual(["Where is the key?", "Under the mat"]);
      await scene.say("And the door?");
      expect(scene.since()).toEqual(["And the door?"]);
    });
  });

  test("keeps quick questions with their answers", async () => {
    await using scene = await openScene();
    const first = await scene.say("One?");
    const second = await scene.say("Two?");
    await scene.write("t1", [first], "It is one");
    await expect.poll(scene.rows, patiently).toEqual(["One?", "It is one", "Two?"]);
    scene.finish("t1", [first], "It is one.");
    await expect
      .poll(scene.rows, patiently)
      .toEqual(["One?", "It is one.", "Two?", expect.stringMatching(/thinking …$/iu)]);
    await scene.write("t2", [second], "It is two");
    await expect.poll(scene.rows, patiently).toEqual(["One?", "It is one.", "Two?", "It is two"]);
    scene.finish("t2", [second], "It is two");
    await expect
      .poll(() => scene.page.getByRole("button", { name: "Stop" }).isVisible(), patiently)
      .toBe(false);
  });

  test("shows the running question again after a restart of the server", async () => {
    const message = {
      id: "m1",
      author: { id: "x", name: "x" },
      text: "Asked before",
      saidAtMs: 1,
      attachments: [],
    };
    await using scene = await openScene([
      {
        kind: "said",
        conversation: "web:x:c1",
        dedupeId: "m1",
        platform: "web",
        place: "x",
        addressing: "direct",
        replyTo: { platform: "web", target: {} },
        message,
      },
    ]);
    await expect
      .poll(scene.rows, patiently)
      .toEqual(["Asked before", expect.stringMatching(/thinking …$/iu)]);
    expect(await scene.page.getByRole("button", { name: "Stop" }).isVisible()).toBe(true);
  });

  test("follows an answer until the reader scrolls up, even a little, and offers a way back to the end", async () => {
    await using scene = await openScene();
    const { log, page } = scene;
    const id = await scene.say("Tell me a lot");
    const text = Array.from({ length: 100 }, (_, index) => `Paragraph ${index}`).join("\n\n");
    const fromEnd = () => log.evaluate((node) => node.scrollHeight - node.scrollTop - node.clientHeight);
    await scene.write("t1", [id], text);
    await expect.poll(() => log.innerText(), patiently).toContain("Paragraph 99");
    await expect.poll(fromEnd, patiently).toBeLessThan(2);
    const newest = page.getByRole("button", { name: "Newest" });
    expect(await newest.isVisible()).toBe(false);
    await log.hover();
    await page.mouse.wheel(0, -30);
    await expect.poll(fromEnd, patiently).toBeGreaterThan(25);
    const top = await log.evaluate((node) => node.scrollTop);
    await scene.write("t1", [id], `${text}\n\nAnd more\n\nAnd more\n\nAnd the last`);
    await expect.poll(() => log.innerText(), patiently).toContain("And the last");
    expect(await log.evaluate((node) => node.scrollTop)).toBe(top);
    await newest.click();
    await expect.poll(fromEnd, patiently).toBeLessThan(2);
    expect(await newest.isVisible()).toBe(false);
    scene.finish("t1", [id], `${text}\n\nAnd more\n\nAnd more\n\nAnd the last\n\nAnd the end`);
    await expect.poll(() => log.innerText(), patiently).toContain("And the end");
    await expect.poll(fromEnd, patiently).toBeLessThan(2);
  });

  test("stops following as soon as a finger, a key or a wheel scrolls up, before the log moves", async () => {
    await using scene = await openScene();
    const { log, page } = scene;
    const id = await scene.say("Tell me a lot");
    const text = Array.from({ length: 100 }, (_, index) => `Paragraph ${index}`).join("\n\n");
    await scene.write("t1", [id], text);
    await expect.poll(() => log.innerText(), patiently).toContain("Paragraph 99");
    const newest = page.getByRole("button", { name: "Newest" });
    const touch = (type: string, clientY: number) =>
      `((node) => {
        const touches = [new Touch({ identifier: 1, target: node, clientY: ${clientY} })];
        node.dispatchEvent(new TouchEvent(${JSON.stringify(type)}, { touches, bubbles: true }));
      })(document.querySelector("#log"))`;
    // Untrusted events move nothing: what is seen is what the page makes of the reader's wish.
    for (const moves of [
      [touch("touchstart", 100), touch("touchmove", 101)],
      ['document.querySelector("#log").dispatchEvent(new WheelEvent("wheel", { deltaY: -1 }))'],
      ['document.querySelector("#log").dispatchEvent(new KeyboardEvent("keydown", { key: "PageUp" }))'],
    ]) {
      await expect.poll(() => newest.isVisible(), patiently).toBe(false);
      // The page draws at the end of the task.
      const isHidden = `${moves.join(";")};Promise.resolve().then(() => document.querySelector("#newest").hidden)`;
      expect(await page.evaluate(isHidden)).toBe(false);
      await newest.click();
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("log");
    }
    const fromEnd = () => log.evaluate((node) => node.scrollHeight - node.scrollTop - node.clientHeight);
    await expect.poll(fromEnd, patiently).toBeLessThan(2);
    await log.evaluate((node) => (node.scrollTop -= 2));
    await expect.poll(() => newest.isVisible(), patiently).toBe(true);
  });

  test("keeps selection, scroll position and open parts while an answer grows and when it ends", async () => {
    await using scene = await openScene();
    const { page } = scene;
    const id = await scene.say("A table, please");
    const wide = Array.from({ length: 30 }, (_, index) => `column${index}`).join(" | ");
    const rule = "---|".repeat(30);
    const begun = `Paragraph to select\n\n<details><summary>More</summary>\n\ninside\n\n</details>\n\n| ${wide} |\n|${rule}\n| ${wide} |`;
    await scene.write("t1", [id], begun);
    const frame = page.locator(".table-frame");
    await expect.poll(() => frame.count(), patiently).toBe(1);
    await page.getByText("More").click();
    await frame.evaluate((node) => (node.scrollLeft = 333));
    await page.evaluate(() => {
      const text = document.querySelector(".assistant .body p")?.firstChild;
      if (text) getSelection()?.setBaseAndExtent(text, 0, text, 9);
    });
    await scene.write("t1", [id], `${begun}\n| ${wide} |`);
    await expect.poll(() => page.locator("tr").count(), patiently).toBe(3);
    const whole = `${begun}\n| ${wide} |\n\nThe end`;
    const kept = async () => ({
      selected: await page.evaluate(() => getSelection()?.toString()),
      left: await frame.evaluate((node) => node.scrollLeft),
      isOpen: await page.locator("details[open]").count(),
    });
    expect(await kept()).toEqual({ selected: "Paragraph", left: 333, isOpen: 1 });
    scene.finish("t1", [id], whole);
    await expect.poll(() => scene.log.getByText("The end").count(), patiently).toBe(1);
    expect(await page.locator(".running").count()).toBe(0);
    expect(await kept()).toEqual({ selected: "Paragraph", left: 333, isOpen: 1 });
  });

  test("moves nothing while an answer of 200 pieces grows and ends, at the end of the log and above it", async () => {
    await using scene = await openScene();
    const { page, log } = scene;
    const parts = [
      "## Part",
      "some **bold** words and `code` in a paragraph, long enough for a second line of the log on a page like this",
      "- one\n- [a link](https://example.com/a) and more",
      "```ts\nconst a = 1;\n```",
      "| a | b |\n|---|--:|\n| 1 | 2 |",
    ];
    const whole = Array.from({ length: 30 }, (_, index) => parts[index % parts.length]).join("\n\n");
    const piece = Math.floor(whole.length / 200);
    await page.evaluate(() => {
      const moved: number[] = [];
      Object.assign(globalThis, { moved });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          // What the sending of a message moves is the person's own doing.
          if (Reflect.get(entry, "hadRecentInput") !== true) moved.push(Number(Reflect.get(entry, "value")));
      }).observe({ type: "layout-shift" });
    });
    const question = await scene.say("Tell me a lot");
    for (let at = piece; at < whole.length; at += piece) {
      await scene.write("t1", [question], whole.slice(0, at));
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      // The second half grows below what is being read.
      if (at === 100 * piece) await log.evaluate((node) => node.scrollBy(0, -200));
    }
    scene.finish("t1", [question], whole);
    await expect.poll(() => page.locator(".running").count(), patiently).toBe(0);
    expect(await page.getByRole("button", { name: "Newest" }).isVisible()).toBe(true);
    expect(await page.locator("table").count()).toBe(6);
    const moved: readonly number[] = await page.evaluate("moved");
    expect(moved.reduce((sum, each) => sum + each, 0)).toBeLessThan(0.01);
  });

  test("stays responsive while a very long answer arrives", async () => {
    await using scene = await openScene();
    const { page, chat } = scene;
    const id = await scene.say("A very long one");
    const paragraph = `${"some words of an answer with **strong** ones and `code` ".repeat(5).trim()}.`;
    const whole = Array.from({ length: 330 }, (_, index) =>
      index % 10 === 9 ? `## Part ${index}\n\n| a | b |\n|---|--:|\n| ${index} | 1,000 |` : paragraph,
    ).join("\n\n");
    expect(whole.split(/\s+/u).length).toBeGreaterThan(15_000);
    const devTools = await page.context().newCDPSession(page);
    // What its own thread computes, however busy the machine is.
    await devTools.send("Performance.enable", { timeDomain: "threadTicks" });
    const computedMs = async () => {
      const { metrics } = await devTools.send("Performance.getMetrics");
      return 1_000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
    };
    const beforeMs = await computedMs();
    let updates = 0;
    for (let at = 1_000; at < whole.length; at += 1_000) {
      await scene.write("t1", [id], whole.slice(0, at));
      await expect
        .poll(() => page.locator(".running .body").evaluate((node) => node.textContent.length), patiently)
        .toBeGreaterThan(at * 0.7);
      updates += 1;
    }
    scene.finish("t1", [id], whole);
    await expect.poll(() => page.locator(".running").count(), patiently).toBe(0);
    await expect.poll(() => page.locator("table").count(), patiently).toBe(33);
    expect(updates).toBeGreaterThan(80);
    // Measured 10 to 15 ms.
    expect(((await computedMs()) - beforeMs) / updates).toBeLessThan(50);

    // Opened again, it is drawn bit by bit, its end in sight; the reader stays where the reader goes.
    const [cookie] = await page.context().cookies();
    const user = cookie?.value.split(".", 1)[0] ?? "";
    const told = [remembered(1, id, "A very long one"), remembered(2, "t1", whole, { role: "bot" })];
    chat.memories.set(`web:${user}:c1`, webMemory(user, told));
    await page.addInitScript(() => {
      const counts: number[] = [];
      Object.assign(globalThis, { counts });
      const count = () => {
        counts.push(document.querySelectorAll("#log table").length);
        requestAnimationFrame(count);
      };
      requestAnimationFrame(count);
    });
    await page.reload();
    await expect.poll(() => page.locator("table").count(), patiently).toBe(33);
    await expect.poll(() => page.locator(".running").count(), patiently).toBe(0);
    const counts: readonly number[] = await page.evaluate("counts");
    expect(new Set(counts).size).toBeGreaterThan(3);
    const fromEnd = () =>
      scene.log.evaluate((node) => node.scrollHeight - node.scrollTop - node.clientHeight);
    expect(await fromEnd()).toBeLessThan(2);
  });
});
