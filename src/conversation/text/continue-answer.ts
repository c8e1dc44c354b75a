import { maxAnswerChars } from "../../domain/answer-limits.ts";
import { cutAnswerIn, markCut } from "../../domain/cut-answer.ts";
import { sourcesMark } from "../../domain/sources-mark.ts";

/** How far back a beginning is cut, so that no word is torn. */
const maxTornChars = 40;
/** How much of the beginning the model is told again. */
const quotedChars = 200;

/** Where a cut answer goes on: behind its last white space. Text without white space goes on where it was cut. */
export function beginningOf(written: string): string {
  const text = written.trimEnd();
  const earliest = Math.max(0, text.length - maxTornChars);
  for (let at = text.length - 1; at > earliest; at -= 1)
    if (text.charAt(at).trim() === "") return text.slice(0, at + 1);
  return text;
}

/** Tells the model to go on, behind its own message. */
export function goOnFrom(beginning: string): string {
  return `[Your last message was cut off. Go on exactly where it ends, in the same language and form, and repeat nothing of it. If a code block is open there, it stays open. It ends with: ${JSON.stringify(beginning.slice(-quotedChars))}]`;
}

/** Joins what was written to what the model goes on with. */
export function joinContinuation(beginning: string, more: string): string {
  if (beginning.endsWith("\n")) return beginning + more.replace(/^\n+/u, "");
  if (!beginning.endsWith(" ")) return beginning + more;
  const rest = more.replace(/^ +/u, "");
  return (rest.startsWith("\n") ? beginning.trimEnd() : beginning) + rest;
}

/** The whole answer, with the sources of both parts behind it. It is cut at the longest answer. */
export function continueAnswer(old: string, more: string): string {
  const { written = old, behind = "" } = cutAnswerIn(old) ?? {};
  const before = takeSources(behind);
  const added = takeSources(more);
  const joined = joinContinuation(beginningOf(written), added.text);
  const text = joined.length > maxAnswerChars ? markCut(wholeCharacters(joined), "length") : joined;
  const links = [...new Set([...before.links, ...added.links])];
  return text + (links.length === 0 ? "" : sourcesMark + links.join(" · ")) + before.text;
}

function takeSources(text: string): { readonly text: string; readonly links: readonly string[] } {
  const at = text.lastIndexOf(sourcesMark);
  if (at < 0) return { text, links: [] };
  const line = text.slice(at + sourcesMark.length);
  const end = line.indexOf("\n\n");
  const links = end < 0 ? line : line.slice(0, end);
  return { text: text.slice(0, at) + (end < 0 ? "" : line.slice(end)), links: links.split(" · ") };
}

function wholeCharacters(text: string): string {
  return text.slice(0, maxAnswerChars).replace(/[\uD800-\uDBFF]$/u, "");
}
