import { asObject, objectsIn, asText, type JsonObject } from "../wire/json-object.ts";
import type { TextReader } from "./text-reader.ts";
import { shownTime } from "./utc-time.ts";

// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

const maxElements = 1_000;
const maxDepth = 8;
const styles = [
  ["code", "`"],
  ["strike", "~"],
  ["italic", "_"],
  ["bold", "*"],
] as const;

/** Rich text as its author would type it. */
export function richText({ elements }: JsonObject, reader: TextReader): string {
  return objectsIn(elements, maxElements)
    .map((element) => part(element, reader))
    .join("\n");
}

function part(element: JsonObject, reader: TextReader): string {
  switch (asText(element["type"])) {
    case "rich_text_list":
      return list(element, reader);
    case "rich_text_quote":
      return inline(element, reader)
        .split("\n")
        .map((line) => `> ${line}`)
        .join("\n");
    case "rich_text_preformatted":
      return `\`\`\`\n${inline(element, reader)}\n\`\`\``;
    default:
      return inline(element, reader);
  }
}

/** `offset`: the number of items before an interruption of the same list. */
function list({ elements, style, indent, offset }: JsonObject, reader: TextReader): string {
  const depth = Math.min(maxDepth, numberIn(indent));
  return objectsIn(elements, maxElements)
    .map((item, index) => {
      const mark = style === "ordered" ? `${numberIn(offset) + index + 1}.` : "•";
      return `${"    ".repeat(depth)}${mark} ${inline(item, reader)}`;
    })
    .join("\n");
}

function numberIn(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}

function inline({ elements }: JsonObject, reader: TextReader): string {
  return objectsIn(elements, maxElements)
    .map((element) => styled(element, reader))
    .join("");
}

function styled(element: JsonObject, reader: TextReader): string {
  const style = asObject(element["style"]);
  const text = elementText(element, reader);
  if (text.trim() === "") return text;
  return styles.reduce(
    (inner, [name, mark]) => (style[name] === true ? `${mark}${inner}${mark}` : inner),
    text,
  );
}

function elementText(element: JsonObject, reader: TextReader): string {
  switch (asText(element["type"])) {
    case "text":
      return reader.raw(asText(element["text"]));
    case "link":
      return link(asText(element["url"]), asText(element["text"]), reader);
    case "emoji":
      return emoji(element, reader);
    case "user":
      return reader.person(asText(element["user_id"]));
    case "usergroup":
      return reader.markup(`<!subteam^${asText(element["usergroup_id"])}>`);
    case "channel":
      return reader.markup(`<#${asText(element["channel_id"])}|>`);
    case "broadcast":
      return reader.markup(`<!${asText(element["range"])}>`);
    case "date":
      return reader.raw(shownTime(element["timestamp"], asText(element["fallback"])));
    case "color":
      return reader.raw(asText(element["value"]));
    case "rich_text_section":
      return inline(element, reader);
    default:
      return reader.raw(asText(element["text"]));
  }
}

function link(url: string, label: string, reader: TextReader): string {
  if (label === "" || label === url) return reader.raw(url);
  const typed = [`http://${label}`, `https://${label}`, `mailto:${label}`, `tel:${label}`];
  return reader.raw(typed.includes(url) ? label : `[${label}](${url})`);
}

function emoji({ name, skin_tone: tone }: JsonObject, reader: TextReader): string {
  const skin = asText(tone) === "" ? "" : `:skin-tone-${asText(tone)}:`;
  return reader.raw(`:${asText(name)}:${skin}`);
}
