import { LRUCache } from "lru-cache";

import { prototypes } from "./confusables.ts";
import { looksOf } from "./looks.ts";

/** Any line break, as people and models see it. */
export const lineEnd = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/u;
const lineEnds = new RegExp(lineEnd, "gu");
/** A label has at most 160 characters; the rest is room for decoration before it. */
const maxHead = 240;
const colon =
  /[:\uA789\u2236\u02D0\u02F8\u05C3\u0589\u0703\u0704\u1361\u16EC\u1804\u205A\u2982\uFE13\uFE30\uFE55\uFF1A]/u;
/** A time of day before a name contains colons too. */
const maxColons = 4;
const numbered = /^\[?\d{1,7}[\].)]\s*/u;
const inAngles = /^<([^<>]{1,200})>/u;
/** What can precede a name in a transcript: a number, a time, an arrow, a bullet. */
const leading = /^[\p{N}\p{P}\p{S}\p{Z}\s]+(?:(?:AM|PM|UTC)(?=[\p{P}\p{Z}\s])[\p{P}\p{Z}\s]*)?/iu;
const halfDay = /[\s,](?:AM|PM|UTC)$/iu;
const preposition = /\s(?:at|on)$/iu;
const noLetter = /[\p{N}\p{P}\p{S}\p{Z}\s]/u;
const unseen = /^[\s\p{Cf}\p{Default_Ignorable_Code_Point}\u0085\u2800]+/u;
const unlettered = /^[^\p{L}\p{N}]*/u;
/** How our own notes in prompts begin, without the count of omitted messages. */
const notes = [
  "Summary of what was said before",
  "The messages before this are left out",
  "This thread is titled",
].map(looksOf);
const beginnings = new Set(
  [...prototypes.keys(), "s", "S", "t", "T"].filter((letter) =>
    notes.some((note) => note.startsWith(looksOf(letter))),
  ),
);
const replyNote = looksOf("in reply to");
const countedNotes = ["earlier message", "older line"].map(looksOf);
/** How our time lines begin. A line counts only with brackets and digits, because ordinary lines also begin with a weekday. */
const times = ["It is now", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map(looksOf);
const numericTime = /^[^\p{L}\p{N}]*\p{N}{1,4}\p{P}\p{N}{1,2}\p{P}\p{N}{1,4}/u;
const anyBracket = /^[\p{Ps}\p{Pe}\p{Pi}\p{Pf}<|]/u;
const minNote = 20;
const maxNote = 60;
const always = ["Threadkeeper", "assistant", "system", "developer"].map(looksOf);

/** Name looks (see looksOf) that, at the start of a line, make it seem to be another speaker's message. */
export type SpeakerLooks = ReadonlySet<string>;

/** Of labels, which have at most 160 characters. Each prompt needs those of its speakers. */
const labelLooks = new LRUCache<string, string>({ max: 1_000 });

/** Collects the looks to guard. `labels`: all speakers of the conversation and the bot's name there. */
export function speakerLooks(labels: Iterable<string>): SpeakerLooks {
  return new Set([...always, ...Array.from(labels, lookOfLabel)]);
}

function lookOfLabel(label: string): string {
  const known = labelLooks.get(label);
  if (known !== undefined) return known;
  const looks = lookOfHead(label);
  labelLooks.set(label, looks);
  return looks;
}

/**
 * Marks lines that could pass for another speaker's message, or for our own notes, as quotations ("> "). All other lines
 * stay unchanged. The first line is safe: it follows its speaker's name. Time is linear in the text's length.
 */
export function quoteForgedLines(text: string, looks: SpeakerLooks): string {
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

/** Start and head of each non-empty line after the first. A head is long enough to hold any name. */
function* furtherLines(text: string): Generator<{ readonly from: number; readonly head: string }> {
  let from: number | undefined;
  for (const { index, 0: end } of text.matchAll(lineEnds)) {
    if (from !== undefined && index > from)
      yield { from, head: text.slice(from, Math.min(index, from + maxHead)) };
    from = index + end.length;
  }
  if (from !== undefined && from < text.length) yield { from, head: text.slice(from, from + maxHead) };
}

/** Upper bound for the lines that quoteForgedLines marks; each mark costs a token. */
export function maxQuotedLines(text: string): number {
  if (!lineEnd.test(text)) return 0;
  let count = 0;
  for (const { head } of furtherLines(text))
    if (head.includes("<") || head.search(colon) >= 0 || isNote(head)) count += 1;
  return count;
}

type IsSpeaker = (name: string) => boolean;

function isForged(line: string, isSpeaker: IsSpeaker): boolean {
  const head = line.replace(unseen, "");
  const first = head.charAt(0);
  if (first === ">") return false;
  if (isNote(head)) return true;
  const angled = first === "<" ? inAngles.exec(head)?.[1] : undefined;
  if (angled !== undefined && isSpeaker(angled)) return true;
  return namesSpeaker(head, isSpeaker);
}

/** Checks the text before the first colon. If that ends in a number, as a time does, also before the next colon. */
function namesSpeaker(head: string, isSpeaker: IsSpeaker): boolean {
  let end = head.search(colon);
  for (let count = 1; end >= 0; count += 1) {
    const before = head.slice(0, end);
    if (end > 0 && isSpeaker(before)) return true;
    if (isDecorated(before) && bareNames(before).some(isSpeaker)) return true;
    if (count === maxColons || !endsInNumber(before)) return false;
    const next = head.slice(end + 1).search(colon);
    end = next < 0 ? -1 : end + 1 + next;
  }
  return false;
}

/** Most heads begin and end with a letter; they need no further check. */
function isDecorated(head: string): boolean {
  return head.length > 2 && (noLetter.test(head.charAt(0)) || noLetter.test(head.slice(-1)) || isTimed(head));
}

function isTimed(head: string): boolean {
  return head.length > 5 && halfDay.test(head.slice(-5));
}

function endsInNumber(head: string): boolean {
  return /[\d\])]/u.test(head.trimEnd().slice(-1));
}

