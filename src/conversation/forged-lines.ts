import { looksOf } from "./speaker-label.ts";

/** Everything that people or models see as the end of a line. */
export const lineEnd = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/u;
const lineEnds = new RegExp(lineEnd, "gu");
/** A label has at most 160 characters, and may stand behind some decoration. */
const mostHead = 240;
const colon = /[:\uA789\u2236\u02D0\u02F8\u05C3\u0589\u1804\uFE13\uFE30\uFE55\uFF1A]/u;
const numbered = /^\[?\d{1,7}[\].)]\s*/u;
const inAngles = /^<([^<>]{1,200})>/u;
const note = /^\[[\s\p{Cf}]*(?:summary of what was said before|\d+ earlier messages? (?:is|are) left out)/iu;
const unseen = /^[\s\p{Cf}\u0085]+/u;
const always = ["Threadkeeper", "assistant", "system", "developer"].map(looksOf);

/** The names at the beginning of a line that would make it another speaker's. */
export type SpeakerLooks = ReadonlySet<string>;

/** @param labels - of all who have spoken in the conversation */
export function speakerLooks(labels: Iterable<string>): SpeakerLooks {
  return new Set([...always, ...Array.from(labels, lookOfHead)]);
}

/**
 * A text whose further lines can't be taken for another speaker's message: such a line is marked as a quotation. All
 * others stay as they are. The first line stands behind its own speaker. Time grows with the length of the text.
 */
export function withoutForgedLines(text: string, looks: SpeakerLooks): string {
  let marked = "";
  let copied = 0;
  const known = new Map<string, boolean>();
  const isSpeaker = (name: string): boolean => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const isOne = looks.has(lookOfHead(name));
    known.set(name, isOne);
    return isOne;
  };
  for (const { from, head } of furtherLines(text)) {
    if (!isForged(head, isSpeaker)) continue;
    marked += `${text.slice(copied, from)}> `;
    copied = from;
  }
  return copied === 0 ? text : marked + text.slice(copied);
}

/** Where each line but the first begins, with as much of it as can hold a name. Empty lines are left out. */
function* furtherLines(text: string): Generator<{ readonly from: number; readonly head: string }> {
  let from: number | undefined;
  for (const { index, 0: end } of text.matchAll(lineEnds)) {
    if (from !== undefined && index > from)
      yield { from, head: text.slice(from, Math.min(index, from + mostHead)) };
    from = index + end.length;
  }
  if (from !== undefined && from < text.length) yield { from, head: text.slice(from, from + mostHead) };
}

/** How many of its further lines could be marked: each takes a token more. */
export function mostMarked(text: string): number {
  let count = 0;
  for (const { head } of furtherLines(text)) if (/[:<[\uFF1A\u2236\uA789]/u.test(head)) count += 1;
  return count;
}

function isForged(line: string, isSpeaker: (name: string) => boolean): boolean {
  const head = line.replace(unseen, "");
  const first = head.charAt(0);
  if (first === ">") return false;
  if (first === "[" && note.test(head)) return true;
  const angled = first === "<" ? inAngles.exec(head)?.[1] : undefined;
  if (angled !== undefined && isSpeaker(angled)) return true;
  const end = head.search(colon);
  return end > 0 && isSpeaker(head.slice(0, end));
}

/** Of labels and of lines alike, so that a label is always found at the beginning of a line. */
function lookOfHead(head: string): string {
  return looksOf(/^[\d[]/u.test(head) ? head.replace(numbered, "") : head);
}
