/** An underscore inside a word marks nothing, and a platform would show the backslash in a link. */
const special = /[\\`*~[\]<>|$&]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** Markdown that shows a line as it is: nothing in it is a link, hidden or emphasized. */
export function asPlainMarkdown(line: string): string {
  return line.replaceAll(special, String.raw`\$&`);
}
