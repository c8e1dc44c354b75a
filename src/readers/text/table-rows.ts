/** A row of a table, as Markdown writes it. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells
    .map((cell) =>
      cell
        .trim()
        .replaceAll(/[\r\n]+/gu, " ")
        .replaceAll("|", "\\|"),
    )
    .join(" | ")} |`;
}

/** What stands below the header row. */
export function tableRule(columns: number): string {
  return tableRow(Array.from({ length: columns }, () => "---"));
}
