/** A text up to this length is one piece. */
const maxPieceChars = 8_000;

/**
 * Splits Markdown into pieces, in order: at blank lines outside code blocks and list items, or else between lines.
 * Appending changes at most the last two pieces. `isCode`: the piece is one code block.
 */
export function splitMarkdown(markdown) {
  if (markdown.length <= maxPieceChars) return [{ text: markdown }];
  const pieces = [];
  for (const { text, isFence } of blocksOf(markdown)) {
    if (isFence && text.length > maxPieceChars) pieces.push(codeIn(text));
    else for (const part of partsOf(text)) addTo(pieces, part);
  }
  return pieces;
}

/** The mark that opens or closes a code block in this line. */
export function fenceIn(line) {
  return /^ {0,3}(`{3,}|~{3,})/u.exec(line)?.[1];
}

function addTo(pieces, text) {
  const last = pieces.at(-1);
  const isApart = last === undefined || last.isCode || last.text.length + text.length > maxPieceChars;
  if (isApart) pieces.push({ text });
  else last.text += text;
}

function blocksOf(markdown) {
  const blocks = [];
  let fence;
  let isAfterBlank = false;
  let isAfterEnd = true;
  for (const line of linesOf(markdown)) {
    const mark = fenceIn(line);
    // Indented lines continue the list item above.
    const mayBegin = fence === undefined && /^\S/u.test(line);
    const isFence = mayBegin && mark !== undefined;
    if (isAfterEnd || isFence || (mayBegin && isAfterBlank)) blocks.push({ text: "", isFence });
    blocks.at(-1).text += line;
    isAfterEnd = fence !== undefined && line.trim() === mark && mark.startsWith(fence);
    isAfterBlank = line.trim() === "";
    if (isFence) fence = mark;
    else if (isAfterEnd) fence = undefined;
  }
  return blocks;
}

/** Splits a list between items, and a table between rows, repeating its head. */
function partsOf(block) {
  if (block.length <= maxPieceChars) return [block];
  const lines = linesOf(block);
  const items = joined(lines, { isApart: (line) => /^\S/u.test(line) });
  return joined(items, { head: isTable(lines) ? lines[0] + lines[1] : "" });
}

/** Joins neighbours, to the length of a piece at most. `head`: begins each part but the first. */
function joined(texts, { isApart = () => false, head = "" }) {
  const parts = [];
  for (const text of texts) {
    const last = parts.at(-1);
    if (last === undefined) parts.push(text);
    else if (isApart(text) || last.length + text.length > maxPieceChars) parts.push(head + text);
    else parts[parts.length - 1] += text;
  }
  return parts;
}

function isTable([head, rule = ""]) {
  return head.includes("|") && rule.includes("-") && /^[\s|:-]+$/u.test(rule);
}

function linesOf(text) {
  return text.split(/(?<=\n)/u);
}

function codeIn(fenced) {
  const [, language] = /^(?:`{3,}|~{3,})[ \t]*([\w+#.-]{1,30})/u.exec(fenced) ?? [];
  const lines = fenced.trimEnd().split("\n").slice(1);
  if (fenceIn(lines.at(-1) ?? "") !== undefined) lines.pop();
  return { text: lines.join("\n"), isCode: true, language };
}
