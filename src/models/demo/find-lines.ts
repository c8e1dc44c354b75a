import type { Line } from "./read-prompt.ts";

const mostFound = 3;

/** Words that say that a question is about the talk, not about its subject; and words that say nothing. */
const emptyWords: ReadonlySet<string> = new Set(
  `a about again all am an and are as ask asked at be been before bot by can could did do does earlier for from get had
  has have he her here him his how i if in is it its just know last let like me mean mention mentioned message my name's
  no not now of on or our please remember recall remind said say says she should so tell than that the their them then
  there they this to told us was we were what what's when where which who who's whom whose why will with
  would write wrote yes you your`.split(/\s+/u),
);

/**
 * The earlier lines that share the most words with the question, oldest first; of equals the latest. A question
 * without words of its own ("what did I say?") finds what its speaker said last.
 */
export function findLines(question: Line, earlier: readonly Line[]): readonly Line[] {
  const asked = wordsOf(question.text);
  if (asked.size === 0)
    return earlier.filter(({ speaker }) => speaker === question.speaker).slice(-mostFound);
  const best = earlier
    .map((line, index) => ({ index, shared: countShared(asked, wordsOf(line.text)) }))
    .filter(({ shared }) => shared > 0)
    .toSorted((one, other) => other.shared - one.shared || other.index - one.index)
    .slice(0, mostFound);
  const indices = new Set(best.map(({ index }) => index));
  return earlier.filter((_, index) => indices.has(index));
}

/** "What is …", "who said …", "do you remember …", or a question mark. */
export function isQuestion(text: string): boolean {
  return /\?|^\s*(?:what|who|when|where|which|why|how|did|do|does|remember|recall|remind|tell)\b/iu.test(
    text,
  );
}

/** The words of a text that say something, each once, in lower case. */
export function contentWords(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? [];
  return [...new Set(words.filter((word) => !emptyWords.has(word)))];
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(contentWords(text));
}

function countShared(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  return [...one].filter((word) => other.has(word)).length;
}
