import { recordOf, recordsIn, textIn, type Loose } from "../wire/loose.ts";
import type { Reading } from "./reading.ts";
import { shownTime } from "./utc-time.ts";

// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

const mostElements = 1_000;
const deepest = 8;
const styles = [
  ["code", "`"],
  ["strike", "~"],
  ["italic", "_"],
  ["bold", "*"],
] as const;

/** A rich text as its author typed it, one line below the other. */
export function richText({ elements }: Loose, reading: Reading): string {
  return recordsIn(elements, mostElements)
    .map((element) => part(element, reading))
    .join("\n");
}

function part(element: Loose, reading: Reading): string {
  switch (textIn(element["type"])) {
    case "rich_text_list":
      return list(element, reading);
    case "rich_text_quote":
      return inline(element, reading)
        .split("\n")
        .map((line) => `> ${line}`)
        .join("\n");
    case "rich_text_preformatted":
      return `\`\`\`\n${inline(element, reading)}\n\`\`\``;
    default:
      return inline(element, reading);
  }
}

/** `offset`: how many items of the same list came before what interrupts it. */
function list({ elements, style, indent, offset }: Loose, reading: Reading): string {
  const depth = Math.min(deepest, numberIn(indent));
  return recordsIn(elements, mostElements)
    .map((item, index) => {
      const mark = style === "ordered" ? `${numberIn(offset) + index + 1}.` : "•";
      return `${"    ".repeat(depth)}${mark} ${inline(item, reading)}`;
    })
    .join("\n");
}

function numberIn(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}

function inline({ elements }: Loose, reading: Reading): string {
  return recordsIn(elements, mostElements)
    .map((element) => styled(element, reading))
    .join("");
}

function styled(element: Loose, reading: Reading): string {
  const style = recordOf(element["style"]);
  const text = spelled(element, reading);
  if (text.trim() === "") return text;
  return styles.reduce(
    (inner, [name, mark]) => (style[name] === true ? `${mark}${inner}${mark}` : inner),
    text,
  );
}

function spelled(element: Loose, reading: Reading): string {
  switch (textIn(element["type"])) {
    case "text":
      return reading.raw(textIn(element["text"]));
    case "link":
      return link(textIn(element["url"]), textIn(element["text"]), reading);
    case "emoji":
      return emoji(element, reading);
    case "user":
      return reading.person(textIn(element["user_id"]));
    case "usergroup":
      return reading.markup(`<!subteam^${textIn(element["usergroup_id"])}>`);
    case "channel":
      return reading.markup(`<#${textIn(element["channel_id"])}|>`);
    case "broadcast":
      return reading.markup(`<!${textIn(element["range"])}>`);
    case "date":
      return reading.raw(shownTime(element["timestamp"], textIn(element["fallback"])));
    case "color":
      return reading.raw(textIn(element["value"]));
    case "rich_text_section":
      return inline(element, reading);
    default:
      return reading.raw(textIn(element["text"]));
  }
}

function link(url: string, label: string, reading: Reading): string {
  if (label === "" || label === url) return reading.raw(url);
  const typed = [`http://${label}`, `https://${label}`, `mailto:${label}`, `tel:${label}`];
  return reading.raw(typed.includes(url) ? label : `[${label}](${url})`);
}

function emoji({ name, skin_tone: tone }: Loose, reading: Reading): string {
  const skin = textIn(tone) === "" ? "" : `:skin-tone-${textIn(tone)}:`;
  return reading.raw(`:${textIn(name)}:${skin}`);
}
