import type { PostFile } from "../../domain/post.ts";
import { extensionOf, isProgram } from "./code-extensions.ts";

/** A block with more lines becomes a file too: on a phone it fills several screens. */
const maxLines = 60;

interface Block {
  /** Of the opening line. */
  readonly from: number;
  /** After the closing line, without its line break. */
  to: number;
  readonly language: string;
  /** Spaces before the opening fence, which each line may have too. */
  readonly indent: string;
  readonly codeFrom: number;
  codeTo: number;
}

interface TakenOut {
  /** With a line in place of each block. */
  readonly text: string;
  /** In the order of the text. */
  readonly files: readonly PostFile[];
}

/**
 * Takes the code blocks with more than `maxChars` characters or 60 lines out of a text. Each becomes a file with the extension
 * of its language; `(see main.py)` stands in its place. A block within a block stays a part of it; a block without an end goes
 * on to the end of the text, as in CommonMark.
 */
export function takeOutCode(text: string, maxChars: number): TakenOut {
  if (!text.includes("```") && !text.includes("~~~")) return { text, files: [] };
  const names = new Map<string, number>();
  const files: PostFile[] = [];
  let rest = "";
  let at = 0;
  for (const block of blocksIn(text)) {
    const code = withoutIndent(text.slice(block.codeFrom, block.codeTo), block.indent);
    if (code.length <= maxChars && lineCount(code) <= maxLines) continue;
    const name = nameFor(block.language, names);
    files.push({ name, mediaType: "text/plain; charset=utf-8", content: code });
    rest += `${text.slice(at, block.from)}${block.indent}(see ${name})`;
    at = block.to;
  }
  return { text: rest + text.slice(at), files };
}

/** The outermost fenced blocks (CommonMark 4.5). */
function blocksIn(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: (Block & { readonly marker: string }) | undefined;
  for (const match of text.matchAll(/^(?<indent>[ ]*)(?<marker>`{3,}|~{3,})(?<info>[^\n]*)\n?/gmu)) {
    const { indent = "", marker = "", info = "" } = match.groups ?? {};
    const end = match.index + match[0].length;
    if (open === undefined) {
      if (marker.startsWith("`") && info.includes("`")) continue;
      const [language = ""] = info.trim().split(/[\s{,:]/u, 1);
      const place = { from: match.index, to: text.length, codeFrom: end, codeTo: text.length };
      open = { ...place, language, indent, marker };
    } else if (
      marker.startsWith(open.marker) &&
      info.trim() === "" &&
      indent.length <= open.indent.length + 3
    ) {
      blocks.push({ ...open, codeTo: match.index, to: end - (match[0].endsWith("\n") ? 1 : 0) });
      open = undefined;
    }
  }
  return open === undefined ? blocks : [...blocks, open];
}

function withoutIndent(code: string, indent: string): string {
  const given = code.endsWith("\n") || code === "" ? code : `${code}\n`;
  if (indent === "") return given;
  return given.replaceAll(/^ +/gmu, (spaces) => spaces.slice(indent.length));
}

function lineCount(code: string): number {
  let count = 0;
  for (let at = code.indexOf("\n"); at !== -1; at = code.indexOf("\n", at + 1)) count += 1;
  return count;
}

/** The first of its kind has no number. */
function nameFor(language: string, names: Map<string, number>): string {
  const extension = extensionOf(language);
  const base = isProgram(language) ? "main" : "snippet";
  const kind = `${base}.${extension}`;
  const count = (names.get(kind) ?? 0) + 1;
  names.set(kind, count);
  return count === 1 ? kind : `${base}-${count}.${extension}`;
}
