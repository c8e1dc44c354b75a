/** Markdown that is hard to show while it grows. */
export interface MarkdownSample {
  readonly name: string;
  readonly text: string;
  /** Its end decides how its beginning looks, or it is broken as a whole. Missing: neither. */
  readonly isAmbiguous?: true;
}

const fence = "```";
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const table = (columns: number, rows: number, cell = "x"): string =>
  [
    row(Array.from({ length: columns }, (_, at) => `c${at}`)),
    row(Array.from({ length: columns }, () => "---")),
    ...Array.from({ length: rows }, (_, at) => row(Array.from({ length: columns }, () => `${cell}${at}`))),
  ].join("\n");

const written: readonly (readonly [name: string, text: string, isAmbiguous?: true])[] = [
  [
    "prose with emphasis",
    "It is **very _much_ important**, ~~not~~ *at all* `so`, and ***both***. The end.\n\nBye.",
  ],
  ["nested fences", `Look:\n\n${fence}\`md\n${fence}ts\nconst a = 1;\n${fence}\n${fence}\`\n\nDone.`],
  ["tildes with backticks", `~~~\n${fence}\ncode \`x\`\n~~~\n\nAfter.`],
  [
    "a fence with a language and a file",
    `${fence}ts title="a.ts"\nlet a = "\`\`";\n\nlet b;\n${fence}\nafter`,
  ],
  ["an unclosed fence", `Before\n\n${fence}py\nprint("a")\n\nprint("b")`],
  ["a fence in a list", `- one\n  ${fence}sh\n  ls -l | wc\n  ${fence}\n- two\n\nEnd`],
  [
    "a fence in a list in a list",
    `1. one\n   - two\n     ${fence}\n     x\n     ${fence}\n   - three\n2. four`,
  ],
  ["a quote with a fence", `> Said:\n>\n> ${fence}js\n> a()\n> ${fence}\n> and left.\n\nSo.`],
  ["a quote that ends its fence", `> ${fence}\n> open\n\nNot code **any more**.`],
  ["a list that ends its fence", `- ${fence}\n  open\n\nNot code *any more*.`],
  ["an indented code block", "Text:\n\n    four spaces\n    | not | a table |\n\nback"],
  ["a table", `Numbers:\n\n${table(3, 4)}\n\nThat is **all**.`],
  ["a table with alignment", "| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |\n| 4 | 5 | 6 |\n"],
  [
    "pipes in code in a table",
    "| code | what |\n| --- | --- |\n| `a \\| b` | or |\n| `c` | see `d \\| e` |\n",
  ],
  ["escaped pipes", "| a | b |\n| - | - |\n| x \\| y | z |\n| \\| | \\\\ |\n\nafter"],
  ["a table without outer pipes", "name | age\n--- | ---\nAda | 36\nBo | 5\n\nafter"],
  ["a table with empty cells", "| | a |\n|---|---|\n| x | |\n| | |\n\nafter"],
  ["a table in a list", "- one:\n\n  | a | b |\n  |---|---|\n  | 1 | 2 |\n\n- two"],
  ["a table in a quote", "> | a | b |\n> |---|---|\n> | 1 | 2 |\n>\n> after"],
  [
    "a table with links and emphasis",
    "| a | b |\n|---|---|\n| **x** | [y](https://a.example/?q=1) |\n| _z_ | ~~w~~ |\n",
  ],
  ["a wide table", table(25, 2)],
  ["a long table", table(2, 130, "row ")],
  ["pipes that are no table", "a | b\n\n| c | d |\n\nuse `x | y` or x || y here\nand there"],
  ["setext headings", "Title\n=====\n\nSome words\nand more\n---\n\nText.\n\n---\n\nEnd", true],
  [
    "headings of all levels",
    "# One\n## Two **bold**\n### Three\n#### Four\n##### Five\n###### Six\ntext\n\n#hash",
  ],
  ["a long heading", `## ${"many words ".repeat(20)}\n\ntext`],
  [
    "HTML",
    '<details><summary>More</summary>\n\n**bold**\n\n</details>\n\nA <b>b</b> <br> c <a href="https://a.example">d</a>.',
    true,
  ],
  ["footnotes", "It is so[^1], and so[^note].\n\n[^1]: Because.\n[^note]: Because of **that**.", true],
  ["link definitions", "See [the page][p] and [p].\n\n[p]: https://a.example/x 'Title'\n", true],
  ["nested task lists", "- [ ] one\n  - [x] two **b**\n    - [ ] three\n- [x] four\n\n1. [ ] five"],
  ["lists of all kinds", "* a\n* b\n  1. c\n  2. d\n\n+ e\n+ f\n\n10) g\n11) h\n\n- \n- i"],
  [
    "numbers that are no lists",
    "In\n2024. Or not.\n\n2 * 3 * 4 = 24, 5*6, snake_case_name, a_b, 3 < 4 & 5 > 4.",
  ],
  ["emoji with joiners", "👩‍👩‍👧‍👦 family, 👍🏽 thumb, 🏳️‍🌈 flag, 🇩🇪🇫🇷 flags, 1️⃣ key, **👨‍💻**"],
  [
    "right to left",
    "שלום **עולם**, `קוד`\n\n- مرحبا \u2067بالعالم\u2069\n- [קישור](https://a.example/א)\n\n\u200Fסוף",
  ],
  [
    "combining marks",
    "e\u0301\u0302 **a\u0308o\u0308** กำ ကြောင် Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u031E",
  ],
  [
    "links with brackets",
    "[a](https://en.example/wiki/B_(c)) and [d [e]](https://f.example 'g (h)') ![i](https://j.example/k.png).",
  ],
  ["links in emphasis", "**[a](https://a.example)** *see [b **c**](https://b.example/_x_) too* ~~[d](e)~~"],
  [
    "addresses",
    "<https://a.example/x> https://b.example/c_d_e?f=*g* www.h.example, **https://i.example** and <me@j.example>.",
  ],
  ["escapes and entities", "\\*no\\* \\`no\\` \\[no\\](x) &amp; &lt;b&gt; &#42; AT&T \\\\ **a\\*b** `\\`"],
  ["code with backticks", "Use `` a`b `` and ``` `` ``` and `c`. A ` alone, and `` two.", true],
  [
    "unclosed everything",
    `**a _b ~~c [d](e \`f <g &h\n\n> **i\n> - j [k\n\n| l | m |\n|---|\n\n${fence}n\no`,
    true,
  ],
  [
    "mentions in all places",
    `# <!channel>\n\n**<@U1>** [<!here>](https://a.example/<!everyone>) <!subteam^S1|x> &lt;!channel&gt; \\<!channel>\n\n| <!channel> | <#C1> |\n|---|---|\n| \`<!here>\` | <@U2> |\n\n- [ ] <!everyone>\n\n> <!channel>\n\n${fence}\n<!channel>\n${fence}\n\n<!channel|a> <! channel> <<!here>>`,
    true,
  ],
  ["deep quotes", "> a\n>> b\n>>> **c**\n>> d\n\n> - e\n>   > f\n"],
  ["windows line breaks", `# A\r\n\r\n**b**\r\n\r\n${fence}\r\nc\r\n${fence}\r\n\r\n- d\r\n- e\r\n`],
  [
    "Japanese",
    "これは**重要**です。`コード`も、*斜体*も。\n\n| 名前 | 数 |\n|---|---|\n| 東京 | 一 |\n\n終わり",
  ],
];

export const markdownSamples: readonly MarkdownSample[] = written.map(([name, text, isAmbiguous]) =>
  isAmbiguous === undefined ? { name, text } : { name, text, isAmbiguous },
);
