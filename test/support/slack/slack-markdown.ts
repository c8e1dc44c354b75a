import { Marked, type MarkedToken, type Token } from "marked";

/** The blocks that Slack makes of a markdown block, as far as they count. */
interface MadeBlocks {
  readonly count: number;
  readonly headings: readonly string[];
  readonly tables: readonly { readonly rows: number; readonly columns: number; readonly chars: number }[];
  /** Of all texts, with `&`, `<` and `>` as entities. */
  readonly chars: number;
}

const parser = new Marked({ gfm: true });

/**
 * Slack documents only that it makes several blocks. Others saw a header of each heading, a table of each table, a divider
 * of each rule, and one rich text of what stands between.
 */
export function blocksOfMarkdown(markdown: string): MadeBlocks {
  const tokens = parser
    .lexer(markdown)
    .filter(isKnown)
    .filter(({ type }) => type !== "space" && type !== "def");
  const starts = tokens.filter((token, at) => isOwn(token) || at === 0 || isOwn(tokens[at - 1]));
  const all = everyToken(tokens);
  return {
    count: starts.length,
    headings: all.flatMap((token) => (token.type === "heading" ? [token.text] : [])),
    tables: all.flatMap((token) => {
      if (token.type !== "table") return [];
      const cells = [token.header, ...token.rows].flat();
      const chars = cells.reduce((sum, { text }) => sum + Math.max(1, text.length), 0);
      return [{ rows: token.rows.length + 1, columns: token.header.length, chars }];
    }),
    chars: markdown.length + 3 * (markdown.match(/[&<>]/gu)?.length ?? 0),
  };
}

function isKnown(token: Token): token is MarkedToken {
  return token.type !== "";
}

function isOwn(token: MarkedToken | undefined): boolean {
  return token?.type === "heading" || token?.type === "table" || token?.type === "hr";
}

function everyToken(tokens: readonly MarkedToken[]): readonly MarkedToken[] {
  return tokens.flatMap((token) => {
    const inner = token.type === "list" ? token.items.flatMap((item) => item.tokens) : [];
    const quoted = token.type === "blockquote" ? token.tokens : [];
    return [token, ...everyToken([...inner, ...quoted].filter(isKnown))];
  });
}
