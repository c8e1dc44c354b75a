import { finishMarkdown } from "../../../domain/markdown/finish-markdown.ts";

/** A sign that the next piece may turn into something else is within so many characters of the end. */
const maxUnfinishedChars = 16;
const partOfSign = /^[<&#;\w\\]$/u;
const halfCharacter = /^[\uD800-\uDBFF]$/u;

/**
 * What a stream that shows `sent` lacks of a text. A text that still grows is sent without an unfinished end: half a
 * character, or a `<` or `&` that may become a ping with what follows. Undefined: the text does not begin with what was sent.
 */
export function pieceAfter(sent: string, text: string, isWhole: boolean): string | undefined {
  if (isWhole) return text.startsWith(sent) ? text.slice(sent.length) : undefined;
  const ready = text.slice(0, finishedLength(text));
  if (ready.startsWith(sent)) return ready.slice(sent.length);
  // It was cut or trimmed a little, or grows to there again.
  return sent.startsWith(ready) ? "" : undefined;
}

/**
 * What a stream may show of a text that still grows: half of a link, of a table's row or of a marker comes with a later piece.
 * Open code and emphasis stay open, since a stream only grows; Slack shows them. Linear time.
 */
export function withoutHalves(text: string): string {
  const finished = finishMarkdown(text);
  let length = 0;
  while (length < finished.length && finished[length] === text[length]) length += 1;
  return text.slice(0, length);
}

function finishedLength(text: string): number {
  const last = text.length - 1;
  let length = halfCharacter.test(text.charAt(last)) ? last : text.length;
  for (let at = last; at >= Math.max(0, text.length - maxUnfinishedChars); at -= 1) {
    const char = text.charAt(at);
    if (!partOfSign.test(char)) break;
    if (char === "<" || char === "&") length = at;
  }
  return length;
}
