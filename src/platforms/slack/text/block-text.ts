import { elementTexts, isElement } from "./element-text.ts";
import { recordOf, recordsIn, textIn, type Loose } from "../wire/loose.ts";
import { below, type Reading } from "./reading.ts";
import { richText } from "./rich-text.ts";

// https://docs.slack.dev/reference/block-kit/blocks: each kind has its words in some of the same fields.

/** A message has 50; agents' cards hold more of them. */
const mostBlocks = 100;
const mostRows = 100;
const mostCells = 20;
const mostLabels = 25;
/** A card in a carousel in a container, with a rich text in it. */
const deepest = 5;

/** In the order in which people see them. */
const above = ["rich_text_title", "title", "subtitle", "caption", "label", "text", "body"] as const;
const beneath = ["description", "hint", "details", "output"] as const;
const nested = ["elements", "child_blocks", "tasks"] as const;

/** What each block says, without those that say nothing. */
export function blockTexts(blocks: unknown, reading: Reading, depth = 0): readonly string[] {
  if (depth > deepest) return [];
  return recordsIn(blocks, mostBlocks)
    .map((block) => blockText(block, reading, depth).trim())
    .filter((text) => text !== "");
}

function blockText(block: Loose, reading: Reading, depth: number): string {
  if (reading.isOver) return "";
  switch (textIn(block["type"])) {
    case "rich_text":
      return richText(block, reading);
    case "context":
      return recordsIn(block["elements"], mostLabels)
        .map((element) => blockText(element, reading, depth + 1))
        .filter((text) => text !== "")
        .join(" · ");
    case "actions":
      return below(elementTexts(block["elements"], reading));
    case "image":
      return below([textObject(block["title"], reading), picture(block, reading)]);
    case "mrkdwn":
    case "plain_text":
      return textObject(block, reading);
    case "markdown":
      return reading.markdown(textIn(block["text"]));
    default:
      return anyBlock(block, reading, depth);
  }
}

/** Also of kinds that are not known yet. */
function anyBlock(block: Loose, reading: Reading, depth: number): string {
  if (isElement(block)) return below(elementTexts([block], reading));
  const words = (keys: readonly string[]): readonly string[] =>
    keys.map((key) => textObject(block[key], reading));
  return below([
    picture(recordOf(block["hero_image"]), reading),
    ...words(above),
    ...recordsIn(block["fields"], mostLabels).map((field) => fieldText(textObject(field, reading))),
    ...rows(block["rows"], reading),
    textIn(recordOf(recordOf(block["call"])["v1"])["name"]),
    block["type"] === "video" ? videoText(block, reading) : "",
    ...words(beneath),
    ...nested.flatMap((key) => blockTexts(block[key], reading, depth + 1)),
    accessory(recordOf(block["accessory"]), reading),
    accessory(recordOf(block["element"]), reading),
    ...elementTexts(block["actions"], reading),
    typeof block["status"] === "string" ? `[${reading.plain(block["status"])}]` : "",
  ]);
}

/** A text of any kind: Slack's markup, plain, rich, or a bare string. */
function textObject(value: unknown, reading: Reading): string {
  if (typeof value === "string") return reading.plain(value);
  const object = recordOf(value);
  if (object["type"] === "rich_text") return richText(object, reading);
  const text = textIn(object["text"]);
  return object["type"] === "mrkdwn" ? reading.markup(text) : reading.plain(text);
}

/** A field that is a heading above one line is one line. */
function fieldText(text: string): string {
  const [first = "", second, ...more] = text.split("\n");
  if (second === undefined || more.length > 0) return text;
  return `${first}${/:\W?$/u.test(first) ? "" : ":"} ${second}`;
}

/** https://docs.slack.dev/reference/block-kit/blocks/table-block */
function rows(value: unknown, reading: Reading): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, mostRows).map((row: unknown) =>
    recordsIn(row, mostCells)
      .map((cell) => textObject(cell, reading).replaceAll("\n", " "))
      .join(" | "),
  );
}

function accessory(element: Loose, reading: Reading): string {
  return element["type"] === "image" ? picture(element, reading) : below(elementTexts([element], reading));
}

/** Beside its title: what it shows, where that is something else, and whose it is. */
function videoText(block: Loose, reading: Reading): string {
  const shows = reading.plain(textIn(block["alt_text"]));
  const from = [block["author_name"], block["provider_name"]].map((name) => reading.plain(textIn(name)));
  return below([
    shows === textObject(block["title"], reading) ? "" : shows,
    from.filter((name) => name !== "").join(" · "),
  ]);
}

function picture(image: Loose, reading: Reading): string {
  const alt = reading.plain(textIn(image["alt_text"]));
  return alt === "" ? "" : `[image: ${alt}]`;
}
