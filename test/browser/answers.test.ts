/// <reference lib="dom" />

import fc from "fast-check";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { openChat, type Chat } from "../support/web/open-chat.ts";
import { newPage, userOf } from "../support/web/open-page.ts";
import { remembered, webMemory } from "../support/web/web-memory.ts";

const patiently = { timeout: 60_000, interval: 20 };
const steps =
  "1. One\n2. Two\n\n```ts\nconst a = 1;\n```\n\n3. Three\n\n   ```\n   inside\n   ```\n\n4. Four";
const table =
  "| Item | Amount | Due |\n|:--|--:|:-:|\n| Internationalisation | 1,234,567.89 | 2026-12-01 |\n| Licences | 99.00 | 2026-12-15 |";

describe.skipIf(browserIsMissing)(`an answer on the page ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  let chat: Chat;
  let page: Page;
  let expectNoFaults: () => void;
  let user: string;
  let count = 0;
  beforeAll(async () => {
    browser = await launchBrowser();
    chat = await openChat();
    ({ page, expectNoFaults } = await newPage(browser));
    await page.goto(chat.url);
    user = await userOf(page);
  });
  afterEach(() => expectNoFaults());
  afterAll(async () => {
    await browser.close();
    await chat[Symbol.asyncDispose]();
  });

  /** The body of an answer with this text, in a conversation of its own. */
  async function shown(text: string, width = 1_000): Promise<Locator> {
    count += 1;
    const conversation = `c${count}`;
    const answer = remembered(1, `t${count}`, text);
    chat.memories.set(`web:${user}:${conversation}`, webMemory(user, [answer], { conversation }));
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`${chat.url}/#${conversation}`);
    const body = page.locator(`.message.assistant:not(.running)[data-id=${answer.id}] .body`);
    await expect.poll(() => body.count(), patiently).toBe(1);
    return body;
  }

  test("continues list numbers after code, and keeps an item's content inside the item", async () => {
    const body = await shown(steps);
    const starts = await body
      .locator("ol")
      .evaluateAll((lists) => lists.map((each) => each.getAttribute("start")));
    expect(starts).toEqual([null, "3"]);
    expect(await body.locator("ol").nth(1).locator("li").allInnerTexts()).toEqual([
      expect.stringContaining("inside"),
      "Four",
    ]);
  });

  test("aligns the columns of tables, which scroll if they are too wide and break no word or number", async () => {
    const body = await shown(`${table}\n\n${"x".repeat(300)}`, 320);
    const cells = body.locator("tr").nth(1).locator("td");
    expect(await cells.evaluateAll((all) => all.map((each) => getComputedStyle(each).textAlign))).toEqual([
      expect.stringMatching(/left$/u),
      expect.stringMatching(/right$/u),
      expect.stringMatching(/center$/u),
    ]);
    expect(
      await cells.evaluateAll((all) =>
        all.map((each) => {
          const range = document.createRange();
          range.selectNodeContents(each);
          return range.getClientRects().length;
        }),
      ),
    ).toEqual([1, 1, 1]);
    const frame = body.locator(".table-frame");
    expect(await frame.evaluate((node) => node.scrollWidth > node.clientWidth)).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  });

  test("shows headings whole, each no larger than the one above it", async () => {
    const long = "a heading with many words that can't stand in one line of a narrow window "
      .repeat(3)
      .trim();
    const body = await shown(
      Array.from({ length: 6 }, (_, index) => `${"#".repeat(index + 1)} ${long}`).join("\n\n"),
      400,
    );
    const headings = await body.locator("h1,h2,h3,h4,h5,h6").evaluateAll((all) =>
      all.map((each) => ({
        isWhole: each.scrollWidth <= each.clientWidth && each.clientHeight > 60,
        size: Number.parseFloat(getComputedStyle(each).fontSize),
      })),
    );
    expect(headings).toHaveLength(6);
    expect(headings.every(({ isWhole }) => isWhole)).toBe(true);
    const sizes = headings.map(({ size }) => size);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(sizes.at(-1)).toBeGreaterThanOrEqual(16);
  });

  test("shows task lists, collapsible parts, keys and highlighted words", async () => {
    const body = await shown(
      "- [x] tests\n- [ ] docs\n- plain\n\n<details><summary>More</summary>\n\nHidden **words**\n\n- one\n\n</details>\n\nPress <kbd>Ctrl</kbd>, see <mark>this</mark>",
    );
    expect(
      await body.locator("li").evaluateAll((all) => all.map((each) => each.textContent?.trim())),
    ).toEqual(["☑ tests", "☐ docs", "plain", "one"]);
    expect(await body.locator("strong").isVisible()).toBe(false);
    await body.getByText("More").click();
    expect(await body.locator("details strong").isVisible()).toBe(true);
    expect(await body.locator("details li").isVisible()).toBe(true);
    expect(await body.locator("kbd, mark").allInnerTexts()).toEqual(["Ctrl", "this"]);
  });

  test("turns images into links, and loads nothing", async () => {
    const asked: string[] = [];
    await page.route(/example\.com/u, (route) => {
      asked.push(route.request().url());
      return route.abort();
    });
    const body = await shown(
      '![A chart](https://example.com/a.png) ![](https://example.com/b.png)\n\n<p><img src="https://example.com/c.png" alt="A map" onerror="alert(1)"></p>\n\n![x](javascript:alert(1))',
    );
    expect(await body.locator("img").count()).toBe(0);
    expect(
      await body
        .locator("a")
        .evaluateAll((all) => all.map((each) => [each.textContent, each.getAttribute("href")])),
    ).toEqual([
      ["Image: A chart", "https://example.com/a.png"],
      ["Image: untitled", "https://example.com/b.png"],
      ["Image: A map", "https://example.com/c.png"],
      ["Image: x", null],
    ]);
    expect(asked).toEqual([]);
    await page.unroute(/example\.com/u);
  });

  test("that grew looks like one that came whole", async () => {
    const pieces = [
      ..."# H\n\n|para *em* **str|ong** `co|de` \n|- a\n|- [x] b\n  - c\n|2. two\n|\n\n|> q\n> r\n\n|---\n|text\n===\n".split(
        "|",
      ),
      ..."inner\n\n- x\n\n|</details>\n\n|see [r]\n|[r]: https://e.x\n\n|<b>bold|</b> |List<String>\n\n|    indented\n".split(
        "|",
      ),
      ..."![i](https://e.x/i.png)|<!-- c -->\n\n|***\n|a\\\nb|<td>cell</td></tr></table>\n\n|<table><tr>\n\n".split(
        "|",
      ),
      "<details><summary>S</summary>\n\n",
      "so \\(a_1*b*\\) is $x^2$\n\n$$\n",
      "\\[ a*b*c \\]\n",
      "a note[^1]\n\n[^1]: Word\n",
      "1. אחת\n2. two\n\n> ثلاثة\n\n",
      "[![b](https://e.x/b.svg)](https://e.x/)\n",
      "1. one\n\n   ```js\n   x < y\n   ```\n\n",
      "```ts\nconst a = 1;\n\n\nb\n```\n",
      "| a | b |\n|--|:-:|\n",
      "| 1 | 2 |\n",
      `${"x".repeat(500)}\n`,
    ];
    const numbers = fc.array(fc.nat({ max: 1_000 }), { minLength: 3, maxLength: 30 });
    const texts = fc.sample(
      fc.tuple(fc.array(fc.constantFrom(...pieces), { minLength: 2, maxLength: 40 }), numbers),
      60,
    );
    // A function would be rewritten by vitest, which knows no browser.
    const different: readonly string[] = await page.evaluate(`(async () => {
      const { RichText } = await import("/assets/answer/rich-text.js");
      const isPlain = (node) => node.querySelector("script, img, style") === null;
      const settled = (node) => {
        for (const each of node.querySelectorAll("[tabindex]")) each.removeAttribute("tabindex");
        return node;
      };
      return ${JSON.stringify(texts)}.flatMap(([pieces, steps]) => {
        const text = pieces.join("");
        const [grown, whole] = [document.createElement("div"), document.createElement("div")];
        const growing = new RichText(grown);
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          at += 1 + (steps[turn % steps.length] % 60);
          growing.show(text.slice(0, at), { isWhole: false });
        }
        growing.show(text, { isWhole: true });
        new RichText(whole).show(text, { isWhole: true });
        return settled(grown).isEqualNode(settled(whole)) && isPlain(grown) ? [] : [text];
      });
    })()`);
    expect(different).toEqual([]);
  });

  test("shows no address and no markup of bold text and code before they are complete", async () => {
    const lines = [
      ["see [the plan](https://example.com/pl", "see the plan"],
      ["![A chart](https://example.com/a.p", ""],
      ["it is **very", "it is very"],
      ["it is **", "it is"],
      ["run `npm ci", "run npm ci"],
      ["run `", "run"],
      ["`a ** b` is 2 ** 3", "a ** b is 2 ** 3"],
      ["- [ ] [x](y) and [z](https://e", "☐ x and z"],
    ] as const;
    const inCode = "```md\n[the plan](https://example.com/pl";
    const seen: readonly string[] = await page.evaluate(`(async () => {
      const { RichText } = await import("/assets/answer/rich-text.js");
      return ${JSON.stringify([...lines.map(([line]) => line), inCode])}.map((text) => {
        const node = document.createElement("div");
        document.body.append(node);
        new RichText(node).show(text, { isWhole: false });
        const seen = node.innerText.trim();
        node.remove();
        return seen;
      });
    })()`);
    expect(seen.slice(0, -1)).toEqual(lines.map(([, wanted]) => wanted));
    expect(seen.at(-1)).toContain("[the plan](https://example.com/pl");
  });

  test("calls the reader You in its list of sources", async () => {
    const today = new Date().toISOString().slice(0, 10);
    const body = await shown(
      `It is green.\n\n*Sources:* [User, 2020-05-04](/#c/c9/m1) · [User, ${today}](/#c/c9/m2)`,
    );
    expect(await body.getByRole("link").allInnerTexts()).toEqual([
      expect.stringMatching(/^You, .*2020/u),
      expect.stringMatching(/^You, (?:today|yesterday|\w+ \d+)$/u),
    ]);
  });

  test("has the direction of its own words", async () => {
    const body = await shown("Hello\n\nمرحبا بالعالم\n\n- שלום\n\n```\ncode\n```");
    const directions = await body
      .locator("p, li, pre")
      .evaluateAll((all) => all.map((each) => getComputedStyle(each).direction));
    expect(directions).toEqual(["ltr", "rtl", "rtl", "ltr"]);
  });

  test("stays in the window in any direction, with lists, quotes and tables on the side of their text", async () => {
    const body = await shown(
      "1. אחת\n2. two\n3. ثلاثة\n\n- مرحبا\n\n  فقرة\n\n- [x] משימה\n\n> اقتباس\n\n| עברית | English |\n|---|---|\n| א | b |",
      390,
    );
    const directions = await body
      .locator("li, blockquote, table")
      .evaluateAll((all) => all.map((each) => getComputedStyle(each).direction));
    expect(directions).toEqual(["rtl", "ltr", "rtl", "rtl", "rtl", "rtl", "rtl"]);
    // The room for a number or a box is on its own side, within the page.
    const rooms = await body.locator("li").evaluateAll((all) =>
      all.map((each) => {
        const { left, right } = each.getBoundingClientRect();
        const isLeft = getComputedStyle(each).direction === "ltr";
        return isLeft ? left : document.documentElement.clientWidth - right;
      }),
    );
    expect(Math.min(...rooms)).toBeGreaterThan(15);
    expect(
      await page.locator("#log").evaluate((node) => node.scrollWidth - node.clientWidth),
    ).toBeLessThanOrEqual(0);
    const border = await body
      .locator("blockquote")
      .evaluate((node) => getComputedStyle(node).borderRightWidth);
    expect(border).toBe("3px");
  });

  test("keeps tasks below each other", async () => {
    const body = await shown("- [ ] a\n  - [x] b\n    - [ ] c\n\n1. [x] numbered");
    const lefts = await body
      .locator("li")
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().left));
    const [first = 0, second = 0, third = 0] = lefts;
    expect(second - first).toBeGreaterThan(15);
    expect(third - second).toBeGreaterThan(15);
    const numbered = body.locator("ol > li");
    expect(await numbered.evaluate((node) => getComputedStyle(node).listStyleType)).toBe("decimal");
  });

  test("keeps formulas as written, prices unchanged, and all footnotes", async () => {
    const body = await shown(
      [
        "Inline \\(a_i*b*c\\) and $E = mc^2$ cost $5 and $10, or $5-$10.",
        "$$\n\\int_0^1 x_1 * y * z \\, dx\n$$",
        "Then\n\\[ \\sum_{i} i*j*k \\]",
        "A note[^1] and another[^b].",
        "[^1]: Word\n[^b]: Two *words*",
      ].join("\n\n"),
    );
    expect(await body.locator("code").allTextContents()).toEqual([
      "a_i*b*c",
      "E = mc^2",
      "\\int_0^1 x_1 * y * z \\, dx\n",
      "\\sum_{i} i*j*k\n",
    ]);
    const text = await body.innerText();
    expect(text).toContain("cost $5 and $10, or $5-$10.");
    expect(text).toMatch(/1 Word\s+b Two words/u);
    expect(await body.locator("sup").allTextContents()).toEqual(["1", "b", "1", "b"]);
  });

  test("keeps the target of a linked image", async () => {
    const body = await shown(
      '[![Build](https://example.com/b.svg)](https://example.com/build)\n\n<a href="https://example.com/c"><img src="https://example.com/c.svg" alt="C"></a>',
    );
    expect(
      await body
        .locator("a")
        .evaluateAll((all) => all.map((each) => [each.textContent, each.getAttribute("href")])),
    ).toEqual([
      ["Image: Build", "https://example.com/build"],
      ["Image: C", "https://example.com/c"],
    ]);
  });

  test("names the language of code, and shows unknown tags as text", async () => {
    const body = await shown("```ts\nconst a = 1;\n```\n\nA List<String> in <Component/>, and `<b>`");
    expect(await body.locator(".code-bar").innerText()).toBe("ts");
    expect(await body.innerText()).toContain("A List<String> in <Component/>, and <b>");
  });

  test("keeps very long tables and lists as tables and lists", async () => {
    const rows = Array.from({ length: 400 }, (_, row) => `| row ${row} | ${row * 1_000} |`);
    const items = Array.from(
      { length: 400 },
      (_, item) => `${item + 1}. item ${item + 1}\n     - below ${item + 1}`,
    );
    const body = await shown(`| a | b |\n|---|--:|\n${rows.join("\n")}\n\n${items.join("\n\n")}`);
    expect(await body.locator("td").count()).toBe(800);
    expect(await body.locator("ol > li").count()).toBe(400);
    expect(await body.locator("ol > li > ul > li").count()).toBe(400);
    expect(await body.locator("pre").count()).toBe(0);
    const last = body.locator("ol").last();
    const start = Number(await last.getAttribute("start"));
    expect(start + (await last.locator("> li").count()) - 1).toBe(400);
  });
});
