import { readEmphasis, type Opener } from "./read-emphasis.ts";

/** Longer code, labels and addresses are shown before their end is there: it may never come. */
const maxOpenChars = 400;
const maxRounds = 6;

interface Finished {
  /** The end of what can be shown, without white space. */
  readonly to: number;
  /** What closes it. */
  readonly closing: string;
}

/** Finishes the paragraph that begins at `from` and goes on to the end of a text. Linear time. */
export function finishInline(text: string, from: number): Finished {
  let to = text.length;
  for (let round = 0; round < maxRounds; round += 1) {
    to = withoutMarks(text, from, to);
    const { cut, closing } = scan(text.slice(from, to));
    if (cut === undefined) return { to, closing };
    to = from + cut;
  }
  return { to: from, closing: "" };
}

/** The end without white space, and without marks that may begin or end something. */
function withoutMarks(text: string, from: number, end: number): number {
  let to = end;
  while (to > from && isMark(text, from, to - 1)) to -= 1;
  return to;
}

/** An exclamation mark may begin a picture. */
function isMark(text: string, from: number, at: number): boolean {
  if (/[\s*_~`\\]/u.test(text.charAt(at))) return true;
  return text.charAt(at) === "!" && (at === from || text.charAt(at - 1).trim() === "");
}

interface Scan {
  /** Where something begins that has no end yet. */
  readonly cut?: number;
  readonly closing: string;
}

/** Where links and code begin and end in a paragraph. */
interface Position {
  at: number;
  /** Behind the last link, address or code. */
  atom: number;
  readonly brackets: number[];
  readonly openers: Opener[];
  /** Where the runs of so many backticks end, the last one first. */
  readonly runs: ReadonlyMap<number, number[]>;
  /** An address that begins before this ends nowhere. */
  deadEnd: number;
}

function scan(text: string): Scan {
  const position: Position = { at: 0, atom: 0, brackets: [], openers: [], runs: runsIn(text), deadEnd: 0 };
  while (position.at < text.length) {
    const found = step(text, position);
    if (found !== undefined) return found;
  }
  const bracket = position.brackets.find((at) => isNear(text, at));
  const cut = [bracket, openAddress(text, position.atom), openEntity(text, position.atom)].filter(
    (at) => at !== undefined,
  );
  return cut.length === 0 ? { closing: closingOf(position, text) } : { cut: Math.min(...cut), closing: "" };
}

function step(text: string, position: Position): Scan | undefined {
  const { at, openers, brackets } = position;
  switch (text.charAt(at)) {
    case "\\":
      position.at += 2;
      return undefined;
    case "`":
      return readCode(text, position);
    case "<":
      return readAngle(text, position);
    case "[":
      brackets.push(text.charAt(at - 1) === "!" ? at - 1 : at);
      position.at += 1;
      return undefined;
    case "]":
      return readLink(text, position);
    case "*":
    case "_":
    case "~":
      position.at = readEmphasis(text, at, openers);
      return undefined;
    default:
      position.at += 1;
      return undefined;
  }
}

function readCode(text: string, position: Position): Scan | undefined {
  const { at } = position;
  const marker = runAt(text, at);
  const behind = at + marker.length;
  const ends = position.runs.get(marker.length) ?? [];
  while ((ends.at(-1) ?? Infinity) <= behind) ends.pop();
  const end = ends.at(-1);
  if (end === undefined && isNear(text, at)) return { closing: marker + closingOf(position, text) };
  if (end !== undefined) position.atom = end;
  position.at = end ?? behind;
  return undefined;
}

function runsIn(text: string): ReadonlyMap<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const { 0: run, index } of text.matchAll(/`+/gu)) {
    const ends = runs.get(run.length) ?? [];
    ends.push(index + run.length);
    runs.set(run.length, ends);
  }
  for (const ends of runs.values()) ends.reverse();
  return runs;
}

function runAt(text: string, from: number): string {
  let at = from;
  while (text.charAt(at) === "`") at += 1;
  return text.slice(from, at);
}

/** An address in angle brackets, or a tag. */
function readAngle(text: string, position: Position): Scan | undefined {
  let end = position.at + 1;
  while (end < text.length && !/[\s<>]/u.test(text.charAt(end))) end += 1;
  if (end === text.length && isNear(text, position.at)) return { cut: position.at, closing: "" };
  if (text.charAt(end) === ">") position.atom = end;
  position.at = text.charAt(end) === ">" ? end + 1 : position.at + 1;
  return undefined;
}

/** The end of a label, and the address that may follow. */
function readLink(text: string, position: Position): Scan | undefined {
  const { at } = position;
  const label = position.brackets.pop();
  position.at += 1;
  if (label === undefined) return undefined;
  const next = text.charAt(at + 1);
  const isUnfinished =
    next === "" ||
    (next === "[" &&
      !text
        .slice(at, at + maxOpenChars)
        .slice(1)
        .includes("]"));
  if (isUnfinished && isNear(text, label)) return { cut: label, closing: "" };
  if (next !== "(" || at < position.deadEnd) return undefined;
  const end = endOfAddress(text, at + 2);
  if (end === text.length + 1) return { cut: label, closing: "" };
  if (end < 0) position.deadEnd = -end;
  else [position.at, position.atom] = [end, end];
  return undefined;
}

/**
 * Behind the bracket that ends an address with its title. One more than the length of the text: the end isn't there yet.
 * Negative: at this place it is clear that it is no address.
 */
function endOfAddress(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === "\n" || at - from > 4 * maxOpenChars) return -at;
    if (char === "\\") at += 1;
    else if (char === "(") depth += 1;
    else if (char === ")") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length + 1;
}

/** A bare address that goes on to the end. */
function openAddress(text: string, atom: number): number | undefined {
  let word = text.length;
  while (word > atom && !/[\s<>]/u.test(text.charAt(word - 1))) word -= 1;
  const at = text.slice(word).search(/https?:\/\/|www\./u);
  return at === -1 || !isNear(text, word + at) ? undefined : word + at;
}

function openEntity(text: string, atom: number): number | undefined {
  const from = Math.max(atom, text.length - 40);
  const at = text.slice(from).search(/&#?\w{0,31}$/u);
  return at === -1 ? undefined : from + at;
}

/** Whether the end of the text is close, and in the same paragraph. */
function isNear(text: string, at: number): boolean {
  return text.length - at <= maxOpenChars;
}

function closingOf({ openers }: Position, text: string): string {
  return openers
    .filter(({ at }) => isNear(text, at))
    .map(({ char, count }) => char.repeat(count))
    .toReversed()
    .join("");
}
