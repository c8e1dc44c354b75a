/** A text up to this length is one piece. */
const maxPieceChars = 8_000;

/**
 * Splits Markdown into pieces, in order: at blank lines outside code blocks and list items, or else between lines.
 * Appending changes at most the last two pieces. `isCode`: the piece is one code block.
 */
export function splitMarkdown(markdown) {
  if (markdown.length <= maxPieceChars) return [{ text: markdown }];
  const pieces = [];
  let piece = "";
  const end = () => {
    if (piece !== "") pieces.push({ text: piece });
    piece = "";
  };
  for (const { text, isFence } of blocksOf(markdown)) {
    if (piece.length + text.length > maxPieceChars) end();
    if (text.length <= maxPieceChars) piece += text;
    else if (isFence) pieces.push({ text: removeFence(text), isCode: true, language: languageOf(text) });
    else {
      for (const part of partsOf(text)) pieces.push({ text: part });
    }
  }
  end();
  return pieces;
}

function blocksOf(markdown) {
  const blocks = [];
  let lines = [];
  let fence;
  let isAfterBlank = false;
  const end = (isFence) => {
    if (lines.length > 0) blocks.push({ text: lines.join(""), isFence });
    lines = [];
  };
  for (const line of linesOf(markdown)) {
    const mark = fenceIn(line);
    const isBlank = line.trim() === "";
    if (fence !== undefined) {
      lines.push(line);
      const isEnd = mark?.[0] === fence[0] && mark.length >= fence.length && line.trim() === mark;
      if (!isEnd) continue;
      end(true);
      fence = undefined;
    } else if (mark !== undefined && /^\S/u.test(line)) {
      end(false);
      fence = mark;
      lines.push(line);
    } else {
      // Indented lines continue the list item above.
      if (isAfterBlank && /^\S/u.test(line)) end(false);
      lines.push(line);
    }
    isAfterBlank = isBlank;
  }
  end(fence !== undefined);
  return blocks;
}

/** Splits a list between items, and a table between rows, repeating its head. */
function partsOf(block) {
  const [head = "", rule = ""] = linesOf(block);
  const again = isTable(head, rule) ? head + rule : "";
  const parts = [];
  let part = "";
  for (const unit of unitsOf(block)) {
    if (part !== "" && part.length + unit.length > maxPieceChars) {
      parts.push(part);
      part = again;
    }
    part += unit;
  }
  return [...parts, part];
}

/** Lines with the indented lines below them. */
function unitsOf(block) {
  const units = [];
  let unit = "";
  for (const line of linesOf(block)) {
    if (unit !== "" && (/^\S/u.test(line) || unit.length + line.length > maxPieceChars)) {
      units.push(unit);
      unit = "";
    }
    unit += line;
  }
  return unit === "" ? units : [...units, unit];
}

function isTable(head, rule) {
  return head.includes("|") && rule.includes("-") && /^[\s|:-]+$/u.test(rule);
}

function linesOf(text) {
  return text.split(/(?<=\n)/u);
}

function fenceIn(line) {
  return /^ {0,3}(`{3,}|~{3,})/u.exec(line)?.[1];
}

function languageOf(fenced) {
  return /^ {0,3}(?:`{3,}|~{3,})[ \t]*([\w+#.-]{1,30})/u.exec(fenced)?.[1];
}

function removeFence(text) {
  const lines = text.split("\n").slice(1);
  const last = lines.findLastIndex((line) => line.trim() !== "");
  return lines.slice(0, fenceIn(lines[last] ?? "") === undefined ? lines.length : last).join("\n");
}
