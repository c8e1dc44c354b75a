/** Marks of emphasis that nothing has closed so far. */
export interface Opener {
  readonly char: string;
  count: number;
  readonly length: number;
  readonly isBoth: boolean;
  readonly at: number;
}

/** Open at once; older ones count as text, so that time stays linear. */
const maxOpeners = 40;

/**
 * Reads a run of `*`, `_` or `~`: closes the openers that it ends, or becomes one (CommonMark 0.31, 6.2; a struck text has two
 * tildes). Resolves to where it ends.
 */
export function readEmphasis(text: string, at: number, openers: Opener[]): number {
  const char = text.charAt(at);
  let end = at;
  while (text.charAt(end) === char) end += 1;
  const length = end - at;
  if (char === "~" && length !== 2) return end;
  const { opens, closes } = flanking(char, text.charAt(at - 1), text.charAt(end));
  const run: Opener = { char, count: length, length, isBoth: opens && closes, at };
  if (closes) close(run, openers);
  // As in 5*3.
  const isOfSum = char === "*" && length === 1 && /[\w)]/u.test(text.charAt(at - 1));
  if (opens && run.count > 0 && !isOfSum) openers.push(run);
  if (openers.length > maxOpeners) openers.shift();
  return end;
}

function close(run: Opener, openers: Opener[]): void {
  while (run.count > 0) {
    const index = openers.findLastIndex((opener) => isPair(opener, run));
    const opener = openers[index];
    if (opener === undefined) return;
    const used = opener.count >= 2 && run.count >= 2 ? 2 : 1;
    opener.count -= used;
    run.count -= used;
    openers.length = opener.count === 0 ? index : index + 1;
  }
}

function isPair(opener: Opener, run: Opener): boolean {
  if (opener.char !== run.char) return false;
  if (!opener.isBoth && !run.isBoth) return true;
  const isThird = (opener.length + run.length) % 3 === 0;
  return !isThird || (opener.length % 3 === 0 && run.length % 3 === 0);
}

function flanking(
  char: string,
  before: string,
  after: string,
): { readonly opens: boolean; readonly closes: boolean } {
  const left = isBeside(after, before);
  const right = isBeside(before, after);
  if (char !== "_") return { opens: left, closes: right };
  return { opens: left && (!right || isSign(before)), closes: right && (!left || isSign(after)) };
}

/** Whether a run stands at the edge of a word: on its side is `inner`, on the other `outer`. */
function isBeside(inner: string, outer: string): boolean {
  if (isSpace(inner)) return false;
  return !isSign(inner) || isSpace(outer) || isSign(outer);
}

function isSpace(char: string): boolean {
  return char.trim() === "";
}

function isSign(char: string): boolean {
  return /[\p{P}\p{S}]/u.test(char);
}
