import { blockTexts } from "./block-text.ts";
import { fileTexts } from "./file-text.ts";
import { recordOf, recordsIn, textIn, type Loose } from "./loose.ts";
import { visibleName } from "./plain-text.ts";
import { isPlaceholder } from "./placeholders.ts";
import { below, type Reading } from "./reading.ts";
import { Told } from "./told.ts";

// https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments

/** https://docs.slack.dev/messaging: a message has 100 at most. */
const mostAttachments = 100;
const mostFields = 50;
const mostQuoted = 10;

/** What each box below a message says. `isPreview`: whether previews of links are left out. */
export function attachmentTexts(
  attachments: unknown,
  reading: Reading,
  withPreviews: boolean,
): readonly string[] {
  return recordsIn(attachments, mostAttachments)
    .filter((box) => withPreviews || !isPreview(box))
    .map((box) => (isShared(box) ? shared(box, reading) : boxText(box, reading)));
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

function shared(box: Loose, reading: Reading): string {
  const { author_name: author, author_subname: otherName, author_id: id, message_blocks: messages } = box;
  const name = visibleName(reading.plain(textIn(author) || textIn(otherName)));
  const by = name === "" && textIn(id) !== "" ? reading.person(textIn(id)).replace("@", "") : name;
  const said = new Told();
  const lines = [
    said.unlessTold(reading.markup(textIn(box["text"]))),
    ...recordsIn(messages, mostQuoted).flatMap(({ message }) => {
      const { blocks, files } = recordOf(message);
      return [...blockTexts(blocks, reading), ...fileTexts(files, reading)].map((text) =>
        said.unlessTold(text),
      );
    }),
    ...blockTexts(box["blocks"], reading).map((text) => said.unlessTold(text)),
    ...fieldTexts(box, reading).map((text) => said.unlessTold(text)),
    ...recordsIn(box["files"], mostQuoted).map(
      ({ name: file, title }) => `[file: ${reading.plain(textIn(file) || textIn(title))}]`,
    ),
    ...fileTexts(box["files"], reading),
  ];
  const body = below(lines) || fallbackOf(box, reading);
  const heading = by === "" ? "[forwarded message]" : `[forwarded message of ${by}]`;
  return below([
    heading,
    body === ""
      ? ""
      : body
          .split("\n")
          .map((line) => `> ${line}`)
          .join("\n"),
  ]);
}

function boxText(box: Loose, reading: Reading): string {
  const told = new Told();
  const heading = reading.markup(textIn(box["title"]));
  const address = textIn(box["title_link"]);
  const lines = [
    reading.markup(textIn(box["pretext"])),
    reading.markup(textIn(box["author_name"])),
    heading === "" || address === "" || heading.includes(address)
      ? heading
      : `${heading} (${reading.raw(address)})`,
    reading.markup(textIn(box["text"])),
    ...blockTexts(box["blocks"], reading),
    ...fieldTexts(box, reading),
    ...listTexts(box, reading),
    ...labels(box, reading),
    reading.markup(textIn(box["footer"])),
  ]
    .filter((line) => !isPlaceholder(line))
    .map((line) => told.unlessTold(line));
  return below(lines) || fallbackOf(box, reading);
}

function fieldTexts({ fields }: Loose, reading: Reading): readonly string[] {
  return recordsIn(fields, mostFields).map(({ title, value }) => {
    const name = reading.markup(textIn(title));
    const text = reading.markup(textIn(value));
    if (name === "" || text === "") return `${name}${text}`;
    return `${name.endsWith(":") ? name.slice(0, -1) : name}: ${text}`;
  });
}

/** A list, or an item of one, by its title. */
function listTexts(box: Loose, reading: Reading): readonly string[] {
  const list = recordOf(box["list"]);
  const name = reading.plain(textIn(list["title"]) || textIn(list["name"]));
  const record = recordOf(box["list_record"]);
  const items = [record, ...recordsIn(box["list_records"], mostFields)].map((item) => {
    const { fields = item["fields"] } = recordOf(item["record"]);
    const schema = [...recordsIn(item["schema"], mostFields), ...recordsIn(box["list_schema"], mostFields)];
    return itemTitle(recordsIn(fields, mostFields), schema, reading);
  });
  return [
    name === "" ? "" : `[list: ${name}]`,
    ...items.filter((title) => title !== "").map((title) => `[list item: ${title}]`),
  ];
}

function itemTitle(fields: readonly Loose[], schema: readonly Loose[], reading: Reading): string {
  const primary = schema.find((column) => column["is_primary_column"] === true);
  const isTitle = (field: Loose): boolean =>
    primary !== undefined && (field["column_id"] === primary["id"] || field["key"] === primary["key"]);
  const [title] = [...fields.filter(isTitle), ...fields].map(
    (field) => reading.plain(textIn(field["text"])) || below(blockTexts(field["rich_text"], reading)),
  );
  return title ?? "";
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
