import { Random } from "../chaos/random.ts";
import { echo } from "./echo.ts";
import type { ModelRequest } from "./model-request.ts";
import { says, type StreamScript } from "./script.ts";

interface BadSummariserOptions {
  /** Which third is lost; the same seed loses the same. */
  readonly seed: number;
  /** Loses a third of the lines that were remembered so far, too: what it was told well is lost later. */
  readonly forgetsLines?: boolean;
}

/** A line, or a message that is to become one. */
interface Entry {
  readonly numbers: readonly number[];
  readonly text: string;
}

/**
 * Answers requests to fold in the right form and badly: a third is lost, and some of the rest shares a line. Asked
 * again, it loses the same. Answers everything else like `echo`.
 */
export function badSummariser({ seed, forgetsLines = false }: BadSummariserOptions) {
  return (request: ModelRequest): StreamScript => {
    if (!isSummaryRequest(request)) return echo(request);
    const { previous, messagesToSummarize } = readSummary(request.messages.at(-1)?.text ?? "");
    const isKept = (entry: Entry): boolean => !luck(seed, entry).chance(1 / 3);
    const remembered = forgetsLines ? previous.filter(isKept) : previous;
    const lines = [...remembered, ...merged(seed, messagesToSummarize.filter(isKept))];
    // A model that says nothing at all would be asked again with more room.
    return says(lines.map(lineText).join("\n") || "Nothing to remember.");
  };
}

/** Whether a request asks for a fold. */
export function isSummaryRequest({ instructions }: Pick<ModelRequest, "instructions">): boolean {
  return instructions.includes("You keep the memory of a chat");
}

function readSummary(text: string): {
  readonly previous: readonly Entry[];
  readonly messagesToSummarize: readonly Entry[];
} {
  const previous = Array.from(text.matchAll(/^- (.+?) \[([\d, ]+)\]$/gmu), ([, line = "", numbers = ""]) => ({
    numbers: numbers.split(",").map(Number),
    text: line,
  }));
  const messagesToSummarize = Array.from(
    text.matchAll(/^\[(\d+)\] (.*(?:\n {2}.*)*)/gmu),
    ([, number, said = ""]) => ({
      numbers: [Number(number)],
      text: said.replaceAll(/\s+/gu, " ").trim(),
    }),
  );
  return { previous, messagesToSummarize };
}

/** About every fourth line takes the next one in. */
function merged(seed: number, entries: readonly Entry[]): readonly Entry[] {
  const lines: Entry[] = [];
  let taking: Entry | undefined;
  for (const entry of entries) {
    if (taking !== undefined) {
      lines.push({ numbers: [...taking.numbers, ...entry.numbers], text: `${taking.text}; ${entry.text}` });
      taking = undefined;
    } else if (luck(seed + 1, entry).chance(1 / 4)) {
      taking = entry;
    } else {
      lines.push(entry);
    }
  }
  return taking === undefined ? lines : [...lines, taking];
}

function lineText({ numbers, text }: Entry): string {
  return `- ${text} [${numbers.join(", ")}]`;
}

/** The same for the same seed and entry. */
function luck(seed: number, { numbers }: Entry): Random {
  return new Random(`${seed} ${numbers.join(" ")}`);
}
