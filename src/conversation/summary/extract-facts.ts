import { yielding } from "../async/yielding.ts";

/** What of a text can be looked for word by word, and must not get lost in a summary. */
export interface Facts {
  /** Numbers, dates, links, addresses, identifiers, quotations, names; as they were written, each once. */
  readonly exact: readonly string[];
  /** Somebody decided, promised or refused something. */
  readonly isDecision: boolean;
}

/** How one kind of facts is found. */
interface Kind {
  /** Reads no part of a text again and again: time grows with the length. */
  readonly pattern: RegExp;
  /** Without this character there is none. Missing: it must be looked for. */
  readonly has?: string;
  /** What of a finding is a fact. Missing: all of it. */
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
  // Numbers, with what groups them: 1,000 12.5 14:30 2026-11-21.
  { pattern: /(?<![\p{L}\p{N}])\d+(?:[.,:/-]\d+)*/gu },
];

const name = /(?<=[\p{L}\p{N},;] )\p{Lu}[\p{L}\p{N}’'-]{2,}(?: \p{Lu}[\p{L}\p{N}’'-]{2,})*/gu;

const decision =
  /\b(?:decid|agree|we(?:'ll| will| go with)|let'?s|go(?:ing)? with|chose|choose|settled on|approved?|reject|promis|commit(?:ted)? to|will (?:do|take|own|send|write|fix)|must|deadline|beschlossen|entschieden|einigen|nehmen wir|wir machen|abgelehnt|zugesagt|décid|d'accord|acordamos|decidimos)/iu;

/** In a text that writes every noun with a capital, capitals tell no names. */
const maxNames = 0.12;

/** A text with more is a table or a log: no summary repeats all of it. */
const maxFacts = 300;

export function extractFacts(text: string): Facts {
  const exact = new Set<string>();
  let rest = text;
  for (const { pattern, has = "", factIn } of kinds) {
    if (!rest.includes(has)) continue;
    // What stands in a link is no number of its own.
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

/** See Facts. */
export function hasDecision(text: string): boolean {
  return decision.test(text);
}

/** A text in which facts are looked for. Case and the way of quoting don't matter. */
export class SearchableText {
  readonly #plain: string;
  readonly #words: ReadonlySet<string>;

  constructor(text: string) {
    this.#plain = normalize(text);
    this.#words = new Set(this.#plain.split(" "));
  }

  /** Which of the facts it does not hold. In slices. */
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

/** How much of a fact is looked for at once: for more than 250 characters V8's search takes the product of both lengths. */
const longestPart = 200;

/** A fact in parts that are found quickly, whatever they and the text hold: a link may be very long. */
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

/** ABC-123, snake_case, v1.2.3, a/path-2: it has a letter, and a digit or an underscore. */
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
