import { finishInline } from "./finish-inline.ts";
import type { MarkdownLine } from "./markdown-line.ts";
import { prefixOf, readMarkdown } from "./read-markdown.ts";

/** A surrogate, a joiner or a mark of direction without what follows it. */
const halfCharacter = /[\uD800-\uDBFF]|\p{Cf}/u;
/** A line that may become a heading, an item, a rule, a fence or a row: so far it has no words. */
const wordless = /^(?:#{1,6}|[-+*_=~`|: \t]*|\d{1,9}[.)]?|\[[ xX]?\]?)$/u;
const delimiterSoFar = /^[|:\- \t]+$/u;
/** A longer line with a pipe is shown before it is known whether it begins a table. */
const maxHeaderChars = 2_000;
/** Links in emphasis in links: each round takes one off. */
const maxRounds = 6;

/**
 * The beginning of a text as it can be shown before the rest is there: what is unfinished at its end is closed (code,
 * emphasis) or left out (half of a link, a row, a marker, a character). Without its last white space. Linear time. Empty if
 * nothing can be shown yet.
 */
export function finishMarkdown(text: string): string {
  const whole = withoutHalfFlag(withoutHalfCharacter(text));
  return closeCode(finishParagraph(whole.slice(0, firstUnfinished(whole))));
}

/**
 * A complete text as something may follow it: open code and emphasis at its end are closed, and only code without words is left
 * out. Without its last white space. Linear time.
 */
export function closeMarkdown(text: string): string {
  const whole = text.trimEnd();
  const finished = finishMarkdown(whole);
  return finished.startsWith(whole) ? finished : closeCode(whole);
}

/** Closes the code block at the end of a text. One without words is left out. */
function closeCode(text: string): string {
  let shown = text;
  for (let round = 0; round < maxRounds; round += 1) {
    const { lines, fence } = readMarkdown(shown);
    const first = fence === undefined ? undefined : lines[fence.line];
    const last = lines.at(-1);
    if (fence === undefined || first === undefined || last === undefined) return shown;
    if (!isEmptyCode(shown, lines.slice(fence.line))) {
      const lineBreak = shown.endsWith("\n") ? "" : "\n";
      return `${shown}${lineBreak}${prefixOf(last.containers)}${fence.marker}`;
    }
    shown = shown.slice(0, first.from).trimEnd();
  }
  return "";
}

function isEmptyCode(text: string, [, ...lines]: readonly MarkdownLine[]): boolean {
  return lines.every(({ content, to }) => text.slice(content, to).trim() === "");
}

/** Where the lines begin that can't be shown yet. The length of the text: all can. */
function firstUnfinished(text: string): number {
  const { lines, fence } = readMarkdown(text);
  const last = lines.at(-1);
  if (last === undefined) return text.length;
  const isOpen = !text.endsWith("\n");
  if (fence !== undefined) return firstOfCode(text, lines.slice(fence.line), isOpen);
  const before = lines.at(-2);
  const content = text.slice(last.content, last.to).trim();
  // So far it has nothing, or only the markers of its quotes and lists: the line before it may be a header.
  if (content === "" && isOpen && last.from > 0) return firstUnfinished(text.slice(0, last.from));
  if (last.kind === "row" && isOpen && before !== undefined)
    return before.kind === "delimiter" ? (lines.at(-3)?.from ?? 0) : last.from;
  if (last.kind === "delimiter" && before !== undefined) return before.from;
  if (last.kind === "text" || last.kind === "underline") {
    if (delimiterSoFar.test(content) && before !== undefined && isOpen && hasPipe(text, before))
      return before.from;
    if (hasPipe(text, last)) return last.from;
  }
  return isOpen && wordless.test(content) ? last.from : text.length;
}

/** The same where the text ends in a code block. `lines`: those of the block. */
function firstOfCode(text: string, lines: readonly MarkdownLine[], isOpen: boolean): number {
  const [first] = lines;
  const last = lines.at(-1);
  if (first === undefined || last === undefined) return text.length;
  const mayBeEnd = /^(?:`+|~+)$/u.test(text.slice(last.content, last.to).trim());
  if (isEmptyCode(text, isOpen && mayBeEnd ? lines.slice(0, -1) : lines)) return first.from;
  return isOpen && mayBeEnd ? last.from : text.length;
}

function hasPipe(text: string, { kind, content, to }: MarkdownLine): boolean {
  return kind === "text" && to - content < maxHeaderChars && text.slice(content, to).includes("|");
}

/** Finishes the paragraph or heading at the end of a text. A code block there stays open. */
function finishParagraph(text: string): string {
  let shown = text;
  for (let round = 0; round < maxRounds; round += 1) {
    const { lines, fence } = readMarkdown(shown);
    if (fence !== undefined) return shown;
    const at = lines.findLastIndex(({ isContinued }) => !isContinued);
    const first = lines[at];
    const last = lines.at(-1);
    if (first === undefined || last === undefined || !["text", "heading", "html"].includes(first.kind)) break;
    const { to, closing } = finishInline(shown, first.content);
    if (!wordless.test(shown.slice(last.content, to).trim())) return shown.slice(0, to) + closing;
    // Nothing is left of the last line.
    shown = shown.slice(0, last.from);
  }
  return shown.trimEnd();
}

function withoutHalfCharacter(text: string): string {
  let to = text.length;
  while (to > 0 && halfCharacter.test(text.charAt(to - 1))) to -= 1;
  return text.slice(0, to);
}

/** A flag is a pair of letters. */
function withoutHalfFlag(text: string): string {
  let from = text.length;
  while (isFlagLetter(text, from - 2)) from -= 2;
  return (text.length - from) % 4 === 0 ? text : text.slice(0, -2);
}

function isFlagLetter(text: string, at: number): boolean {
  const code = text.codePointAt(at) ?? 0;
  return at >= 0 && code >= 0x1_f1_e6 && code <= 0x1_f1_ff;
}
