import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { markCut } from "../../../src/domain/cut-answer.ts";
import { sourcesMark } from "../../../src/domain/sources-mark.ts";
import {
  layOut,
  layOutGrowing,
  layOutUnder,
  restComesInFile,
  wholeIsInFile,
} from "../../../src/conversation/reply/lay-out.ts";

const limits = { postChars: 400, maxPosts: 3, codeChars: 300 };
const paragraphs = (count: number): string =>
  Array.from({ length: count }, (_, at) => `Paragraph ${at} says a little more than nothing at all.`).join(
    "\n\n",
  );
const block = (language: string, lines: number, marker = "```"): string =>
  `${marker}${language}\n${"const a = 1;\n".repeat(lines)}${marker}`;
const visible = (text: string): string =>
  text.replaceAll(/^[ ]*(?:`{3,}|~{3,})[^\n]*$/gmu, "").replaceAll(/\s/gu, "");
const textsOf = (posts: ReturnType<typeof layOut>): readonly string[] => posts.map(({ text }) => text);
const filesOf = (posts: ReturnType<typeof layOut>) => posts.flatMap(({ files = [] }) => files);

describe("an answer", () => {
  test("stays in its posts up to the limit, and where the platform takes no files", () => {
    expect(filesOf(layOut(paragraphs(15), limits))).toEqual([]);
    const posts = layOut(paragraphs(100), { postChars: 400 });
    expect(filesOf(posts)).toEqual([]);
    expect(posts.length).toBeGreaterThan(3);
  });

  test("that takes more posts comes as its beginning and a file with all of it", () => {
    const text = `# Über alle Dinge\n\n${paragraphs(60)}`;
    const posts = layOut(text, limits);
    expect(posts).toHaveLength(3);
    expect(textsOf(posts).at(-1)).toMatch(/at all\.\n\n\*\(The whole answer is in the file\.\)\*$/u);
    expect(filesOf(posts.slice(0, -1))).toEqual([]);
    expect(filesOf(posts)).toEqual([
      { name: "uber-alle-dinge.md", mediaType: "text/markdown; charset=utf-8", content: `${text}\n` },
    ]);
  });

  test("keeps what the bot adds to its end in sight", () => {
    const ending = `${sourcesMark}[one](https://e.test)\n\n*(I couldn't read \`a.pdf\`: it is broken.)*`;
    const posts = layOut(markCut(paragraphs(60), "length") + ending, limits);
    const last = textsOf(posts).at(-1) ?? "";
    expect(last.length).toBeLessThanOrEqual(limits.postChars);
    expect(last).toContain(wholeIsInFile);
    expect(last).toContain("length limit");
    expect(last.endsWith(ending)).toBe(true);
  });

  test("shows the same first posts while it grows, and says that the rest comes in a file", () => {
    const text = paragraphs(60);
    const growing = layOutGrowing(text, limits);
    expect(growing).toHaveLength(3);
    expect(growing.at(-1)?.endsWith(restComesInFile)).toBe(true);
    expect(growing.slice(0, 2)).toEqual(textsOf(layOut(text, limits)).slice(0, 2));
    expect(layOutGrowing(`${text} and more`, limits)).toEqual(growing);
  });

  test("in a script of another kind is in answer.md", () => {
    expect(filesOf(layOut("שלום עולם. ".repeat(300), limits))).toMatchObject([{ name: "answer.md" }]);
  });
});

