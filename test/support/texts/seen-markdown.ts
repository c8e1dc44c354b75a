import { Marked, type MarkedToken, type Token, type Tokens } from "marked";

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

/**
 * Whether a text ends in a code block whose fence has no end, at any depth. Where that program differs from CommonMark 0.31,
 * this follows CommonMark: a code block ends with its item or quote, a tab is as wide as the spaces up to its stop, and
 * spaces at the end of a line mean nothing.
 */
export function hasOpenCode(markdown: string): boolean {
  return endsOpen(parser.lexer(plainSpaces(markdown)));
}

function plainSpaces(markdown: string): string {
  const plain = (line: string): string => {
    let spaced = "";
    for (const char of line) spaced += char === "\t" ? " ".repeat(4 - (spaced.length % 4)) : char;
    return spaced.replace(/ +$/u, "");
  };
  return markdown.split("\n").map(plain).join("\n");
}

function endsOpen(tokens: readonly Token[]): boolean {
  const last = tokens.filter(isKnown).findLast(({ type }) => type !== "space");
  if (last?.type === "code") return isOpen(last.raw);
  const inner = last?.type === "list" ? last.items.at(-1) : last;
  if (inner?.type !== "list_item" && inner?.type !== "blockquote") return false;
  if (!endsOpen(inner.tokens)) return false;
  const rest = afterContainer(inner);
  return rest === undefined || hasOpenCode(rest);
}

function isOpen(code: string): boolean {
  const marker = /^ {0,3}(?<marker>`{3,}|~{3,})/u.exec(code)?.groups?.["marker"];
  if (marker === undefined) return false;
  const [, ...others] = code.trimEnd().split("\n");
  const end = others.at(-1)?.trim() ?? "";
  return !end.startsWith(marker) || end !== marker.charAt(0).repeat(end.length);
}

/** The code at the end of an item or a quote from the first line that is outside of it, and what follows. */
function afterContainer({ type, raw, tokens }: Tokens.ListItem | Tokens.Blockquote): string | undefined {
  const lines = raw.trimEnd().split("\n");
  const codeLines = codeAtEnd(tokens).trimEnd().split("\n").length;
  const indent = /^ *(?:[-+*]|\d{1,9}[.)])(?: {1,4}(?=\S)| |$)/u.exec(raw)?.[0].length ?? 0;
  const isInside = (line: string): boolean =>
    type === "blockquote" ? /^ {0,3}>/u.test(line) : line.trim() === "" || line.search(/\S/u) >= indent;
  const first = lines.findIndex((line, at) => at > 0 && at >= lines.length - codeLines && !isInside(line));
  return first === -1 ? undefined : lines.slice(first).join("\n");
}

function codeAtEnd(tokens: readonly Token[]): string {
  const last = tokens.filter(isKnown).findLast(({ type }) => type !== "space");
  if (last?.type === "list") return codeAtEnd(last.items.at(-1)?.tokens ?? []);
  return last?.type === "blockquote" ? codeAtEnd(last.tokens) : (last?.raw ?? "");
}
