/** A fenced code block that is open at some point of a text. */
interface Fence {
  readonly marker: string;
  /** The whole opening line. */
  readonly opening: string;
  readonly startsAt: number;
}

const reserve = 12;
/** With the line break before it, a closing marker fits into the reserve; a longer one is cut to this. */
const maxMarkerChars = reserve - 1;
const maxOpeningChars = 60;
/** With less, what reopens a block could fill a post by itself. */
const minLimit = 40;

/**
 * Splits Markdown into posts of at most `limit` UTF-16 code units, of which there must be 40 at least. Nothing is lost:
 * what is cut joins to what was, but for white space at a cut and the fences that close and reopen a code block around it.
 * A cut depends only on the text before it, so the earlier posts of a growing text stay as they are. Every post takes
 * some of the text, and time grows with its length, whatever it holds. Empty for a text without visible characters.
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
  /** How much of the head is in the post. */
  readonly length: number;
  /** The opening line of a code block that goes on in the next post, with its line break. Empty: none. */
  readonly reopened: string;
}

function cutOne(head: string): Cut {
  const fence = openFence(head);
  if (fence !== undefined) {
    // A block that begins late moves to the next post as a whole.
    if (fence.startsAt > head.length / 2) return proseUpTo(head, fence.startsAt);
    return codeUpTo(head, codeCut(head, fence), fence);
  }
  const length = bestCut(head);
  // The best place may be within a block that ends in this head.
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
  // What closes a longer marker has no room; a block that is open at the end of a post ends there anyway.
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

/** Prefers the end of a paragraph, then a line that begins something, a line, a sentence, a word. */
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
 * The last white space at which a line may be cut, and what follows it. Never right before a fence's characters: at the
 * start of a line they would open a code block.
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

/** The end of `head`, or a little before it where a cut would tear a character apart. */
function wholeCharacterCut(head: string): number {
  const tailStart = Math.max(0, head.length - 40);
  const segments = [...graphemes.segment(head.slice(tailStart))];
  const last = segments.at(-1);
  // The last grapheme may go on behind the cut; a single endless one is cut between code points.
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
