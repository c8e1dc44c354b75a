import type { FoldInput, Leaving, WrittenLine } from "./fold-text.ts";
import { yielding } from "./yielding.ts";

const separators = /[\s,&/+]+/u;
const conjunctions = new Set(["and", "und", "et", "y", "e", "og", "och", "en", "i", "и"]);
const leastName = 2;

type Pause = ReturnType<typeof yielding>;

/** One name in a line. */
interface Named {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The lines that say of somebody what they rest on no message of: the person who is named first, and whoever is named
 * together with that person, must have written one of the cited messages. What nobody knows the author of is let pass.
 * In slices.
 */
export async function misattributed(
  lines: readonly WrittenLine[],
  input: FoldInput,
): Promise<readonly WrittenLine[]> {
  const pause = yielding();
  const labels = [...labelsOf(input)].filter((label) => label.length >= leastName);
  const authors = new Map(input.leaving.map((message) => [message.ordinal, authorOf(message)]));
  const wrong: WrittenLine[] = [];
  for (const line of lines) {
    const cited = new Set(line.cites.map(({ ordinal, speaker }) => authors.get(ordinal) ?? speaker));
    if (cited.size === 0 || cited.has(undefined)) continue;
    const subjects = await subjectsOf(line.text, labels, pause);
    if (subjects.some((label) => !cited.has(label))) wrong.push(line);
  }
  return wrong;
}

function labelsOf({ previous, leaving, speakers = [] }: FoldInput): ReadonlySet<string> {
  const said = leaving.filter(({ role }) => role === "person").map(({ speaker }) => speaker);
  const cited = previous.flatMap(({ cites }) => cites.flatMap(({ speaker }) => speaker ?? []));
  return new Set([...speakers, ...said, ...cited]);
}

export function authorOf({ role, speaker }: Pick<Leaving, "role" | "speaker">): string {
  return role === "person" ? speaker : "Threadkeeper";
}

/** Who is named first, with all who are named in one breath with them. */
async function subjectsOf(text: string, labels: readonly string[], pause: Pause): Promise<readonly string[]> {
  const named = await namesIn(text, labels, pause);
  const subjects: string[] = [];
  let end: number | undefined;
  for (const { label, from, to } of named) {
    if (end !== undefined && !joinsNames(text.slice(end, from))) break;
    subjects.push(label);
    end = to;
  }
  return subjects;
}

/** In their order; of names that stand in each other, the longest. */
async function namesIn(text: string, labels: readonly string[], pause: Pause): Promise<readonly Named[]> {
  const found: Named[] = [];
  for (const label of labels) {
    const first = firstOf(text, label);
    if (first !== undefined) found.push(first);
    await pause();
  }
  return found
    .filter((one) => !found.some((other) => other !== one && isIn(one, other)))
    .toSorted((one, other) => one.from - other.from);
}

function isIn(one: Named, other: Named): boolean {
  return other.from <= one.from && one.to <= other.to && other.label.length > one.label.length;
}

/** Where a name stands as a word of its own. Undefined: nowhere. */
function firstOf(text: string, label: string): Named | undefined {
  for (let from = text.indexOf(label); from >= 0; from = text.indexOf(label, from + label.length)) {
    const to = from + label.length;
    const around = `${text.charAt(from - 1)} ${text.charAt(to)}`;
    if (!/[\p{L}\p{N}]/u.test(around)) return { label, from, to };
  }
  return undefined;
}

/** Whether this stands between the names of people who are named together: "Ada, Bob and Cleo". */
function joinsNames(between: string): boolean {
  const words = between.split(separators).filter((word) => word !== "");
  return words.length <= 1 && words.every((word) => conjunctions.has(word.toLowerCase()));
}
