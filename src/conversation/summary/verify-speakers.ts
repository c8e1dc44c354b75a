import { normalizeText } from "../../domain/normalize-text.ts";
import { NamedPeople, type PersonMention } from "./named-people.ts";
import { yielding } from "../../async/yielding.ts";
import type { MessageToSummarize, SummaryInput, WrittenLine } from "./summary-input.ts";

const separators = /[\s,&/+、，]+/u;
const conjunctions = new Set(
  "and und et y e og och en i и та oraz ve ja 和 与 與 及 と 및 과 와 และ".split(" "),
);

/**
 * Finds lines that attribute something to a person without citing a message of theirs. The first person named, and all
 * people listed together with them, must each have written a cited message. Lines citing a message of unknown author pass.
 * Yields between lines.
 */
export async function findMisattributed(
  lines: readonly WrittenLine[],
  input: SummaryInput,
): Promise<readonly WrittenLine[]> {
  const pause = yielding();
  const people = new NamedPeople(labelsOf(input));
  const authors = new Map(input.messagesToSummarize.map((message) => [message.ordinal, authorOf(message)]));
  const wrong: WrittenLine[] = [];
  for (const line of lines) {
    const cited = new Set(line.cites.map(({ ordinal, speaker }) => authors.get(ordinal) ?? speaker));
    if (cited.size === 0 || cited.has(undefined)) continue;
    const subjects = subjectsOf(line.text, people);
    if (subjects.some(({ labels }) => !labels.some((label) => cited.has(label)))) wrong.push(line);
    await pause();
  }
  return wrong;
}

function labelsOf({ previous, messagesToSummarize, speakers = [] }: SummaryInput): ReadonlySet<string> {
  const said = messagesToSummarize.filter(({ role }) => role === "person").map(({ speaker }) => speaker);
  const cited = previous.flatMap(({ cites }) => cites.flatMap(({ speaker }) => speaker ?? []));
  return new Set([...speakers, ...said, ...cited]);
}

/** The label under which a message counts as written. */
export function authorOf({ role, speaker }: Pick<MessageToSummarize, "role" | "speaker">): string {
  return role === "person" ? speaker : "Threadkeeper";
}

/** The first person named, with all people listed directly after them. */
function subjectsOf(line: string, people: NamedPeople): readonly PersonMention[] {
  const text = normalizeText(line, "NFKC");
  const subjects: PersonMention[] = [];
  let end: number | undefined;
  for (const named of people.in(text)) {
    if (end !== undefined && !joinsNames(text.slice(end, named.from))) break;
    subjects.push(named);
    end = named.to;
  }
  return subjects;
}

/** Whether the text between two names joins them into a list: "Ada, Bob and Cleo". */
function joinsNames(between: string): boolean {
  const words = between.split(separators).filter((word) => word !== "");
  return words.length <= 1 && words.every((word) => conjunctions.has(word.toLowerCase()));
}
