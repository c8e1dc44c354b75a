import { elementTexts, isElement } from "./element-text.ts";
import { asObject, objectsIn, asText, type JsonObject } from "../wire/json-object.ts";
import { joinLines, type TextReader } from "./text-reader.ts";
import { richText } from "./rich-text.ts";

// https://docs.slack.dev/reference/block-kit/blocks. All kinds of blocks use some of the same fields for their text.

/** A message has at most 50; cards of agents contain more. */
const maxBlocks = 100;
const maxRows = 100;
const maxCells = 20;
const maxLabels = 25;
/** For example rich text in a card in a carousel in a container. */
const maxDepth = 5;

/** Text fields above and below the others, in the order in which people see them. */
const above = ["rich_text_title", "title", "subtitle", "caption", "label", "text", "body"] as const;
const beneath = ["description", "hint", "details", "output"] as const;
const nested = ["elements", "child_blocks", "tasks"] as const;

/** The text of each block; blocks without text are left out. */
export function blockTexts(blocks: unknown, reader: TextReader, depth = 0): readonly string[] {
  if (depth > maxDepth) return [];
  return objectsIn(blocks, maxBlocks)
    .map((block) => blockText(block, reader, depth).trim())
    .filter((text) => text !== "");
}

function blockText(block: JsonObject, reader: TextReader, depth: number): string {
  if (reader.isExhausted) return "";
  switch (asText(block["type"])) {
    case "rich_text":
      return richText(block, reader);
    case "context":
      return objectsIn(block["elements"], maxLabels)
        .map((element) => blockText(element, reader, depth + 1))
        .filter((text) => text !== "")
        .join(" · ");
    case "actions":
      return joinLines(elementTexts(block["elements"], reader));
    case "image":
      return joinLines([textObject(block["title"], reader), picture(block, reader)]);
    case "mrkdwn":
    case "plain_text":
      return textObject(block, reader);
    case "markdown":
      return reader.markdown(asText(block["text"]));
    default:
      return anyBlock(block, reader, depth);
  }
}

/** Covers kinds of blocks that Slack adds later, too. */
function anyBlock(block: JsonObject, reader: TextReader, depth: number): string {
  if (isElement(block)) return joinLines(elementTexts([block], reader));
  const words = (keys: readonly string[]): readonly string[] =>
    keys.map((key) => textObject(block[key], reader));
  return joinLines([
    picture(asObject(block["hero_image"]), reader),
    ...words(above),
    ...objectsIn(block["fields"], maxLabels).map((field) => fieldText(textObject(field, reader))),
    ...rows(block["rows"], reader),
    asText(asObject(asObject(block["call"])["v1"])["name"]),
    block["type"] === "video" ? videoText(block, reader) : "",
    ...words(beneath),
    ...nested.flatMap((key) => blockTexts(block[key], reader, depth + 1)),
    accessory(asObject(block["accessory"]), reader),
    accessory(asObject(block["element"]), reader),
    ...elementTexts(block["actions"], reader),
    typeof block["status"] === "string" ? `[${reader.plain(block["status"])}]` : "",
  ]);
}

/** A text object of any type (mrkdwn, plain_text, rich_text), or a bare string. */
function textObject(value: unknown, reader: TextReader): string {
  if (typeof value === "string") return reader.plain(value);
  const object = asObject(value);
  if (object["type"] === "rich_text") return richText(object, reader);
  const text = asText(object["text"]);
  return object["type"] === "mrkdwn" ? reader.markup(text) : reader.plain(text);
}

/** Joins a field of a heading and one line into one line. */
function fieldText(text: string): string {
  const [first = "", second, ...more] = text.split("\n");
  if (second === undefined || more.length > 0) return text;
  return `${first}${/:\W?$/u.test(first) ? "" : ":"} ${second}`;
}

/** https://docs.slack.dev/reference/block-kit/blocks/table-block */
function rows(value: unknown, reader: TextReader): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, maxRows).map((row: unknown) =>
    objectsIn(row, maxCells)
      .map((cell) => textObject(cell, reader).replaceAll("\n", " "))
      .join(" | "),
  );
}

function accessory(element: JsonObject, reader: TextReader): string {
  return element["type"] === "image" ? picture(element, reader) : joinLines(elementTexts([element], reader));
}

/** Description of a video (if it differs from the title), author and provider. */
function videoText(block: JsonObject, reader: TextReader): string {
  const shows = reader.plain(asText(block["alt_text"]));
  const from = [block["author_name"], block["provider_name"]].map((name) => reader.plain(asText(name)));
  return joinLines([
    shows === textObject(block["title"], reader) ? "" : shows,
    from.filter((name) => name !== "").join(" · "),
  ]);
}

function picture(image: JsonObject, reader: TextReader): string {
  const alt = reader.plain(asText(image["alt_text"]));
  return alt === "" ? "" : `[image: ${alt}]`;
}
