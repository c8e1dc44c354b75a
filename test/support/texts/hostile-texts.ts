/** A kind of text that makes careless code slow: a pattern repeated to any length, between two words. */
export interface Family {
  readonly name: string;
  readonly textOf: (chars: number) => string;
}

const punctuation = Array.from("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~“’…。");
const separators = ["\n", "\r\n", "\t", " ", "\n ", "\u00A0", "\u2028", "\u200B"];
const scripts = [
  "a",
  "A",
  "aB",
  "漢",
  "я",
  "ﷺ",
  "9",
  "1 , ",
  "e\u0301\u0302",
  "\uD83D\uDE00",
  "👩‍👩‍👧‍👦",
  "\uD800",
  "\uDC00",
  // Combining marks that normalization reorders.
  "\u0315\u0300",
  "\u0F73",
  "\u0300\uFF9E",
  "\u0E33\u0316\u0301",
  "\u1100\u1161\u11A8",
  "กำ",
  "ကြောင်",
  "\u202Eא",
  "İ",
  "Σ.",
  "🇦",
];
const sayings = [
  "Ada said OPS-47 ",
  "Ada:\n",
  "<Ada> x\n",
  "[1] Ada: x\n",
  "2026-11-20 ",
  "share ",
  "since ",
  "what who ",
  "a.b-c_",
];
const lines = [
  "| a ",
  "|-",
  "- [ ] ",
  "![a](",
  "<b>",
  "**a*",
  "\\[",
  '{"a":',
  "> ",
  "  - ",
  "```\n",
  "~~~~ x\n",
  "> ```\n> ",
  "\n- ",
  "\n[1] a: b",
];
const marks = [
  "[1",
  "[1,",
  "[1, 2]",
  "[x](",
  "<@",
  "<@U1|",
  "<@U1> ",
  "<@1> ",
  "<a:b:",
  "</x:",
  "<https://a|",
  "&lt;",
  "&#0",
];
const addresses = ["http://", "https://a/?b=", "a@", "a@b.", "“a", '"a', "`a"];

/** Each pattern repeated, plus texts without a pattern. */
export const families: readonly Family[] = [
  ...[...punctuation, ...separators, ...scripts, ...sayings, ...lines, ...marks, ...addresses].map(repeated),
  { name: "hex", textOf: (chars) => drawn("0123456789abcdef", chars) },
  {
    name: "base64",
    textOf: (chars) => drawn("ABCDEFGHIJKLMNOPabcdefghijklmnopqrstuvwxyz0123456789+/", chars),
  },
  { name: "words of random letters", textOf: (chars) => drawn("abcdefghijklmnopqrstuvwxyz    ", chars) },
  { name: "random punctuation", textOf: (chars) => drawn("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \n", chars) },
  {
    name: "ideographs",
    textOf: (chars) =>
      Array.from(numbers(chars), (each) => String.fromCharCode(0x4e00 + (each % 20_000))).join(""),
  },
  { name: "letters of all scripts", textOf: (chars) => allScripts(chars, Infinity) },
  { name: "heads of letters of all scripts", textOf: (chars) => allScripts(chars, 200) },
  { name: "lines of one letter of any script", textOf: (chars) => allScripts(chars, 1) },
  { name: "identifiers in runs of their letters", textOf: periodic },
  { name: "deeper and deeper quotes", textOf: (chars) => deeper("> ", chars) },
  { name: "deeper and deeper lists", textOf: (chars) => deeper("  ", chars) },
  { name: "longer and longer fences", textOf: (chars) => deeper("`", chars) },
];

function repeated(unit: string): Family {
  return {
    name: JSON.stringify(unit),
    textOf: (chars) => `Tell ${unit.repeat(Math.ceil(chars / unit.length)).slice(0, chars)} me!`,
  };
}

function drawn(letters: string, chars: number): string {
  return Array.from(numbers(chars), (each) => letters[each % letters.length]).join("");
}

/** After so many letters, a line ends as the head of a message would. */
function allScripts(chars: number, ofLine: number): string {
  let text = "";
  for (let count = 1; text.length < chars; count += 1)
    text += String.fromCodePoint(0xa0 + ((count * 7_919) % 0xd0_00)) + (count % ofLine === 0 ? ":\n" : "");
  return text.slice(0, chars);
}

/** What is found of it is much like all of it. */
function periodic(chars: number): string {
  let text = "a".repeat(chars / 2);
  for (let count = 0; text.length < chars; count += 1)
    text += ` ${"a".repeat(chars / 400)}${count}${"a".repeat(chars / 400)}`;
  return text.slice(0, chars);
}

function deeper(unit: string, chars: number): string {
  let text = "";
  for (let depth = 1; text.length < chars; depth += 1) text += `${unit.repeat(depth)}- x\n`;
  return text.slice(0, chars);
}

/** The same ones each time. */
function* numbers(count: number): Generator<number> {
  let state = 88_675_123;
  for (let index = 0; index < count; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}
