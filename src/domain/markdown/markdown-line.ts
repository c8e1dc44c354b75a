/** A quote, or an item of a list whose further lines are indented by so many columns. */
export type Container = { readonly kind: "quote" } | { readonly kind: "item"; readonly indent: number };

/**
 * What a line is. `fence`: the first or last line of a code block. `underline`: it makes the text above it a heading.
 * `header` and `delimiter`: the first lines of a table.
 */
export type LineKind =
  | "blank"
  | "text"
  | "heading"
  | "underline"
  | "divider"
  | "fence"
  | "code"
  | "html"
  | "header"
  | "delimiter"
  | "row";

/** A line of Markdown. Offsets are UTF-16 code units of the whole text. */
export interface MarkdownLine {
  readonly kind: LineKind;
  readonly from: number;
  /** Behind the markers of its quotes and lists. */
  readonly content: number;
  /** Without the line break. */
  readonly to: number;
  /** Whether it goes on with the paragraph, the code block or the HTML block of the line before. */
  readonly isContinued: boolean;
  readonly containers: readonly Container[];
}
