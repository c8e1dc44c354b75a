import { splitMarkdown } from "./split-markdown.js";

// Some texts cost the parser quadratic time or its stack, so Markdown is parsed in small pieces.
const maxMs = 500;
/** Limits for characters that open, close or nest markup; real texts have far fewer. */
const maxMarksPerLine = 200;
const maxMarksPerPiece = 1_200;
const maxSpaces = 200;
const maxLevels = 20;

/**
 * Splits a text into parts: `{ html }` from `parse`, `{ code, language }` for a long code block, `{ text }` for plain
 * text. Never throws. Linear time.
 */
export function safeParts(markdown, parse) {
  const budget = parseBudget();
  return splitMarkdown(markdown).map((piece) => safePart(piece, parse, budget));
}

/** Parses one piece. `budget`: shared by all pieces parsed together. */
export function safePart({ text, isCode, language }, parse, budget) {
  if (isCode) return { code: text, language };
  if (isHostile(text) || budget.leftMs <= 0) return { text };
  const startMs = performance.now();
  try {
    return { html: parse(text) };
  } catch {
    return { text };
  } finally {
    budget.leftMs -= performance.now() - startMs;
  }
}

/** The time for parsing. */
export function parseBudget() {
  return { leftMs: maxMs };
}

function isHostile(text) {
  let inPiece = 0;
  for (const line of text.split("\n")) {
    if (levelsOf(line) > maxLevels) return true;
    const inLine = marksIn(line);
    inPiece += inLine;
    if (inLine > maxMarksPerLine || inPiece > maxMarksPerPiece) return true;
  }
  return false;
}

/** Counts costly marks; infinite for a long run of spaces. */
function marksIn(line) {
  // A horizontal rule or a heading's underline.
  if (line.length <= maxMarksPerLine && /^[-=*_]+$/u.test(line)) return 0;
  let marks = 0;
  let spaces = 0;
  for (const character of line) {
    if ("!*_".includes(character)) marks += 1;
    spaces = character === " " || character === "\t" ? spaces + 1 : 0;
    if (spaces > maxSpaces) return Number.POSITIVE_INFINITY;
  }
  return marks;
}

/** The levels of quotes and lists that a line may open. */
function levelsOf(line) {
  if (/^[-=*_]+$/u.test(line)) return 0;
  let levels = 0;
  for (const character of line) {
    if (">-+*.)".includes(character)) levels += 1;
    else if (!" \t0123456789".includes(character)) break;
  }
  return levels;
}
