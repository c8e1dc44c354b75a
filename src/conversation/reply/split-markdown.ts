/** A fenced code block that is open at some point of a text. */
interface Fence {
  readonly marker: string;
  /** The whole opening line. */
  readonly opening: string;
  readonly startsAt: number;
}

const reserve = 12;
/** A closing marker and its line break fit into the reserve. Longer markers are cut to this. */
const maxMarkerChars = reserve - 1;
const maxOpeningChars = 60;
/** With less, the reopening line of a code block could fill a post. */
const minLimit = 40;

/**
 * Splits Markdown into posts of at most `limit` UTF-16 code units (at least 40). The posts join to the original text, except
 * for white space at a cut, and fences that close and reopen a code block around it. A cut depends only on the text before
 * it, so earlier posts of a growing text stay the same. Linear time. Empty for a text without visible characters.
 * @throws {RangeError} if the limit is below 40.
 */
export function splitMarkdown(markdown: string, limit: number): readonly string[] {
  if (limit < minLimit) throw new RangeError(`A post must take ${minLimit} characters at least`);
  const text = markdown.trim();
  const posts: string[] = [];
  let at = 0;
  let reopened = "";
  while (reopened.length + text.length - at > limit) {
    const head = reopened + text.slice(at, at + limit - reserve - reopened.length);
    const cut = cutOne(head);
    posts.push(cut.post);
    at += cut.length - reopened.length;
    reopened = cut.reopened;
    if (reopened === "") at = nextVisible(text, at);
  }
  const rest = reopened + text.slice(at);
  if (rest !== "") posts.push(rest);
  return posts;
}

interface Cut {
  readonly post: string;
  /** How many characters of the head the post covers. */
  readonly length: number;
  /** The opening line of a code block that goes on in the next post, with its line break. Empty: none. */
  readonly reopened: string;
}

function cutOne(head: string): Cut {
  const fence = openFence(head);
  if (fence !== undefined) {
    // A block that starts late moves to the next post as a whole.
    if (fence.startsAt > head.length / 2) return proseUpTo(head, fence.startsAt);
    return codeUpTo(head, codeCut(head, fence), fence);
  }
  const length = bestCut(head);
  // The best cut may be within a block that ends in this head.
  const cutBlock = openFence(head.slice(0, length));
  return cutBlock === undefined ? proseUpTo(head, length) : codeUpTo(head, length, cutBlock);
}

function proseUpTo(head: string, length: number): Cut {
  return { post: head.slice(0, length).trimEnd(), length, reopened: "" };
}

function codeCut(head: string, { startsAt, opening }: Fence): number {
  const firstLineEnd = startsAt + opening.length + 1;
  const lineBreak = head.lastIndexOf("\n");
  return lineBreak > firstLineEnd ? lineBreak + 1 : wholeCharacterCut(head);
}

function codeUpTo(head: string, length: number, fence: Fence): Cut {
  const marker = fence.marker.slice(0, maxMarkerChars);
  const opening = fence.opening.length > Math.min(maxOpeningChars, head.length / 4) ? marker : fence.opening;
  const body = head.slice(0, length);
  const closed = `${body}${body.endsWith("\n") ? "" : "\n"}${marker}`;
  // A longer marker has no room to close. A block that is open at the end of a post ends there anyway.
  return { post: marker === fence.marker ? closed : body.trimEnd(), length, reopened: `${opening}\n` };
}

function nextVisible(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text, at)) at += 1;
  return at;
}

function isSpace(text: string, at: number): boolean {
  return text.charAt(at).trim() === "";
}

/** Prefers the end of a paragraph, then the start of a list item, heading or quote, a line, a sentence, a word. */
function bestCut(head: string): number {
  const earliest = Math.floor(head.length / 2);
  const lines = [/\n[ \t]*\n/gu, /\n(?=[ ]{0,3}(?:[-*+] |\d{1,9}[.)] |#{1,6} |>))/gu, /\n/gu];
  for (const line of lines) {
    const at = lastEnd(head, line);
    if (at > earliest) return at;
  }
  for (const isEnd of [isSentenceEnd, () => true]) {
    const at = lastGap(head, earliest, isEnd);
    if (at > earliest) return at;
  }
  return wholeCharacterCut(head);
}

function lastEnd(head: string, pattern: RegExp): number {
  let at = -1;
  for (const match of head.matchAll(pattern)) at = match.index + match[0].length;
  return at;
}

/**
 * The last white space at which a line may be cut. Never right before the characters of a fence: at the start of a line
 * they would open a code block.
 */
function lastGap(head: string, earliest: number, isEnd: (head: string, gap: number) => boolean): number {
  let visible = head.length;
  for (let gap = head.length - 1; gap >= earliest; gap -= 1) {
    if (!isSpace(head, gap)) visible = gap;
    else if (!/^[`~]{3}/u.test(head.slice(visible, visible + 3)) && isEnd(head, gap)) return gap + 1;
  }
  return -1;
}

function isSentenceEnd(head: string, gap: number): boolean {
  return gap > 0 && ".!?…。！？".includes(head.charAt(gap - 1));
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The end of `head`, or a little before it if a cut would split a character. */
function wholeCharacterCut(head: string): number {
  const tailStart = Math.max(0, head.length - 40);
  const segments = [...graphemes.segment(head.slice(tailStart))];
  const last = segments.at(-1);
  // The last grapheme may continue after the cut. A single huge one is cut between code points.
  const at = tailStart + (last?.index ?? 0);
  if (at > head.length / 2) return at;
  return /[\uD800-\uDBFF]$/u.test(head) ? head.length - 1 : head.length;
}

/** The fence that is open at the end of `text` (CommonMark 4.5). */
function openFence(text: string): Fence | undefined {
  let open: Fence | undefined;
  for (const match of text.matchAll(/^[ ]{0,3}(?<marker>`{3,}|~{3,})(?<info>[^\n]*)/gmu)) {
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
