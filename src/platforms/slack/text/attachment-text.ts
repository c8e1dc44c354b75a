import { blockTexts } from "./block-text.ts";
import { fileName, fileTexts } from "./file-text.ts";
import { listTexts } from "./list-text.ts";
import { asObject, objectsIn, asText, type JsonObject } from "../wire/json-object.ts";
import { visibleName } from "./mrkdwn-to-text.ts";
import { isFallbackNotice } from "./fallback-notice.ts";
import { joinLines, type TextReader } from "./text-reader.ts";
import { mergeForms } from "./merge-forms.ts";
import { utcTime } from "./utc-time.ts";

// https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments

/** Slack's limit per message: https://docs.slack.dev/messaging */
const maxAttachments = 100;
const maxFields = 50;
const maxQuoted = 10;
/** A forwarded message may contain a forwarded message, and so on. */
const maxDepth = 3;

/** The text of each attachment (the boxes below a message). `withPreviews` includes previews of linked pages. */
export function attachmentTexts(
  attachments: unknown,
  reader: TextReader,
  withPreviews: boolean,
  depth = 0,
): readonly string[] {
  if (depth > maxDepth) return [];
  return objectsIn(attachments, maxAttachments)
    .filter((box) => withPreviews || !isPreview(box))
    .map((box) => (isShared(box) ? shared(box, reader, depth) : boxText(box, reader)));
}

/** Another Slack message, forwarded or linked. */
function isShared(box: JsonObject): boolean {
  return box["is_share"] === true || box["is_msg_unfurl"] === true || Array.isArray(box["message_blocks"]);
}

/** The preview of a linked page: written by the page, not by the author of the message. */
function isPreview(box: JsonObject): boolean {
  if (isShared(box) || box["list"] !== undefined || box["list_record"] !== undefined) return false;
  return ["from_url", "original_url", "app_unfurl_url"].some((key) => asText(box[key]) !== "");
}

/**
 * A link to a message in a private channel: Slack shows the text to its members only. A forwarded message is different:
 * the person who forwarded it confirmed that others may read it.
 */
function isForMembersOnly(box: JsonObject): boolean {
  return box["private_channel_prompt"] === true && box["is_share"] !== true;
}

function shared(box: JsonObject, reader: TextReader, depth: number): string {
  if (isForMembersOnly(box) && !reader.isForAuthorAlone) return "[linked message of a private channel]";
  const { author_name: author, author_subname: otherName, author_id: id } = box;
  const name = visibleName(reader.plain(asText(author) || asText(otherName)));
  const by = name === "" && asText(id) !== "" ? reader.person(asText(id)).replace("@", "") : name;
  const messages = objectsIn(box["message_blocks"], maxQuoted).map(({ message }) => asObject(message));
  const text = asText(box["text"]) || joinLines(messages.map((message) => asText(message["text"])));
  const sources = [...messages, box];
  const own = mergeForms(
    reader.markup(text),
    sources.flatMap(({ blocks }) => blockTexts(blocks, reader)),
  );
  const { files } = sources.toReversed().find(({ files: some }) => objectsIn(some, 1).length > 0) ?? {};
  const lines = [
    ...(isFallbackNotice(own[0] ?? "") ? own.slice(1) : own),
    ...fieldTexts(box, reader),
    ...sources.flatMap(({ attachments }) =>
      attachmentTexts(attachments, reader, joinLines(own) === "", depth + 1),
    ),
    ...fileNames(files, reader),
    ...fileTexts(files, reader),
  ];
  const said = utcTime(box["ts"]);
  const heading = `[forwarded message${by === "" ? "" : ` of ${by}`}${said === "" ? "" : `, ${said}`}]`;
  return joinLines([heading, quoted(joinLines(lines) || fallbackOf(box, reader))]);
}

function fileNames(files: unknown, reader: TextReader): readonly string[] {
  return objectsIn(files, maxQuoted)
    .filter(({ mode }) => mode !== "tombstone")
    .map((file) => `[file: ${reader.plain(fileName(file))}]`);
}

function quoted(text: string): string {
  if (text === "") return "";
  return text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}

function boxText(box: JsonObject, reader: TextReader): string {
  const heading = reader.markup(asText(box["title"]));
  const address = asText(box["title_link"]);
  const old = [
    reader.markup(asText(box["pretext"])),
    reader.markup(asText(box["author_name"])),
    heading === "" || address === "" || heading.includes(address)
      ? heading
      : `${heading} (${reader.raw(address)})`,
    reader.markup(asText(box["text"])),
  ];
  const body = [
    ...mergeForms(
      joinLines(old.filter((line) => !isFallbackNotice(line))),
      blockTexts(box["blocks"], reader),
    ),
    ...fieldTexts(box, reader),
    ...listTexts(box, reader),
    ...labels(box, reader),
  ];
  const text = joinLines(body) || fallbackOf(box, reader);
  const foot = [reader.markup(asText(box["footer"])), utcTime(box["ts"])];
  return joinLines([text, text === "" ? "" : foot.filter((part) => part !== "").join(" · ")]);
}

function fieldTexts({ fields }: JsonObject, reader: TextReader): readonly string[] {
  return objectsIn(fields, maxFields).map(({ title, value }) => {
    const name = reader.markup(asText(title));
    const text = reader.markup(asText(value));
    if (name === "" || text === "") return `${name}${text}`;
    return `${name.endsWith(":") ? name.slice(0, -1) : name}: ${text}`;
  });
}

/** The labels of an attachment's old-style buttons. */
function labels({ actions }: JsonObject, reader: TextReader): readonly string[] {
  const words = objectsIn(actions, maxQuoted)
    .filter(({ type }) => type === undefined || type === "button")
    .map(({ text }) => reader.plain(asText(text)))
    .filter((label) => label !== "");
  return words.length === 0 ? [] : [`[buttons: ${words.join(" · ")}]`];
}

/** The fallback for clients that can't show the attachment; often only a notice that there is one. */
function fallbackOf({ fallback, image_url: image }: JsonObject, reader: TextReader): string {
  const text = reader.markup(asText(fallback));
  if (text === "" || isFallbackNotice(text)) return "";
  return asText(image) === "" ? text : `[image: ${text}]`;
}
