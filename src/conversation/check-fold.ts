import type { SummaryLine } from "../domain/summary.ts";
import { factsIn, missingFrom } from "./facts.ts";
import { citationOf, type FoldInput, type Leaving, type WrittenLine } from "./fold-text.ts";
import type { CountTokens } from "./recollect.ts";

/** What is mechanically wrong with a fold. */
export interface FoldFaults {
  /** For the model, with the facts; never for a log. Empty: nothing is wrong. */
  readonly forModel: readonly string[];
  /** For the log: kinds and counts. */
  readonly forLog: readonly string[];
  /** What has lost facts. */
  readonly lost: readonly Loss[];
}

/** One line or message of the input that the fold does not do justice to. */
interface Loss {
  readonly from: SummaryLine | Leaving;
  /** Empty for a decision that no line cites. */
  readonly facts: readonly string[];
}

/** Checks what can be checked without understanding: everything that can be looked for word by word is still there. */
export function checkFold(
  lines: readonly WrittenLine[],
  input: FoldInput,
  countTokens: CountTokens,
): FoldFaults {
  const forModel: string[] = [];
  const forLog: string[] = [];
  const note = (kind: string, detail: string): void => {
    forLog.push(kind);
    forModel.push(detail);
  };
  if (lines.length === 0 && hasContent(input)) note("empty", "there was no line of the form `- text [12]`");
  const uncited = lines.filter(({ cites }) => cites.length === 0).length;
  if (uncited > 0) note(`uncited: ${uncited}`, `${uncited} lines end without the number of a message`);
  const before = tokensOf([...input.previous, ...input.leaving], countTokens);
  if (lines.length > 0 && tokensOf(lines, countTokens) >= before) {
    note("too long", "they are longer than what they stand for");
  }
  const silenced = speakersMissing(lines, input);
  if (silenced.length > 0)
    note(`speakers: ${silenced.length}`, `nobody is called ${silenced.join(", ")} in them`);
  const lost = lossesIn(lines, input);
  const facts = lost.flatMap((loss) => loss.facts);
  if (facts.length > 0)
    note(`facts: ${facts.length}`, `these are missing: ${facts.slice(0, 40).join(" | ")}`);
  const decisions = lost.flatMap(({ from, facts: each }) =>
    each.length === 0 && "ordinal" in from ? [`[${from.ordinal}]`] : [],
  );
  if (decisions.length > 0) {
    note(`decisions: ${decisions.length}`, `these messages are in no line: ${decisions.join(", ")}`);
  }
  return { forModel, forLog, lost };
}

function hasContent({ previous, leaving }: FoldInput): boolean {
  return previous.length > 0 || leaving.some(({ text }) => text.length > 40);
}

function lossesIn(lines: readonly WrittenLine[], { previous, leaving }: FoldInput): readonly Loss[] {
  const all = lines.map(({ text }) => text).join("\n");
  const cited = new Set(lines.flatMap(({ cites }) => cites.map(({ ordinal }) => ordinal)));
  const lost: Loss[] = [];
  for (const line of previous) {
    const facts = missingFrom(all, factsIn(line.text));
    const isKept = line.isPinned !== true || lines.some(({ text }) => text === line.text);
    const isCited = line.cites.some(({ ordinal }) => cited.has(ordinal));
    if (facts.length > 0 || !isKept || !isCited) lost.push({ from: line, facts });
  }
  for (const message of leaving) {
    // What we said ourselves repeats what people said, or can be said again.
    if (message.role !== "person") continue;
    const facts = factsIn(message.text);
    const missing = missingFrom(all, facts);
    if (missing.length > 0 || (facts.isDecision && !cited.has(message.ordinal))) {
      lost.push({ from: message, facts: missing });
    }
  }
  return lost;
}

/** Who said something that can be looked for, and is named nowhere. */
function speakersMissing(lines: readonly WrittenLine[], { leaving }: FoldInput): readonly string[] {
  const all = lines
    .map(({ text }) => text)
    .join("\n")
    .toLowerCase();
  const said = leaving.filter(({ role, text }) => role === "person" && factsIn(text).exact.length > 0);
  const speakers = new Set(said.map(({ speaker }) => speaker));
  return [...speakers].filter((speaker) => !all.includes(speaker.toLowerCase()));
}

function tokensOf(texts: readonly { readonly text: string }[], countTokens: CountTokens): number {
  return texts.reduce((sum, { text }) => sum + countTokens(text), 0);
}

/** A text that is no longer is kept whole: cutting it saves nothing. */
const wholeChars = 120;
const mostExcerptChars = 900;
/** How much of a very long sentence stands around a fact. */
const aroundChars = 80;

/** What a fold lost, word for word, each with what it rests on. */
export function verbatimLines(lost: readonly Loss[]): readonly WrittenLine[] {
  return lost.map(({ from, facts }) =>
    "cites" in from
      ? from
      : { text: `${from.speaker}: ${excerpt(from.text, facts)}`, cites: [citationOf(from)] },
  );
}

/**
 * The sentences that hold the facts, whatever the text's length: whole texts would crowd out each other. Without facts
 * the sentences that decide something; else the first one.
 */
function excerpt(text: string, facts: readonly string[]): string {
  const flat = text.replaceAll(/\s+/gu, " ").trim();
  if (flat.length <= wholeChars) return flat;
  const sentences = flat.split(/(?<=[.!?]) /u);
  const telling = sentences.flatMap((sentence) => {
    const held = facts.filter((fact) => sentence.includes(fact));
    if (held.length > 0) return [aroundFacts(sentence, held)];
    return facts.length === 0 && factsIn(sentence).isDecision ? [sentence] : [];
  });
  const kept = (telling.length === 0 ? sentences.slice(0, 1) : telling).join(" … ");
  return kept.length <= mostExcerptChars
    ? kept
    : `${kept.slice(0, mostExcerptChars).toWellFormed().trimEnd()} …`;
}

/** A sentence, or of a very long one what stands around its facts. */
function aroundFacts(sentence: string, facts: readonly string[]): string {
  if (sentence.length <= aroundChars * 4) return sentence;
  const parts = facts.map((fact) => {
    const at = sentence.indexOf(fact);
    return sentence
      .slice(Math.max(0, at - aroundChars), at + fact.length + aroundChars)
      .toWellFormed()
      .trim();
  });
  return [...new Set(parts)].join(" … ");
}
