import { lineEnd } from "../text/forged-lines.ts";
import { oneLine } from "../text/format-message.ts";

const maxChars = 60;
const maxWords = 8;
/** No title has so many: what is longer is not looked at. */
const maxAnswerChars = 400;
/** Around one title. */
const maxWrappings = 4;

const wrappings: readonly (readonly [RegExp, string])[] = [
  [/^#{1,6} +/u, ""],
  [/^(?:[-*•]|1[.)]) +/u, ""],
  [/^(?:\*\*)?(?:title|titel|titre|título|titolo|标题|タイトル) ?[:：](?:\*\*)? */iu, ""],
  [/^(\*\*|__|\*|_|~~|`)(.*)\1$/u, "$2"],
  [/^["'“”„‘’‚«»‹›「『](.*)["'“”‘’«»‹›」』]$/u, "$1"],
  [/[.。．…]{1,3}$/u, ""],
];

/** Characters that nobody sees, and those that turn the direction; not what joins letters. */
const unseen = /[\p{Cc}\p{Cn}\p{Co}\p{Cs}]|(?![\u200C\u200D])\p{Cf}/gu;
/** What a title has none of: markup, calls and objects written as text, addresses. */
const noTitle = /[<>{}[\]|`\\]|\*\*|__|:\/\/|[\p{L}\p{N}]\(|\w=["'\w]/u;
const isWord = /[\p{L}\p{N}]/u;
/** It says nothing of the chat, or talks about the task. */
const isEmptyTalk =
  /^(?:untitled|(?:chat )?title|(?:new |the )?(?:chat|conversation)|none|null|undefined|n\/a)$|^(?:i['’]m |i am |i can|i cannot|sorry|as an ai|here(?: is|['’]s)|sure\b|okay\b)/iu;

/** A model's answer as a title in one line. Undefined where it is none: nobody would know what to make of it. */
export function parseTitle(answer: string): string | undefined {
  if (answer.length > maxAnswerChars) return undefined;
  const lines = answer.split(lineEnd).filter((line) => line.trim() !== "");
  const [line = ""] = lines;
  if (lines.length > 1) return undefined;
  const title = unwrap(oneLine(line.replaceAll(unseen, " ")));
  const isTitle = isWord.test(title) && !noTitle.test(title) && !isEmptyTalk.test(title);
  return isTitle && title.length <= maxChars && title.split(" ").length <= maxWords ? title : undefined;
}

function unwrap(line: string): string {
  let title = line;
  for (let times = 0; times < maxWrappings; times += 1)
    for (const [wrapping, inside] of wrappings) title = title.replace(wrapping, inside).trim();
  return title;
}
