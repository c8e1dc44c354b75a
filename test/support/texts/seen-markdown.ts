import { Marked, type MarkedToken, type Token } from "marked";

const parser = new Marked({ gfm: true });

/** The words that a reader of Markdown sees, without white space: another program's opinion. */
export function seenWords(markdown: string): string {
  return parser.lexer(markdown).map(wordsOf).join("").replaceAll(/\s/gu, "");
}

/** The parser has no extensions, so it knows all of its tokens. */
function isKnown(token: Token): token is MarkedToken {
  return token.type !== "";
}

function wordsOf(token: Token): string {
  if (!isKnown(token)) return "";
  if (token.type === "table") {
    const { header, rows } = token;
    return [header, ...rows]
      .flatMap((cells) => cells.map(({ tokens }) => tokens.map(wordsOf).join("")))
      .join("");
  }
  if (token.type === "list") return token.items.map(wordsOf).join("");
  if (token.type === "checkbox") return token.checked ? "☑" : "☐";
  if (token.type === "def") return "";
  if ("tokens" in token && token.tokens !== undefined) return token.tokens.map(wordsOf).join("");
  return "text" in token && typeof token.text === "string" ? token.text : "";
}

/** Whether a text ends in a code block whose fence has no end, at any depth. */
export function hasOpenCode(markdown: string): boolean {
  return endsOpen(parser.lexer(markdown));
}

function endsOpen(tokens: readonly Token[]): boolean {
  const last = tokens.filter(isKnown).findLast(({ type }) => type !== "space");
  if (last === undefined) return false;
  if (last.type === "list") return endsOpen(last.items.at(-1)?.tokens ?? []);
  if (last.type !== "code") return last.type === "blockquote" && endsOpen(last.tokens ?? []);
  const marker = /^ {0,3}(?<marker>`{3,}|~{3,})/u.exec(last.raw)?.groups?.["marker"];
  if (marker === undefined) return false;
  const [, ...others] = last.raw.trimEnd().split("\n");
  const end = others.at(-1)?.trim() ?? "";
  return !end.startsWith(marker) || end !== marker.charAt(0).repeat(end.length);
}
