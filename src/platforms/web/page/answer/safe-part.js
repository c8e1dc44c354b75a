// Some texts cost the parser quadratic time or its stack, so Markdown is parsed in small pieces.
/** Limits for characters that open, close or nest markup; real texts have far fewer. */
const maxMarksPerLine = 200;
const maxMarksPerPiece = 1_200;
const maxLevels = 20;
const manySpaces = /[ \t]{201}/u;
/** A horizontal rule or a heading's underline. */
const rule = /^(?:[-=]+|[-=*_]{1,200})$/u;

/**
 * Parses one piece of a text: `{ html }` from `parse`, `{ code, language }` for a long code block, `{ text }` for plain
 * text. Never throws. Linear time. `budget`: { leftMs }, shared by all pieces parsed together.
 */
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

function isHostile(text) {
  if (manySpaces.test(text)) return true;
  let inPiece = 0;
  for (const line of text.split("\n").filter((each) => !rule.test(each))) {
    const inLine = countIn(line, /[!*_]/gu);
    inPiece += inLine;
    if (inLine > maxMarksPerLine || inPiece > maxMarksPerPiece || levelsOf(line) > maxLevels) return true;
  }
  return false;
}

/** The levels of quotes and lists that a line may open. */
function levelsOf(line) {
  const [start] = /^[>\-+*.)\s\d]*/u.exec(line);
  return countIn(start, /[>\-+*.)]/gu);
}

function countIn(text, mark) {
  return text.match(mark)?.length ?? 0;
}
