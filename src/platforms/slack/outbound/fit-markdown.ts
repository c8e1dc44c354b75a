import type { MarkdownLine } from "../../../domain/markdown/markdown-line.ts";
import { readMarkdown, prefixOf } from "../../../domain/markdown/read-markdown.ts";
import { cellsOf } from "../../../domain/markdown/table-cells.ts";
import { tableAsCode } from "./table-as-code.ts";

// Slack makes blocks of its own from a markdown block: a header of each heading, a table of each table, a divider, and one
// rich text of all between (https://docs.slack.dev/reference/block-kit/blocks/markdown-block). Their limits count.

/** https://docs.slack.dev/reference/block-kit/blocks/table-block. The header is a row. Of all tables of a message together: `cellChars`. */
const ofTable = { rows: 100, columns: 20, cellChars: 10_000 };
/** https://docs.slack.dev/reference/block-kit/blocks/header-block */
const headingChars = 150;
/** Slack counts a header as so many characters, and refuses a message of about 13,200. Others measured it; it is not documented. */
const headingCost = 100;
const messageChars = 13_000;
/** For all markdown blocks of a message: 12,000. What stays free is for zero-width spaces in mentions. */
const markdownChars = 11_500;

/** What a message has room for. */
export interface Room {
  readonly blocks: number;
  readonly tables: number;
}

/** The lines of a heading, of a table, of a rule, or of what stands between these. */
interface Piece {
  readonly kind: "heading" | "table" | "divider" | "other";
  readonly lines: readonly MarkdownLine[];
}

/**
 * Markdown as Slack takes it: a table that is too large becomes code that keeps its columns, a long heading bold. With more
 * headings, tables and rules than a message may have, it is compact. Linear time.
 */
export function fitMarkdown(markdown: string, room: Room): string {
  const pieces = piecesOf(markdown);
  const native = nativeOf(markdown, pieces, room.tables);
  const headings = [...native].filter(({ kind }) => kind === "heading").length;
  const isLong = headings > 0 && escapedLength(markdown) + headings * headingCost > messageChars;
  if (isLong || blocksOf(pieces, native) > room.blocks) return compactMarkdown(markdown);
  const isFit = pieces.every((piece) => piece.kind === "other" || native.has(piece));
  return isFit ? markdown : write(markdown, pieces, native);
}

/**
 * Markdown that becomes one rich text: tables are code, headings are bold, rules are dashes. So many headings that their marks
 * take too much room are plain lines. Linear time.
 */
export function compactMarkdown(markdown: string): string {
  const pieces = piecesOf(markdown);
  const bold = write(markdown, pieces, new Set());
  const compact = bold.length > markdownChars ? write(markdown, pieces, new Set(), asLine) : bold;
  return compact.trim() === "" ? markdown : compact;
}

function piecesOf(markdown: string): readonly Piece[] {
  const pieces: { kind: Piece["kind"]; lines: MarkdownLine[] }[] = [];
  for (const line of readMarkdown(markdown).lines) {
    const kind = kindOf(line);
    const last = pieces.at(-1);
    if (line.kind === "underline" && last !== undefined) {
      const at = last.lines.findLastIndex(({ isContinued }) => !isContinued);
      pieces.push({ kind: "heading", lines: [...last.lines.splice(Math.max(0, at)), line] });
    } else if (last?.kind === kind && (kind === "other" || line.kind === "delimiter" || line.kind === "row"))
      last.lines.push(line);
    else pieces.push({ kind, lines: [line] });
  }
  return pieces.filter(({ lines }) => lines.length > 0);
}

function kindOf({ kind }: MarkdownLine): Piece["kind"] {
  if (kind === "heading" || kind === "divider") return kind;
  return kind === "header" || kind === "delimiter" || kind === "row" ? "table" : "other";
}

