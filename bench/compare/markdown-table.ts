const figure = /^[−–-]?[\d.,]*(?: ±?\d* ?%)?$/u;

/** A table as Markdown. Columns of figures are set to the right. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const alignment = titles.map((_, column) => {
    const isOfFigures = column > 0 && rows.every((cells) => figure.test(cells[column] ?? ""));
    return isOfFigures ? "---:" : "---";
  });
  return [titles, alignment, ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`.replace(/^\|  \|/u, "| |"))
    .join("\n");
}
