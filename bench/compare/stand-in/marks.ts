/** A question is the `number`th one of its conversation. Its marks survive every encoding that a body may have. */
export interface Question {
  readonly conversation: number;
  readonly number: number;
}

/** In letters, as a word: a summary has to keep every number that people name. */
export function keyOf({ conversation, number }: Question): string {
  return `${letters(conversation)}x${letters(number)}`;
}

function letters(number: number): string {
  return String(number).replaceAll(/\d/gu, (digit) => "abcdefghij".charAt(Number(digit)));
}

/** About 100 characters, or so many. */
export function questionText(question: Question, chars = 0): string {
  const text = `Question q${keyOf(question)}q: what did we say about the launch in March, and who books the venue for it?`;
  return text + filler(chars - text.length);
}

const askedMark = /q(?<key>[a-j]+x[a-j]+)q/gu;
const answerMark = /z(?<kind>[AE])(?<key>[a-j]+x[a-j]+)z/gu;

/** The key of the last question in the text; undefined for a prompt without one, as of a summary. */
export function lastAsked(text: string): string | undefined {
  const from = text.lastIndexOf("Question q");
  if (from < 0) return undefined;
  askedMark.lastIndex = from;
  return askedMark.exec(text)?.groups?.["key"];
}

/** What long questions and all answers tell. */
export const words =
  "We said that the launch is on 14 March. Grace books the venue by Friday, and Ada writes to the press. " +
  "The budget is 4,000 euros; what is left goes into the party after it.";

/** Texts of more than the usual length. */
function filler(chars: number): string {
  return chars <= 0 ? "" : ` ${words}`.repeat(Math.ceil(chars / (words.length + 1))).slice(0, chars);
}

/** The last letters of a chunk may be fewer. */
const chunkChars = 18;

/**
 * The answer in chunks, about 220 characters or so many: its first chunk has the mark of the start, its last one that of
 * the end.
 */
export function answerChunks(key: string, chars = 0): readonly string[] {
  const plain = `zA${key}z ${words}`;
  const end = plain.length + Math.max(0, chars - plain.length - key.length - 4);
  const text = `${plain}${filler(end - plain.length)} zE${key}z`;
  const start = text.indexOf(" ") + 1;
  const between = Array.from({ length: Math.ceil((end - start) / chunkChars) }, (_, index) =>
    text.slice(start + index * chunkChars, Math.min(end, start + (index + 1) * chunkChars)),
  );
  return [text.slice(0, start), ...between, text.slice(end)];
}

/** What a text shows of answers: where they start, and where they are complete. */
export function marksIn(text: string): readonly { readonly isEnd: boolean; readonly key: string }[] {
  if (!text.includes("z")) return [];
  const found = new Map<string, { readonly isEnd: boolean; readonly key: string }>();
  for (const { groups } of text.matchAll(answerMark)) {
    const mark = { isEnd: groups?.["kind"] === "E", key: groups?.["key"] ?? "" };
    found.set(`${groups?.["kind"]}${mark.key}`, mark);
  }
  return [...found.values()];
}
