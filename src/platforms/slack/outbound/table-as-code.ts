import type { MarkdownLine } from "../../../domain/markdown/markdown-line.ts";
import { prefixOf } from "../../../domain/markdown/read-markdown.ts";
import { cellsOf } from "../../../domain/markdown/table-cells.ts";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** Of fonts with one width: these take two columns. */
const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;

/**
 * A table as a code block whose columns stand under each other; as it was written, if that takes more than `spare` further
 * characters. Linear time.
 */
export function tableAsCode(markdown: string, lines: readonly MarkdownLine[], spare: number): string {
  const [first] = lines;
  if (first === undefined) return "";
  const written = lines.map(({ content, to }) => markdown.slice(content, to).trim());
  const runs = written.flatMap((row) => row.match(/`+/gu) ?? []);
  const marker = "`".repeat(runs.reduce((most, { length }) => Math.max(most, length + 1), 3));
  const prefix = prefixOf(first.containers);
  const body = aligned(written, spare) ?? written;
  const rows = [...body, marker].map((row) => `${prefix}${row}`);
  return [`${markdown.slice(first.from, first.content)}${marker}`, ...rows].join("\n");
}

/** Undefined: it takes too much room. */
function aligned(written: readonly string[], spare: number): readonly string[] | undefined {
  const rows = written.map(cellsOf);
  const widths: number[] = [];
  for (const [at, row] of rows.entries())
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 3, at === 1 ? 3 : widthOf(cell));
  const chars = rows.length * widths.reduce((sum, width) => sum + width + 3, 2);
  const known = written.reduce((sum, { length }) => sum + length + 1, 0);
  if (chars - known > spare) return undefined;
  const sides = rows[1] ?? [];
  return rows.map((row, at) => {
    const cells = widths.map((width, column) =>
      at === 1 ? rule(row[column] ?? "-", width) : padded(row[column] ?? "", width, sides[column] ?? ""),
    );
    return `| ${cells.join(" | ")} |`;
  });
}

function rule(cell: string, width: number): string {
  const [left, right] = [cell.startsWith(":") ? ":" : "-", cell.endsWith(":") ? ":" : "-"];
  return `${left}${"-".repeat(width - 2)}${right}`;
}

function padded(cell: string, width: number, side: string): string {
  const space = " ".repeat(width - widthOf(cell));
  return side.endsWith(":") && !side.startsWith(":") ? space + cell : cell + space;
}

function widthOf(cell: string): number {
  if (/^[ -~]*$/u.test(cell)) return cell.length;
  let width = 0;
  for (const { segment } of graphemes.segment(cell)) width += wide.test(segment) ? 2 : 1;
  return width;
}
