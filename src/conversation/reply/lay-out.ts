import { closeMarkdown } from "../../domain/markdown/finish-markdown.ts";
import type { Post, PostFile } from "../../domain/post.ts";
import type { PostLimits } from "../../ports/platform-posts.ts";
import { answerFile } from "./answer-file.ts";
import { takeOutCode } from "./code-files.ts";
import { splitMarkdown } from "./split-markdown.ts";
import { takeEnding } from "./take-ending.ts";

/** What a reply looks like depends on these. */
export type LayoutLimits = Pick<PostLimits, "postChars" | "maxPosts" | "codeChars">;

type LaidOut = Pick<Post, "text" | "files">;

/** Under the beginning of an answer whose whole is a file. */
export const wholeIsInFile = "*(The whole answer is in the file.)*";
/** Under the beginning of an answer that still grows. */
export const restComesInFile = "*(I'm still writing. The rest comes in a file.)*";

/** Platforms take about ten files with a post. With more code blocks than this, the answer is one file. */
const maxCodeFiles = 6;
/** A post has at least this much room for the beginning of an answer. See splitMarkdown. */
const leastChars = 40;
/** What closes the code and the emphasis at its end is seldom longer. */
const closingChars = 40;

/**
 * The posts of a complete reply: its text, in which large code blocks are files; where that takes too many posts, its
 * beginning and a file with all of it. `more`: further files of the reply. All files are with the last post. The posts and
 * files together hold the whole text. Linear time. Empty for a text without visible characters.
 */
export function layOut(
  text: string,
  limits: LayoutLimits,
  more: readonly PostFile[] = [],
): readonly LaidOut[] {
  const { codeChars = Infinity, maxPosts = Infinity, postChars } = limits;
  const { ending, body } = takeEnding(text);
  const code = codeChars === Infinity ? undefined : takeOutCode(body, codeChars);
  const files = code?.files ?? [];
  const texts = splitMarkdown(files.length === 0 ? text : `${code?.text ?? ""}${ending}`, postChars);
  if (texts.length <= maxPosts && files.length <= maxCodeFiles) return withFiles(texts, [...files, ...more]);
  const whole = splitMarkdown(text, postChars);
  if (whole.length <= maxPosts) return withFiles(whole, more);
  const beginning = beginningOf(splitMarkdown(body, postChars), {
    ...limits,
    line: `${wholeIsInFile}${ending}`,
  });
  return withFiles(beginning, [answerFile(text), ...more]);
}

/** The posts of a reply that still grows. Earlier posts of a growing text stay the same. */
export function layOutGrowing(text: string, limits: LayoutLimits): readonly string[] {
  const texts = splitMarkdown(text, limits.postChars);
  if (texts.length <= (limits.maxPosts ?? Infinity)) return texts;
  return beginningOf(texts, { ...limits, line: restComesInFile });
}

/** The posts of a reply that goes on, with a line under what is complete of it. */
export function layOutUnder(text: string, line: string, limits: LayoutLimits): readonly string[] {
  const { maxPosts = Infinity, postChars } = limits;
  const texts = splitMarkdown(under(text, line), postChars);
  if (texts.length <= maxPosts) return texts;
  return beginningOf(splitMarkdown(text, postChars), { ...limits, line: `${restComesInFile}\n\n${line}` });
}

/** As many posts as there may be; the last one ends with the line. */
function beginningOf(
  texts: readonly string[],
  { maxPosts = Infinity, postChars, line }: LayoutLimits & { readonly line: string },
): readonly string[] {
  const shown = texts.slice(0, maxPosts);
  const [last = ""] = shown.slice(-1);
  const room = Math.max(leastChars, postChars - line.length - 2 - closingChars);
  const [cut = ""] = splitMarkdown(last, room);
  return [...shown.slice(0, -1), under(cut, line)];
}

/** A line under a complete text: open code would take it in. */
function under(text: string, line: string): string {
  const shown = closeMarkdown(text);
  return shown === "" ? line : `${shown}\n\n${line}`;
}

function withFiles(texts: readonly string[], files: readonly PostFile[]): readonly LaidOut[] {
  const last = texts.length - 1;
  return texts.map((text, part) => (part === last && files.length > 0 ? { text, files } : { text }));
}