/** Candidate names in a head, with numbers, times and brackets removed. */
function bareNames(head: string): readonly string[] {
  const rest = head.replace(leading, "");
  if (rest === "") return [];
  const timeless = removeTime(rest);
  const bare = rest.includes("(") || rest.includes("[") ? removeTime(removeBrackets(rest)) : timeless;
  return [...new Set([rest, timeless, bare])].filter((each) => each !== head && each !== "");
}

/** Cuts at the last bracket: "Bob (he/him)", "Bob [10". */
function removeBrackets(head: string): string {
  const at = Math.max(...["(", "["].map((bracket) => head.lastIndexOf(bracket)));
  return at > 0 ? head.slice(0, at) : head;
}

/** Removes a trailing time: "Bob, 2026-11-20", "Bob, 2026-11-20 at 10 PM". */
function removeTime(head: string): string {
  return removeTrailingNumbers(removeTrailingNumbers(head));
}

function removeTrailingNumbers(head: string): string {
  const text = head.trimEnd().replace(halfDay, "");
  let end = text.length;
  while (end > 0 && noLetter.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end).replace(preposition, "");
}

/** Whether one of our notes can begin with this letter. Half a surrogate pair may be any letter. */
function mayBegin(letter: string): boolean {
  return beginnings.has(letter) || (letter >= "\uD800" && letter <= "\uDFFF");
}

/** Whether a line begins like one of our own notes: a summary, a time, a reply mark, or a count of omitted messages. */
function isNote(head: string): boolean {
  if (isTime(head)) return true;
  if (head.startsWith("[") && looksOf(head.slice(1, maxNote)).startsWith(replyNote)) return true;
  if (head.length < minNote) return false;
  const text = head.slice(0, maxNote * 2).replace(unlettered, "");
  if (/^\p{N}/u.test(text)) {
    const counted = looksOf(text.replace(/^[\p{N}\p{P}\p{Z}]+/u, "").slice(0, maxNote));
    return countedNotes.some((note) => counted.startsWith(note));
  }
  // Most lines are ruled out by their first letter.
  if (!mayBegin(text.charAt(0).normalize("NFKC").charAt(0))) return false;
  const words = looksOf(text.slice(0, maxNote));
  return notes.some((note) => words.startsWith(note));
}

/** Whether a line begins like one of our time lines. */
function isTime(head: string): boolean {
  const text = head.slice(0, maxNote * 2).replace(unseen, "");
  if (!anyBracket.test(text) || !/\p{N}/u.test(text)) return false;
  if (numericTime.test(text)) return true;
  const words = looksOf(text.slice(0, maxNote));
  return times.some((each) => words.startsWith(each));
}

/** Of labels and of lines alike, so that a label is always found at the beginning of a line. */
function lookOfHead(head: string): string {
  return looksOf(/^[\d[]/u.test(head) ? head.replace(numbered, "") : head);
}
