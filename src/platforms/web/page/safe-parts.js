import { piecesOf } from "./pieces.js";

// Markdown is parsed in pieces that can't take long: some texts cost the parser the square of their length, or its stack.
const mostMs = 500;
/** Of one character that may begin or end something, or lead deeper; people's and models' own texts have far fewer. */
const mostMarksInLine = 200;
const mostMarksInPiece = 1_200;
const mostSpaces = 200;
const mostLevels = 20;

/**
 * Splits a text into parts, in order: `{ html }` where `parse` made something of it, `{ code, language }` for a long code
 * block, `{ text }` for what is shown as it is. Never throws; time grows with the length.
 */
export function safeParts(markdown, parse) {
  const budget = parseBudget();
  return piecesOf(markdown).map((piece) => safePart(piece, parse, budget));
}

/** The part that one piece makes. `budget`: of all pieces that are parsed in one go. */
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

/** So long may be parsed. */
export function parseBudget() {
  return { leftMs: mostMs };
}

function isHostile(text) {
  let inPiece = 0;
  for (const line of text.split("\n")) {
    if (levelsOf(line) > mostLevels) return true;
    const inLine = marksIn(line);
    inPiece += inLine;
    if (inLine > mostMarksInLine || inPiece > mostMarksInPiece) return true;
  }
  return false;
}

/** Marks that cost, or more than allowed for a long run of spaces. */
function marksIn(line) {
  // A rule, or what underlines a heading.
  if (line.length <= mostMarksInLine && /^[-=*_]+$/u.test(line)) return 0;
  let marks = 0;
  let spaces = 0;
  for (const character of line) {
    if ("!*_".includes(character)) marks += 1;
    spaces = character === " " || character === "\t" ? spaces + 1 : 0;
    if (spaces > mostSpaces) return Number.POSITIVE_INFINITY;
  }
  return marks;
}

/** How many quotations and lists a line may open inside of each other. */
function levelsOf(line) {
  if (/^[-=*_]+$/u.test(line)) return 0;
  let levels = 0;
  for (const character of line) {
    if (">-+*.)".includes(character)) levels += 1;
    else if (!" \t0123456789".includes(character)) break;
  }
  return levels;
}