/** The pieces that become blocks of their own. */
function nativeOf(markdown: string, pieces: readonly Piece[], tables: number): ReadonlySet<Piece> {
  const native = new Set<Piece>();
  let left = ofTable.cellChars;
  let tablesLeft = tables;
  for (const piece of pieces) {
    if (piece.kind === "divider") native.add(piece);
    if (piece.kind === "heading" && charsOf(piece) <= headingChars) native.add(piece);
    if (piece.kind !== "table") continue;
    const chars = cellCharsOf(markdown, piece);
    if (chars > left || tablesLeft === 0) continue;
    left -= chars;
    tablesLeft -= 1;
    native.add(piece);
  }
  return native;
}

/** Infinity: it has too many rows or columns. */
function cellCharsOf(markdown: string, { lines: [header, , ...rows] }: Piece): number {
  if (header === undefined || rows.length + 1 > ofTable.rows) return Infinity;
  const cells = [header, ...rows].map(({ content, to }) => cellsOf(markdown.slice(content, to)));
  if (cells.some(({ length }) => length > ofTable.columns)) return Infinity;
  return cells.flat().reduce((sum, cell) => sum + Math.max(1, cell.length), 0);
}

function charsOf({ lines }: Piece): number {
  return lines.reduce((sum, { content, to }) => sum + to - content, 0);
}

/** The blocks that Slack makes: one of all that stands between two others. */
function blocksOf(pieces: readonly Piece[], native: ReadonlySet<Piece>): number {
  let blocks = 0;
  let isRun = false;
  for (const piece of pieces) {
    if (native.has(piece)) [blocks, isRun] = [blocks + 1, false];
    else if (!isRun && piece.lines.some(({ kind }) => kind !== "blank")) [blocks, isRun] = [blocks + 1, true];
  }
  return blocks;
}

/** Slack counts `&`, `<` and `>` as entities. */
function escapedLength(text: string): number {
  return text.length + 3 * (text.match(/[&<>]/gu)?.length ?? 0);
}

function write(
  markdown: string,
  pieces: readonly Piece[],
  native: ReadonlySet<Piece>,
  asHeading: typeof asBold = asBold,
): string {
  let spare = markdownChars - markdown.length;
  const texts = pieces.map((piece, at) => {
    const [first] = piece.lines;
    const source = markdown.slice(first?.from, piece.lines.at(-1)?.to);
    if (piece.kind === "other" || native.has(piece)) return source;
    if (piece.kind === "divider") return `${markdown.slice(first?.from, first?.content)}———`;
    if (piece.kind === "heading") return asHeading(markdown, piece, pieces[at + 1]);
    const code = tableAsCode(markdown, piece.lines, spare);
    spare -= code.length - source.length;
    return code;
  });
  return texts.join("\n");
}

/** An empty line keeps it apart from the text under it. */
function asBold(markdown: string, { lines }: Piece, next: Piece | undefined): string {
  const [first] = lines;
  if (first === undefined) return "";
  const shown = wordsOf(markdown, lines);
  const isPlain = shown !== "" && !/[*`_]/u.test(shown);
  const gap =
    next === undefined || next.lines[0]?.kind === "blank" ? "" : `\n${prefixOf(first.containers).trimEnd()}`;
  return `${markdown.slice(first.from, first.content)}${isPlain ? `**${shown}**` : shown}${gap}`;
}

/** Never longer than it was. */
function asLine(markdown: string, { lines }: Piece): string {
  const [first] = lines;
  return `${markdown.slice(first?.from, first?.content)}${wordsOf(markdown, lines)}`;
}

function wordsOf(markdown: string, lines: readonly MarkdownLine[]): string {
  const words = lines
    .filter(({ kind }) => kind !== "underline")
    .map(({ content, to }) => markdown.slice(content, to).trim())
    .join(" ");
  return lines[0]?.kind === "heading" ? withoutHashes(words) : words;
}

function withoutHashes(heading: string): string {
  const words = heading.replace(/^#{1,6}/u, "").trim();
  let end = words.length;
  while (words.charAt(end - 1) === "#") end -= 1;
  return end === 0 || /\s/u.test(words.charAt(end - 1)) ? words.slice(0, end).trim() : words;
}
