import type { SummaryLine } from "../../domain/summary.ts";
import { findMisattributed } from "./verify-speakers.ts";
import { extractFacts, SearchableText, type Facts } from "./extract-facts.ts";
import { yielding } from "../../async/yielding.ts";
import type { MessageToSummarize, SummaryInput, WrittenLine } from "./summary-input.ts";
import type { CountTokens } from "../memory/remembered-message.ts";

/** Faults of a summary that can be found mechanically. */
export interface SummaryFaults {
  /** For the model, with message text; never log it. Empty if the summary is fine. */
  readonly forModel: readonly string[];
  /** For the log: kinds and counts only. */
  readonly forLog: readonly string[];
  /** Inputs whose facts or decisions the summary lost. */
  readonly lost: readonly Loss[];
}

/** A line or message of the input that the summary does not cover fully. */
export interface Loss {
  readonly from: SummaryLine | MessageToSummarize;
  /** The missing facts. Empty for a decision that no line cites. */
  readonly facts: readonly string[];
}

/**
 * Checks a summary without a model: format, length, attribution, and that every fact, speaker and decision of the input is
 * still there. Linear in the input and the lines; yields between them.
 */
export async function verifySummary(
  lines: readonly WrittenLine[],
  input: SummaryInput,
  countTokens: CountTokens,
): Promise<SummaryFaults> {
  const forModel: string[] = [];
  const forLog: string[] = [];
  const note = (kind: string, detail: string): void => {
    forLog.push(kind);
    forModel.push(detail);
  };
  if (lines.length === 0 && hasContent(input)) note("empty", "there was no line of the form `- text [12]`");
  const uncited = lines.filter(({ cites }) => cites.length === 0).length;
  if (uncited > 0) note(`uncited: ${uncited}`, `${uncited} lines end without the number of a message`);
  if (lines.length > 0 && !(await areShorter(lines, input, countTokens))) {
    note("too long", "they are longer than what they stand for");
  }
  const misread = await findMisattributed(lines, input);
  const wrong = misread.map(({ text }) => `"${text.slice(0, 80).toWellFormed()}"`);
  if (wrong.length > 0)
    note(
      `misattributed: ${wrong.length}`,
      `whoever they name did not write what they cite: ${wrong.join(", ")}`,
    );
  const said = await factsOf(input.messagesToSummarize);
  const silenced = await findMissingSpeakers(lines, said);
  if (silenced.length > 0)
    note(`speakers: ${silenced.length}`, `nobody is called ${silenced.join(", ")} in them`);
  const lost = await findLosses(lines, input, said);
  const facts = lost.flatMap((loss) => loss.facts);
  if (facts.length > 0)
    note(`facts: ${facts.length}`, `these are missing: ${facts.slice(0, 40).join(" | ")}`);
  const decisions = uncitedDecisions(lost);
  if (decisions.length > 0) {
    note(`decisions: ${decisions.length}`, `these messages are in no line: ${decisions.join(", ")}`);
  }
  return { forModel, forLog, lost };
}

function uncitedDecisions(lost: readonly Loss[]): readonly string[] {
  return lost.flatMap(({ from, facts }) =>
    facts.length === 0 && "ordinal" in from ? [`[${from.ordinal}]`] : [],
  );
}

function hasContent({ previous, messagesToSummarize }: SummaryInput): boolean {
  return previous.length > 0 || messagesToSummarize.some(({ text }) => text.length > 40);
}

/** Messages of people with their facts. Our own replies only repeat those, or can be given again. */
type Said = ReadonlyMap<MessageToSummarize, Facts>;

async function factsOf(messagesToSummarize: readonly MessageToSummarize[]): Promise<Said> {
  const pause = yielding();
  const said = new Map<MessageToSummarize, Facts>();
  for (const message of messagesToSummarize) {
    if (message.role === "person") said.set(message, extractFacts(message.text));
    await pause();
  }
  return said;
}

async function findLosses(
  lines: readonly WrittenLine[],
  { previous }: SummaryInput,
  said: Said,
): Promise<readonly Loss[]> {
  const pause = yielding();
  const all = new SearchableText(lines.map(({ text }) => text).join("\n"));
  const texts = new Set(lines.map(({ text }) => text));
  const cited = new Set(lines.flatMap(({ cites }) => cites.map(({ ordinal }) => ordinal)));
  const lost: Loss[] = [];
  for (const line of previous) {
    await pause();
    const facts = await all.findMissing(extractFacts(line.text));
    const isKept = line.isPinned !== true || texts.has(line.text);
    const isCited = line.cites.some(({ ordinal }) => cited.has(ordinal));
    if (facts.length > 0 || !isKept || !isCited) lost.push({ from: line, facts });
  }
  for (const [message, facts] of said) {
    await pause();
    const missing = await all.findMissing(facts);
    if (missing.length > 0 || (facts.isDecision && !cited.has(message.ordinal))) {
      lost.push({ from: message, facts: missing });
    }
  }
  return lost;
}

/** Speakers whose messages hold facts, but whose name is in no line. */
async function findMissingSpeakers(lines: readonly WrittenLine[], said: Said): Promise<readonly string[]> {
  const pause = yielding();
  const all = lines
    .map(({ text }) => text)
    .join("\n")
    .toLowerCase();
  const telling = [...said].filter(([, { exact }]) => exact.length > 0);
  const speakers = new Set(telling.map(([{ speaker }]) => speaker));
  const missing: string[] = [];
  for (const speaker of speakers) {
    if (!all.includes(speaker.toLowerCase())) missing.push(speaker);
    await pause();
  }
  return missing;
}

/** Whether the lines have fewer tokens than the input, of which no more is counted than it takes to tell. */
async function areShorter(
  lines: readonly WrittenLine[],
  { previous, messagesToSummarize }: SummaryInput,
  countTokens: CountTokens,
): Promise<boolean> {
  const pause = yielding();
  let left = 0;
  for (const { text } of lines) {
    left += countTokens(text);
    await pause();
  }
  for (const { text } of [...previous, ...messagesToSummarize]) {
    left -= countTokens(text);
    if (left < 0) return true;
    await pause();
  }
  return false;
}
