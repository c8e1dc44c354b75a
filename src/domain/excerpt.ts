/** Begins a block with the text of a file. A heading, so that the content of a file is never read as a command. */
const start = "[snippet]\n```\n";
const end = "\n```";
const cutEnd = `\n[…]${end}`;

/** The block in which a message's text shows a text file. `isCut`: only the file's beginning is known. */
export function excerptBlock(text: string, isCut: boolean): string {
  return `${start}${text}${isCut ? cutEnd : end}`;
}

/** Puts the whole content of a file where a message's text shows its beginning. Unchanged if it shows no beginning of it. */
export function completeExcerpt(text: string, content: string): string {
  const whole = withoutReturns(content).trimEnd();
  let at = 0;
  for (;;) {
    const to = text.indexOf(cutEnd, at);
    if (to === -1) return text;
    const from = text.slice(at, to).lastIndexOf(start);
    const shownFrom = at + from + start.length;
    if (from !== -1 && shownFrom < to && whole.startsWith(withoutReturns(text.slice(shownFrom, to)))) {
      return text.slice(0, at + from) + excerptBlock(whole, false) + text.slice(to + cutEnd.length);
    }
    at = to + cutEnd.length;
  }
}

function withoutReturns(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
