/** Longer ones would leave no room for the answer. */
const maxEndingChars = 1_200;

/**
 * Takes the lines off the end of an answer that the bot adds: its sources, why it was cut or stopped, which files were not
 * read, what was done. They stay visible when the answer becomes a file. `ending` begins with its line breaks.
 */
export function takeEnding(text: string): { readonly body: string; readonly ending: string } {
  let from = text.length;
  for (;;) {
    const at = text.lastIndexOf("\n\n", from - 1);
    if (at <= 0 || text.length - at > maxEndingChars) break;
    const lines = text.slice(at + 2, from).split("\n");
    if (!lines.every((line) => line.startsWith("*Sources:* ") || isAside(line))) break;
    from = at;
  }
  return { body: text.slice(0, from), ending: text.slice(from) };
}

function isAside(line: string): boolean {
  return line.startsWith("*(") && line.endsWith(")*");
}
