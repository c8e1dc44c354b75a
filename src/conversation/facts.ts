/** What of a text can be looked for word by word, and must not get lost in a summary. */
export interface Facts {
  /** Numbers, dates, links, addresses, identifiers, quotations, names; as they were written, each once. */
  readonly exact: readonly string[];
  /** Somebody decided, promised or refused something. */
  readonly isDecision: boolean;
}

const patterns: readonly RegExp[] = [
  /https?:\/\/[^\s<>)\]]*[^\s<>)\].,;:!?'"]/gu,
  /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu,
  /`[^`\n]{1,80}`/gu,
  /"[^"\n]{2,80}"|“[^”\n]{2,80}”|„[^“\n]{2,80}“|«[^»\n]{2,80}»/gu,
  // Identifiers: ABC-123, snake_case, camelCase, v1.2.3, a/path.
  /(?<![\p{L}\p{N}])(?=[\p{L}\p{N}._/#-]*[\p{L}])(?=[\p{L}\p{N}._/#-]*[\d_])[\p{L}\p{N}#][\p{L}\p{N}._/-]*[\p{L}\p{N}]/gu,
  /(?<![\p{L}\p{N}])\p{Ll}+\p{Lu}[\p{L}\p{N}]+/gu,
  // Numbers, with what groups them: 1,000 12.5 14:30 2026-11-21.
  /(?<![\p{L}\p{N}])\d+(?:[.,:/-]\d+)*/gu,
];

const name = /(?<=[\p{L}\p{N},;] )\p{Lu}[\p{L}\p{N}’'-]{2,}(?: \p{Lu}[\p{L}\p{N}’'-]{2,})*/gu;

const decision =
  /\b(?:decid|agree|we(?:'ll| will| go with)|let'?s|go(?:ing)? with|chose|choose|settled on|approved?|reject|promis|commit(?:ted)? to|will (?:do|take|own|send|write|fix)|must|deadline|beschlossen|entschieden|einigen|nehmen wir|wir machen|abgelehnt|zugesagt|décid|d'accord|acordamos|decidimos)/iu;

/** In a text that writes every noun with a capital, capitals tell no names. */
const mostNames = 0.12;

export function factsIn(text: string): Facts {
  const exact = new Set<string>();
  let rest = text;
  for (const pattern of patterns) {
    for (const [found] of rest.matchAll(pattern)) exact.add(withoutQuotes(found));
    // What stands in a link is no number of its own.
    rest = rest.replaceAll(pattern, (found) => " ".repeat(found.length));
  }
  for (const found of namesIn(rest)) exact.add(found);
  return { exact: [...exact], isDecision: decision.test(text) };
}

/** Which of the facts a text does not hold. Case and the way of quoting don't matter. */
export function missingFrom(text: string, { exact }: Facts): readonly string[] {
  const plain = plainOf(text);
  return exact.filter((fact) => !plain.includes(plainOf(fact)));
}

function namesIn(text: string): readonly string[] {
  const found = Array.from(text.matchAll(name), ([each]) => each);
  const words = text.split(/\s+/u).length;
  return found.length > Math.max(3, words * mostNames) ? [] : found;
}

function withoutQuotes(text: string): string {
  return text.replaceAll(/^["“„«`]|["”“»`]$/gu, "");
}

function plainOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/["“”„«»`*_]/gu, "")
    .replaceAll(/\s+/gu, " ");
}
