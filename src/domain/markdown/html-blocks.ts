/** Tags that begin a block wherever they stand first in a line. */
const ofBlocks = new Set(
  [
    "address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt",
    "fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link",
    "main menu menuitem nav noframes ol optgroup option p param search section summary table tbody td tfoot th thead",
    "title tr track ul",
  ].flatMap((names) => names.split(" ")),
);
/** What begins an HTML block, and what ends it in this or a later line. */
const starts: readonly (readonly [start: RegExp, end: RegExp])[] = [
  [/^<(?:script|pre|style|textarea)(?:[ \t>]|$)/iu, /<\/(?:script|pre|style|textarea)>/iu],
  [/^<!--/u, /-->/u],
  [/^<\?/u, /\?>/u],
  [/^<![a-z]/iu, />/u],
  [/^<!\[CDATA\[/u, /\]\]>/u],
];
const blankLine = /^\s*$/u;
const firstTag = /^<\/?(?<name>[a-z][a-z\d]*)(?:[ \t]|\/?>|$)/iu;
/** Tags of any name that have the line for themselves. */
const loneTag =
  /^<[a-z][a-z\d-]*(?:[ \t]+[a-z_:][\w.:-]*(?:[ \t]*=[ \t]*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*[ \t]*\/?>[ \t]*$/iu;
const loneEndTag = /^<\/[a-z][a-z\d-]*[ \t]*>[ \t]*$/iu;

/**
 * What ends the HTML block that a line begins (CommonMark 0.31, 4.6): a pattern of its last line, or of the line after it if
 * that is blank. Undefined: it begins none. `isContinued`: the line may go on with a paragraph.
 */
export function endOfHtml(line: string, isContinued: boolean): RegExp | undefined {
  if (!line.startsWith("<")) return undefined;
  const end = starts.find(([start]) => start.test(line))?.[1];
  if (end !== undefined) return end;
  const name = firstTag.exec(line)?.groups?.["name"]?.toLowerCase() ?? "";
  const isLone = !isContinued && (loneTag.test(line) || loneEndTag.test(line));
  return ofBlocks.has(name) || isLone ? blankLine : undefined;
}
