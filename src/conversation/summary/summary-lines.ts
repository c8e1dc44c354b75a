import type { CountTokens } from "../memory/remembered-message.ts";
import type { Summary, SummaryLine } from "../../domain/summary.ts";
import { findMisattributed } from "./verify-speakers.ts";
import { verifySummary } from "./verify-summary.ts";
import { yielding } from "../../async/yielding.ts";
import { verbatimLines } from "./verbatim-lines.ts";
import type { WrittenLine, SummaryInput } from "./summary-input.ts";

/** Keeps the correct lines and adds lost facts verbatim, so that a summary always results. */
export async function repairLines(
  written: readonly WrittenLine[],
  input: SummaryInput,
  countTokens: CountTokens,
): Promise<readonly SummaryLine[]> {
  const wrong = new Set(await findMisattributed(written, input));
  const cited = written.filter((line) => line.cites.length > 0 && !wrong.has(line));
  const { forLog } = await verifySummary(cited, input, countTokens);
  const kept = forLog.includes("too long") ? [] : cited;
  const { lost } = await verifySummary(kept, input, countTokens);
  return toSummaryLines([...kept, ...(await verbatimLines(lost, input))], input, countTokens);
}

/** Counts tokens, removes duplicates, keeps pins, and sorts by first citation. Yields between lines. */
export async function toSummaryLines(
  written: readonly WrittenLine[],
  { previous }: SummaryInput,
  countTokens: CountTokens,
): Promise<readonly SummaryLine[]> {
  const pause = yielding();
  const pinned = new Set(previous.filter(({ isPinned }) => isPinned).map(({ text }) => text));
  const byText = new Map(written.map((line) => [line.text, line]));
  const isPinned = true;
  const lines: SummaryLine[] = [];
  for (const { text, cites } of byText.values()) {
    const line = { text, cites, tokens: countTokens(`- ${text}\n`) };
    lines.push(pinned.has(text) ? { ...line, isPinned } : line);
    await pause();
  }
  return lines.toSorted((a, b) => (a.cites[0]?.ordinal ?? 0) - (b.cites[0]?.ordinal ?? 0));
}

/** Drops the oldest lines until the rest fits. Pinned lines go last. The archive still has their messages. */
export function fitLines(
  lines: readonly SummaryLine[],
  maxTokens: number,
  dropped: number,
): Pick<Summary, "lines" | "dropped"> {
  const kept = [...lines];
  let tokens = kept.reduce((sum, line) => sum + line.tokens, 0);
  while (tokens > maxTokens && kept.length > 0) {
    const free = kept.findIndex(({ isPinned }) => isPinned !== true);
    const [gone] = kept.splice(Math.max(0, free), 1);
    tokens -= gone?.tokens ?? 0;
  }
  return { lines: kept, dropped: dropped + lines.length - kept.length };
}
