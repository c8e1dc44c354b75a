import { lineEnd } from "../text/forged-lines.ts";
import { oneLine } from "../../domain/one-line.ts";

const maxChars = 60;
const maxWords = 8;
/** A longer answer is no title and is not parsed. */
const maxAnswerChars = 400;
/** Layers of markup removed around a title. */
const maxWrappings = 4;

const wrappings: readonly (readonly [RegExp, string])[] = [
  [/^#{1,6} +/u, ""],
  [/^(?:[-*•]|1[.)]) +/u, ""],
  [/^(?:\*\*)?(?:title|titel|titre|título|titolo|标题|タイトル) ?[:：](?:\*\*)? */iu, ""],
  [/^(\*\*|__|\*|_|~~|`)(.*)\1$/u, "$2"],
  [/^["'“”„‘’‚«»‹›「『](.*)["'“”‘’«»‹›」』]$/u, "$1"],
  [/[.。．…]{1,3}$/u, ""],
];

/** Invisible and direction characters, except joiners within words. */
const unseen = /[\p{Cc}\p{Cn}\p{Co}\p{Cs}]|(?![\u200C\u200D])\p{Cf}/gu;
/** Never part of a title: markup, function calls, objects, addresses. */
const noTitle = /[<>{}[\]|`\\]|\*\*|__|:\/\/|[\p{L}\p{N}]\(|\w=["'\w]/u;
const isWord = /[\p{L}\p{N}]/u;
/** Placeholder titles, and talk about the task. */
const isEmptyTalk =
  /^(?:untitled|(?:chat )?title|(?:new |the )?(?:chat|conversation)|none|null|undefined|n\/a)$|^(?:i['’]m |i am |i can|i cannot|sorry|as an ai|here(?: is|['’]s)|sure\b|okay\b)/iu;

/** Reads a title from the model's answer. Undefined unless it is a single clean line of at most 8 words and 60 characters. */
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
