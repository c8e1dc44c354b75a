/** How much text before and after a mention decides whether it calls the bot. */
const contextChars = 24;
const sentenceBefore = /[.!?\n][^\S\n]*$/u;
const greetingBefore =
  /(?:^|[^\p{L}\p{N}])(?:hey|hi|hello|hallo|dear|ok|okay|please|pls|plz|kindly|thanks|thx)[^\S\n]*$/iu;
const commaBefore = /,[^\S\n]*$/u;
const commaBehind = /^[^\S\n]*[,:]/u;
const newLine = /(?:^|\n)[^\S\n]*$/u;
const spaces = /^[^\S\n]*/u;
/** Only punctuation follows on the line. */
const endOfLine = /^[^\p{L}\p{N}<\n]{0,16}(?:\n|$)/u;

/**
 * Removes the mentions that call the bot, with their commas ("@bot, when is lunch?", "thanks @bot"). A mention within a
 * sentence ("did @bot tell you?") becomes "@name"; without a name it is removed too. `mention`: a global pattern of the
 * bot's mentions. Linear time.
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
