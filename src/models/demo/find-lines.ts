import type { Line } from "./read-prompt.ts";

const maxFound = 3;

/** Words about the conversation itself, and words without content. */
const emptyWords: ReadonlySet<string> = new Set(
  `a about again all am an and are as ask asked at be been before bot by can could did do does earlier for from get had
  has have he her here him his how i if in is it its just know last let like me mean mention mentioned message my name's
  no not now of on or our please remember recall remind said say says she should so tell than that the their them then
  there they this to told us was we were what what's when where which who who's whom whose why will with
  would write wrote yes you your`.split(/\s+/u),
);

/**
 * The earlier lines that share most words with the question, oldest first; later lines win ties. A question without content
 * words ("what did I say?") finds its speaker's last lines.
 */
export function findLines(question: Line, earlier: readonly Line[]): readonly Line[] {
  const asked = wordsOf(question.text);
  if (asked.size === 0) return earlier.filter(({ speaker }) => speaker === question.speaker).slice(-maxFound);
  const best = earlier
    .map((line, index) => ({ index, shared: countShared(asked, wordsOf(line.text)) }))
    .filter(({ shared }) => shared > 0)
    .toSorted((one, other) => other.shared - one.shared || other.index - one.index)
    .slice(0, maxFound);
  const indices = new Set(best.map(({ index }) => index));
  return earlier.filter((_, index) => indices.has(index));
}

/** "What is …", "who said …", "do you remember …", or a question mark. */
export function isQuestion(text: string): boolean {
  return /\?|^\s*(?:what|who|when|where|which|why|how|did|do|does|remember|recall|remind|tell)\b/iu.test(
    text,
  );
}

/** The distinct content words of a text, in lower case. */
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
