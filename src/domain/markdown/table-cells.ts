/** The cells of a row of a table, without the white space around them. A pipe after a backslash is no border. */
export function cellsOf(row: string): readonly string[] {
  const trimmed = row.trim();
  const inner = trimmed.startsWith("|") ? trimmed.slice(1) : trimmed;
  const cells = inner.split(/(?<!\\)\|/u);
  // The last border.
  if (cells.length > 1 && cells.at(-1)?.trim() === "") cells.pop();
  return cells.map((cell) => cell.trim());
}