describe("a large code block", () => {
  test.each([
    ["python", "main.py"],
    ["TypeScript title=x", "main.ts"],
    ["json", "snippet.json"],
    ["", "snippet.txt"],
    ["klingon", "snippet.txt"],
  ])("in %j becomes %s", (language, name) => {
    const [post, ...more] = layOut(`Look:\n\n${block(language, 30)}\n\nSo.`, limits);
    expect(more).toEqual([]);
    expect(post).toEqual({
      text: `Look:\n\n(see ${name})\n\nSo.`,
      files: [{ name, mediaType: "text/plain; charset=utf-8", content: "const a = 1;\n".repeat(30) }],
    });
  });

  test("has a number if there are several, and small ones stay", () => {
    const text = [block("js", 30), block("js", 2), block("js", 61), block("css", 30)].join("\n");
    expect(layOut(text, limits)).toMatchObject([
      {
        text: `(see main.js)\n${block("js", 2)}\n(see main-2.js)\n(see snippet.css)`,
        files: [{ name: "main.js" }, { name: "main-2.js" }, { name: "snippet.css" }],
      },
    ]);
  });

  test("keeps the blocks within it", () => {
    const inner = `Text\n${block("js", 30)}\n`;
    expect(layOut(`\`\`\`\`md\n${inner}\`\`\`\`\nSo.`, limits)).toMatchObject([
      { text: "(see snippet.md)\nSo.", files: [{ content: inner }] },
    ]);
  });

  test("ends with the text if its end is missing, before what the bot adds", () => {
    const text = `Look:\n~~~py\n${"a = 1\n".repeat(80)}a =\n\n*(Stopped here.)*`;
    expect(layOut(text, limits)).toMatchObject([
      {
        text: "Look:\n(see main.py)\n\n*(Stopped here.)*",
        files: [{ content: `${"a = 1\n".repeat(80)}a =\n` }],
      },
    ]);
  });

  test("in a list loses the indentation of the list", () => {
    const code = "  x\n".repeat(90);
    const text = `- one\n  \`\`\`sh\n${code.replaceAll(/^/gmu, "  ").trimEnd()}\n  \`\`\`\n- two`;
    expect(layOut(text, limits)).toMatchObject([
      { text: "- one\n  (see main.sh)\n- two", files: [{ name: "main.sh" }] },
    ]);
  });

  test("stays in the file of an answer that becomes one, and so do many of them", () => {
    const long = `${block("js", 30)}\n\n${paragraphs(60)}`;
    expect(filesOf(layOut(long, limits))).toMatchObject([{ content: `${long}\n` }]);
    const many = Array.from({ length: 12 }, () => block("js", 30)).join("\n\n");
    expect(filesOf(layOut(many, limits))).toMatchObject([{ content: `${many}\n` }]);
  });
});

const markdown = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.constantFrom(
        "\n\n",
        "- one\n- two",
        "```ts",
        "```",
        "````md",
        "````",
        "~~~",
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "שלום עולם 😀 👩‍👩‍👧",
        "const a = 1;\n".repeat(40),
        paragraphs(8),
      ),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join("\n"));

describe("whatever the text", () => {
  test("posts and files together hold all of it, in at most as many posts as there may be", () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const posts = layOut(text, limits);
        const files = filesOf(posts);
        expect(posts.length).toBeLessThanOrEqual(limits.maxPosts);
        for (const { text: shown } of posts) expect(shown.length).toBeLessThanOrEqual(limits.postChars);
        expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
        const whole = files.find(({ mediaType }) => mediaType.startsWith("text/markdown"));
        let joined = textsOf(posts).join("\n");
        for (const { name, content } of files)
          joined = joined.replace(`(see ${name})`, () => (typeof content === "string" ? content : ""));
        const told = whole === undefined ? joined : whole.content;
        expect(typeof told === "string" && visible(told)).toBe(visible(text));
      }),
    );
  });

  test("earlier posts of a growing text stay, and none is too long", () => {
    fc.assert(
      fc.property(markdown, fc.nat(4_000), (text, length) => {
        const before = layOutGrowing(text.slice(0, length), limits);
        const after = layOutGrowing(text, limits);
        expect(after.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1));
        for (const shown of after) expect(shown.length).toBeLessThanOrEqual(limits.postChars);
      }),
    );
  });
});

test("a line under a text that still grows stays out of its code", () => {
  const line = "*(searching)*";
  const under = layOutUnder("So:\n\n```ts\nconst a", line, limits);
  expect(under).toEqual([`So:\n\n\`\`\`ts\nconst a\n\`\`\`\n\n${line}`]);
  const long = `So:\n\n\`\`\`ts\n${"const a = 1;\n".repeat(2_000)}`;
  const last = layOutGrowing(long, limits).at(-1) ?? "";
  expect(last.endsWith(`\n\`\`\`\n\n${restComesInFile}`)).toBe(true);
  expect(layOutUnder("", line, limits)).toEqual([line]);
});

test.each([
  "See https://example.com/a",
  "| a | b |\n|---|---|\n| 1 | 2 |",
  "It is 5 * [",
  "Look at R&D",
  "- a\n- b | c",
])("a line under a text cuts nothing off its end: %j", (text) => {
  expect(layOutUnder(text, "*(searching)*", limits)).toEqual([`${text}\n\n*(searching)*`]);
});

test("emphasis that is open above a line is closed before it", () => {
  expect(layOutUnder("So **it is", "_Approved._", limits)).toEqual(["So **it is**\n\n_Approved._"]);
});
