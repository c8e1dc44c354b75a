import { blockTexts } from "./block-text.ts";
import { fileName, fileTexts } from "./file-text.ts";
import { listTexts } from "./list-text.ts";
import { recordOf, recordsIn, textIn, type Loose } from "../wire/loose.ts";
import { visibleName } from "./mrkdwn-to-text.ts";
import { isPlaceholder } from "./placeholders.ts";
import { below, type Reading } from "./reading.ts";
import { inOneForm } from "./two-forms.ts";
import { utcTime } from "./utc-time.ts";

// https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments

/** https://docs.slack.dev/messaging: a message has 100 at most. */
const mostAttachments = 100;
const mostFields = 50;
const mostQuoted = 10;
/** A message that passes on one that passes on another one. */
const deepest = 3;

/** What each box below a message says. `withPreviews`: also what is shown of linked pages. */
export function attachmentTexts(
  attachments: unknown,
  reading: Reading,
  withPreviews: boolean,
  depth = 0,
): readonly string[] {
  if (depth > deepest) return [];
  return recordsIn(attachments, mostAttachments)
    .filter((box) => withPreviews || !isPreview(box))
    .map((box) => (isShared(box) ? shared(box, reading, depth) : boxText(box, reading)));
}

/** Another message of Slack's, which somebody passed on or linked to. */
function isShared(box: Loose): boolean {
  return box["is_share"] === true || box["is_msg_unfurl"] === true || Array.isArray(box["message_blocks"]);
}

/** What Slack or an app shows of a linked page: the page wrote it, not the person. */
function isPreview(box: Loose): boolean {
  if (isShared(box) || box["list"] !== undefined || box["list_record"] !== undefined) return false;
  return ["from_url", "original_url", "app_unfurl_url"].some((key) => textIn(box[key]) !== "");
}

/**
 * A link to a message of a private place: Slack shows what it says to those alone who are there too. Where it was passed on
 * instead, its poster has confirmed that.
 */
function isForSome(box: Loose): boolean {
  return box["private_channel_prompt"] === true && box["is_share"] !== true;
}

function shared(box: Loose, reading: Reading, depth: number): string {
  if (isForSome(box) && !reading.isForAuthorAlone) return "[linked message of a private channel]";
  const { author_name: author, author_subname: otherName, author_id: id } = box;
  const name = visibleName(reading.plain(textIn(author) || textIn(otherName)));
  const by = name === "" && textIn(id) !== "" ? reading.person(textIn(id)).replace("@", "") : name;
  const messages = recordsIn(box["message_blocks"], mostQuoted).map(({ message }) => recordOf(message));
  const text = textIn(box["text"]) || below(messages.map((message) => textIn(message["text"])));
  const sources = [...messages, box];
  const own = inOneForm(
    reading.markup(text),
    sources.flatMap(({ blocks }) => blockTexts(blocks, reading)),
  );
  const { files } = sources.toReversed().find(({ files: some }) => recordsIn(some, 1).length > 0) ?? {};
  const lines = [
    ...(isPlaceholder(own[0] ?? "") ? own.slice(1) : own),
    ...fieldTexts(box, reading),
    ...sources.flatMap(({ attachments }) =>
      attachmentTexts(attachments, reading, below(own) === "", depth + 1),
    ),
    ...fileNames(files, reading),
    ...fileTexts(files, reading),
  ];
  const said = utcTime(box["ts"]);
  const heading = `[forwarded message${by === "" ? "" : ` of ${by}`}${said === "" ? "" : `, ${said}`}]`;
  return below([heading, quoted(below(lines) || fallbackOf(box, reading))]);
}

function fileNames(files: unknown, reading: Reading): readonly string[] {
  return recordsIn(files, mostQuoted)
    .filter(({ mode }) => mode !== "tombstone")
    .map((file) => `[file: ${reading.plain(fileName(file))}]`);
}

function quoted(text: string): string {
  if (text === "") return "";
  return text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}

function boxText(box: Loose, reading: Reading): string {
  const heading = reading.markup(textIn(box["title"]));
  const address = textIn(box["title_link"]);
  const old = [
    reading.markup(textIn(box["pretext"])),
    reading.markup(textIn(box["author_name"])),
    heading === "" || address === "" || heading.includes(address)
      ? heading
      : `${heading} (${reading.raw(address)})`,
    reading.markup(textIn(box["text"])),
  ];
  const body = [
    ...inOneForm(below(old.filter((line) => !isPlaceholder(line))), blockTexts(box["blocks"], reading)),
    ...fieldTexts(box, reading),
    ...listTexts(box, reading),
    ...labels(box, reading),
  ];
  const text = below(body) || fallbackOf(box, reading);
  const foot = [reading.markup(textIn(box["footer"])), utcTime(box["ts"])];
  return below([text, text === "" ? "" : foot.filter((part) => part !== "").join(" · ")]);
}

function fieldTexts({ fields }: Loose, reading: Reading): readonly string[] {
  return recordsIn(fields, mostFields).map(({ title, value }) => {
    const name = reading.markup(textIn(title));
    const text = reading.markup(textIn(value));
    if (name === "" || text === "") return `${name}${text}`;
    return `${name.endsWith(":") ? name.slice(0, -1) : name}: ${text}`;
  });
}

/** Of a box's old buttons. */
function labels({ actions }: Loose, reading: Reading): readonly string[] {
  const words = recordsIn(actions, mostQuoted)
    .filter(({ type }) => type === undefined || type === "button")
    .map(({ text }) => reading.plain(textIn(text)))
    .filter((label) => label !== "");
  return words.length === 0 ? [] : [`[buttons: ${words.join(" · ")}]`];
}

/** What Slack shows where it can't show the box; often only a box's name, or that there is one. */
function fallbackOf({ fallback, image_url: image }: Loose, reading: Reading): string {
  const text = reading.markup(textIn(fallback));
  if (text === "" || isPlaceholder(text)) return "";
  return textIn(image) === "" ? text : `[image: ${text}]`;
}
