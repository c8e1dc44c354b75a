// Markdown is parsed in pieces that can't take long: some texts cost the parser the square of their length, or its stack.
const mostPieceChars = 8_000;
const mostMs = 500;
/** Of one character that may begin or end something, or lead deeper; people's and models' own texts have far fewer. */
const mostMarksInLine = 200;
const mostMarksInPiece = 1_200;
const mostSpaces = 200;
const mostLevels = 20;

/**
 * Splits a text into parts, in order: `{ html }` where `parse` made something of it, `{ code }` for a long code block,
 * `{ text }` for what is shown as it is. Never throws; time grows with the length.
 */
export function safeParts(markdown, parse) {
  const endMs = performance.now() + mostMs;
  return piecesOf(markdown).map(({ text, isCode }) => {
    if (isCode) return { code: text };
    if (isHostile(text) || performance.now() > endMs) return { text };
    try {
      return { html: parse(text) };
    } catch {
      return { text };
    }
  });
}

/** A short text is one piece. A long one is cut at blank lines outside of code blocks, and where there are none, at lines. */
function piecesOf(markdown) {
  if (markdown.length <= mostPieceChars) return [{ text: markdown }];
  const pieces = [];
  let piece = "";
  const end = () => {
    if (piece !== "") pieces.push({ text: piece });
    piece = "";
  };
  for (const block of blocksOf(markdown)) {
    if (piece.length + block.text.length > mostPieceChars) end();
    if (block.text.length <= mostPieceChars) piece += block.text;
    else if (block.isFence) pieces.push({ text: withoutFence(block.text), isCode: true });
    else {
      for (const line of linesOf(block.text)) {
        if (piece.length + line.length > mostPieceChars) end();
        piece += line;
      }
      end();
    }
  }
  end();
  return pieces;
}

function blocksOf(markdown) {
  const blocks = [];
  let lines = [];
  let fence;
  const end = (isFence) => {
    if (lines.length > 0) blocks.push({ text: lines.join(""), isFence });
    lines = [];
  };
  for (const line of linesOf(markdown)) {
    const mark = fenceIn(line);
    if (fence === undefined && mark !== undefined) {
      end(false);
      fence = mark;
      lines.push(line);
    } else if (fence !== undefined) {
      lines.push(line);
      const isEnd = mark?.[0] === fence[0] && mark.length >= fence.length && line.trim() === mark;
      if (!isEnd) continue;
      end(true);
      fence = undefined;
    } else {
      lines.push(line);
      if (line.trim() === "") end(false);
    }
  }
  end(fence !== undefined);
  return blocks;
}

function linesOf(text) {
  return text.split(/(?<=\n)/u);
}

function fenceIn(line) {
  return /^ {0,3}(`{3,}|~{3,})/u.exec(line)?.[1];
}

function withoutFence(text) {
  const lines = text.split("\n").slice(1);
  const last = lines.findLastIndex((line) => line.trim() !== "");
  return lines.slice(0, fenceIn(lines[last] ?? "") === undefined ? lines.length : last).join("\n");
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
