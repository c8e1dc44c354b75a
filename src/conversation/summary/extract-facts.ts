import { yielding } from "../../async/yielding.ts";

/** Parts of a text that a summary must keep, and whose presence can be checked by search. */
export interface Facts {
  /** Numbers, dates, links, addresses, identifiers, quotations and names, verbatim, without duplicates. */
  readonly exact: readonly string[];
  /** The text decides, promises or refuses something. */
  readonly isDecision: boolean;
}

/** How to find one kind of fact. */
interface Kind {
  /** Must run in linear time. */
  readonly pattern: RegExp;
  /** A character that every match contains, for a quick check. */
  readonly has?: string;
  /** Extracts the fact from a match. Default: all of it. */
  readonly factIn?: (found: string) => string | undefined;
}

const kinds: readonly Kind[] = [
  { pattern: /https?:\/\/[^\s<>)\]]*[^\s<>)\].,;:!?'"]/gu },
  {
    pattern: /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu,
    has: "@",
  },
  { pattern: /`[^`\n]{1,80}`/gu, factIn: removeQuotes },
  { pattern: /"[^"\n]{2,80}"|“[^“”\n]{2,80}”|„[^„“\n]{2,80}“|«[^«»\n]{2,80}»/gu, factIn: removeQuotes },
  { pattern: /(?<![\p{L}\p{N}])#?[\p{L}\p{N}][\p{L}\p{N}._/-]*/gu, factIn: identifierIn },
  { pattern: /(?<![\p{L}\p{N}])\p{Ll}+\p{Lu}[\p{L}\p{N}]+/gu },
  // Numbers with separators: 1,000 12.5 14:30 2026-11-21.
  { pattern: /(?<![\p{L}\p{N}])\d+(?:[.,:/-]\d+)*/gu },
];

const name = /(?<=[\p{L}\p{N},;] )\p{Lu}[\p{L}\p{N}’'-]{2,}(?: \p{Lu}[\p{L}\p{N}’'-]{2,})*/gu;

const decision =
  /\b(?:decid|agree|we(?:'ll| will| go with)|let'?s|go(?:ing)? with|chose|choose|settled on|approved?|reject|promis|commit(?:ted)? to|will (?:do|take|own|send|write|fix)|must|deadline|beschlossen|entschieden|einigen|nehmen wir|wir machen|abgelehnt|zugesagt|décid|d'accord|acordamos|decidimos)/iu;

/** Above this share of capitalized words, capitals do not indicate names (as in German). */
const maxNames = 0.12;

/** A text with more facts is a table or a log, which no summary repeats in full. */
const maxFacts = 300;

/** Finds the facts of a text. Linear time. */
export function extractFacts(text: string): Facts {
  const exact = new Set<string>();
  let rest = text;
  for (const { pattern, has = "", factIn } of kinds) {
    if (!rest.includes(has)) continue;
    // Blanked out, so that a number inside a link is not counted again.
    rest = rest.replaceAll(pattern, (found) => {
      const fact = factIn === undefined ? found : factIn(found);
      if (fact === undefined) return found;
      exact.add(fact);
      return " ".repeat(found.length);
    });
  }
  for (const found of namesIn(rest)) exact.add(found);
  return { exact: [...exact].slice(0, maxFacts), isDecision: hasDecision(text) };
}

/** See `Facts.isDecision`. */
export function hasDecision(text: string): boolean {
  return decision.test(text);
}

/** A text prepared for fact search. Ignores case and the style of quotation marks. */
export class SearchableText {
  readonly #plain: string;
  readonly #words: ReadonlySet<string>;

  constructor(text: string) {
    this.#plain = normalize(text);
    this.#words = new Set(this.#plain.split(" "));
  }

  /** The facts that the text does not hold. Yields between facts. */
  async findMissing({ exact }: Pick<Facts, "exact">): Promise<readonly string[]> {
    const pause = yielding();
    const lacking: string[] = [];
    for (const fact of exact) {
      if (!this.#holds(normalize(fact))) lacking.push(fact);
      await pause();
    }
    return lacking;
  }

  #holds(fact: string): boolean {
    return this.#words.has(fact) || partsOf(fact).every((part) => this.#plain.includes(part));
  }
}

/** Longest search string. For more than 250 characters, V8's search is quadratic. */
const longestPart = 200;

/** Splits a long fact, such as a link, into parts that can be searched in linear time. */
export function partsOf(fact: string): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at < fact.length; at += longestPart) parts.push(fact.slice(at, at + longestPart));
  return parts;
}

function namesIn(text: string): readonly string[] {
  const found = Array.from(text.matchAll(name), ([each]) => each);
  const words = text.split(/\s+/u).length;
  return found.length > Math.max(3, words * maxNames) ? [] : found;
}

/** An identifier has a letter, and a digit or underscore: ABC-123, snake_case, v1.2.3, a/path-2. Undefined for other words. */
function identifierIn(found: string): string | undefined {
  let end = found.length;
  while (end > 0 && "._/-".includes(found.charAt(end - 1))) end -= 1;
  const word = found.slice(0, end);
  return /\p{L}/u.test(word) && /[\d_]/u.test(word) ? word : undefined;
}

function removeQuotes(text: string): string {
  return text.replaceAll(/^["“„«`]|["”“»`]$/gu, "");
}

function normalize(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/["“”„«»`*_]/gu, "")
    .replaceAll(/\s+/gu, " ");
}
