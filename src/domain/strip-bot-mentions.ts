/** So much before and behind a mention tells what it is there for. */
const contextChars = 24;
const sentenceBefore = /[.!?\n][^\S\n]*$/u;
const greetingBefore =
  /(?:^|[^\p{L}\p{N}])(?:hey|hi|hello|hallo|dear|ok|okay|please|pls|plz|kindly|thanks|thx)[^\S\n]*$/iu;
const commaBefore = /,[^\S\n]*$/u;
const commaBehind = /^[^\S\n]*[,:]/u;
const newLine = /(?:^|\n)[^\S\n]*$/u;
const spaces = /^[^\S\n]*/u;
/** Nothing but signs follows in the line. */
const endOfLine = /^[^\p{L}\p{N}<\n]{0,16}(?:\n|$)/u;

/**
 * A text without the mentions that call the bot, with their commas, and with its name where it is talked about: "@bot, when
 * is lunch?", "thanks @bot", but "did @bot tell you?". `mention`: a pattern of all of them. Linear in the length of the text.
 */
export function stripBotMentions(text: string, mention: RegExp, name: string | undefined): string {
  const kept: string[] = [];
  let from = 0;
  let tail = "";
  for (const { index, 0: found } of text.matchAll(mention)) {
    const piece = text.slice(from, index);
    from = index + found.length;
    const before = (tail + piece).slice(-contextChars);
    const behind = text.slice(from, from + contextChars);
    const isFirst = tail.trim() === "" && piece.trim() === "";
    const isLast = endOfLine.test(behind) && (behind.length < contextChars || behind.includes("\n"));
    const isBetweenCommas = commaBefore.test(before) && commaBehind.test(behind);
    const isAtStart = isFirst || sentenceBefore.test(before);
    const isCall = isAtStart || isLast || isBetweenCommas || greetingBefore.test(before);
    if (name !== undefined && !isCall) {
      kept.push(piece, `@${name}`);
    } else {
      kept.push(
        isLast ? piece.replace(/[^\S\n]{0,99},?[^\S\n]{0,99}$/u, "") : piece.replace(/[^\S\n]$/u, ""),
      );
      if (isAtStart || isBetweenCommas) from += commaBehind.exec(behind)?.[0].length ?? 0;
      if (newLine.test(before)) from += spaces.exec(text.slice(from, from + contextChars))?.[0].length ?? 0;
    }
    tail = isFirst ? "" : (tail + (kept.at(-1) ?? "")).slice(-contextChars);
  }
  return [...kept, text.slice(from)].join("").trim();
}
