/** A fenced code block that is open at some point of a text. */
interface Fence {
  readonly marker: string;
  /** The whole opening line. */
  readonly opening: string;
  readonly startsAt: number;
}

const longestOpening = 60;

/**
 * Splits Markdown into posts of at most `limit` UTF-16 code units. Nothing is lost: what is cut joins to what was, but
 * for white space at a cut and the fences that close and reopen a code block around it.
 * A cut depends only on the text before it, so the earlier posts of a growing text stay as they are.
 * Empty for a text without visible characters.
 */
export function split(markdown: string, limit: number): readonly string[] {
  const posts: string[] = [];
  let rest = markdown.trim();
  while (rest.length > limit) {
    const { post, next } = cutOne(rest, limit);
    posts.push(post);
    rest = next;
  }
  if (rest !== "") posts.push(rest);
  return posts;
}

function cutOne(text: string, limit: number): { readonly post: string; readonly next: string } {
  const reserve = 12;
  const head = text.slice(0, limit - reserve);
  const fence = openFence(head);
  if (fence === undefined) return cutProse(text, head);
  // A block that begins late moves to the next post as a whole.
  if (fence.startsAt > head.length / 2) {
    return { post: head.slice(0, fence.startsAt).trimEnd(), next: text.slice(fence.startsAt) };
  }
  return cutCode(text, head, fence);
}

function cutProse(text: string, head: string): { readonly post: string; readonly next: string } {
  const at = bestCut(head);
  return { post: text.slice(0, at).trimEnd(), next: text.slice(at).trimStart() };
}

function cutCode(text: string, head: string, fence: Fence): { readonly post: string; readonly next: string } {
  const firstLineEnd = fence.startsAt + fence.opening.length + 1;
  const lineBreak = head.lastIndexOf("\n");
  const at = lineBreak > firstLineEnd ? lineBreak + 1 : wholeCharacterCut(head);
  const opening = fence.opening.length > longestOpening ? fence.marker : fence.opening;
  const body = text.slice(0, at);
  return {
    post: `${body}${body.endsWith("\n") ? "" : "\n"}${fence.marker}`,
    next: `${opening}\n${text.slice(at)}`,
  };
}

/** Prefers the end of a paragraph, then a line that begins something, a line, a sentence, a word. */
function bestCut(head: string): number {
  const earliest = Math.floor(head.length / 2);
  // Within a line never right before a fence's characters: at the start of a line they would open a code block.
  const ends = [
    /\n[ \t]*\n/gu,
    /\n(?=[ ]{0,3}(?:[-*+] |\d+[.)] |#{1,6} |>))/gu,
    /\n/gu,
    /[.!?…。！？]\s(?!\s*[`~]{3})/gu,
    /\s(?!\s*[`~]{3})/gu,
  ];
  for (const end of ends) {
    const at = lastEnd(head, end);
    if (at > earliest) return at;
  }
  return wholeCharacterCut(head);
}

function lastEnd(head: string, pattern: RegExp): number {
  let at = -1;
  for (const match of head.matchAll(pattern)) at = match.index + match[0].length;
  return at;
}

/** The end of `head`, or a little before it where a cut would tear a character apart. */
function wholeCharacterCut(head: string): number {
  const tailStart = Math.max(0, head.length - 40);
  const segments = [
    ...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(head.slice(tailStart)),
  ];
  const last = segments.at(-1);
  // The last grapheme may go on behind the cut; a single endless one is cut between code points.
  if (last !== undefined && segments.length > 1) return tailStart + last.index;
  return /[\uD800-\uDBFF]$/u.test(head) ? head.length - 1 : head.length;
}

/** The fence that is open at the end of `text` (CommonMark 4.5). */
function openFence(text: string): Fence | undefined {
  let open: Fence | undefined;
  for (const match of text.matchAll(/^[ ]{0,3}(?<marker>`{3,}|~{3,})(?<info>[^\n]*)$/gmu)) {
    const { marker = "", info = "" } = match.groups ?? {};
    if (open === undefined) {
      if (marker.startsWith("`") && info.includes("`")) continue;
      open = { marker, opening: match[0], startsAt: match.index };
    } else if (marker.startsWith(open.marker) && info.trim() === "") {
      open = undefined;
    }
  }
  return open;
}
