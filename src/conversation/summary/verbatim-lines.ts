import { hasDecision, partsOf } from "./extract-facts.ts";
import { quoteForgedLines, speakerLooks } from "../text/forged-lines.ts";
import type { WrittenLine, SummaryInput } from "./summary-input.ts";
import { citationOf } from "./summary-prompt.ts";
import { oneLine } from "../../domain/one-line.ts";
import { yielding } from "../../async/yielding.ts";
import type { Loss } from "./verify-summary.ts";

/** Shorter texts are kept whole. */
const wholeChars = 120;

const maxExcerptChars = 900;

/** Context on each side of a fact in a very long sentence. */
const aroundChars = 80;

/** Lines that restore verbatim what a summary lost, each citing its message. Yields between losses. */
export async function verbatimLines(
  lost: readonly Loss[],
  { messagesToSummarize, speakers = [] }: Pick<SummaryInput, "messagesToSummarize" | "speakers">,
): Promise<readonly WrittenLine[]> {
  const pause = yielding();
  const looks = speakerLooks(new Set([...speakers, ...messagesToSummarize.map(({ speaker }) => speaker)]));
  const lines: WrittenLine[] = [];
  for (const { from, facts } of lost) {
    const isLine = "cites" in from;
    lines.push(
      isLine
        ? from
        : {
            text: `${from.speaker}: ${excerpt(quoteForgedLines(from.text, looks), facts)}`,
            cites: [citationOf(from)],
          },
    );
    await pause();
  }
  return lines;
}

/** The sentences that hold the facts. Without facts: those that decide something, else the first. At most 900 characters. */
function excerpt(text: string, facts: readonly string[]): string {
  const flat = oneLine(text);
  if (flat.length <= wholeChars) return flat;
  const sentences = flat.split(/(?<=[.!?]) /u);
  const telling = sentences.flatMap((sentence) => {
    const held = facts.filter((fact) => partsOf(fact).every((part) => sentence.includes(part)));
    if (held.length > 0) return [aroundFacts(sentence, held)];
    return facts.length === 0 && hasDecision(sentence) ? [sentence] : [];
  });
  const kept = (telling.length === 0 ? sentences.slice(0, 1) : telling).join(" … ");
  return kept.length <= maxExcerptChars
    ? kept
    : `${kept.slice(0, maxExcerptChars).toWellFormed().trimEnd()} …`;
}

/** A sentence. Of a very long one, only the surroundings of its facts. */
function aroundFacts(sentence: string, facts: readonly string[]): string {
  if (sentence.length <= aroundChars * 4) return sentence;
  const parts = facts.map((fact) => {
    const at = sentence.indexOf(partsOf(fact)[0] ?? fact);
    return sentence
      .slice(Math.max(0, at - aroundChars), at + fact.length + aroundChars)
      .toWellFormed()
      .trim();
  });
  return [...new Set(parts)].join(" … ");
}
