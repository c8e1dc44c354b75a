import { fenceIn } from "./split-markdown.js";

const link = /(!?)\[([^[\]\n]{0,300})\]\([^()\s]{0,2000}$/u;

/** Completes a growing answer's last line, which may end within a link, bold text or code. */
export function completeMarkdown(markdown) {
  const at = markdown.lastIndexOf("\n") + 1;
  const line = markdown.slice(at);
  if (line === "" || isInCode(markdown.slice(0, at)) || fenceIn(line) !== undefined) return markdown;
  return markdown.slice(0, at) + closed(removeUnfinishedLink(line));
}

function isInCode(text) {
  let open;
  for (const mark of text.split("\n").map(fenceIn)) {
    if (open === undefined) open = mark;
    else if (mark?.startsWith(open)) open = undefined;
  }
  return open !== undefined;
}

/** Shows only a link's name until its address is complete; an image shows nothing. */
function removeUnfinishedLink(line) {
  const found = link.exec(line);
  if (found === null || oddIn(line.slice(0, found.index), "`")) return line;
  const [, isImage, name] = found;
  return line.slice(0, found.index) + (isImage ? "" : name);
}

function closed(line) {
  if (oddIn(line, "`")) return line.endsWith("`") ? line.slice(0, -1) : `${line}\``;
  const said = line.trimEnd();
  // Stars between spaces are an operator, not bold.
  const marks = line.replace(/`[^`]*`/gu, "").replace(/(?<=\s)\*\*(?=\s)/gu, "");
  if (!oddIn(marks, "**")) return line;
  return said.endsWith("**") ? said.slice(0, -2) : `${said}**`;
}

function oddIn(line, mark) {
  return line.split(mark).length % 2 === 0;
}
