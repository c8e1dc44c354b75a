import { blocksOfMarkdown } from "./slack-markdown.ts";
import { asList, asRecord, asText } from "./untyped-json.ts";

/** Why a message is refused, with what Slack says about it. */
interface Fault {
  readonly code: string;
  readonly messages?: readonly string[];
}

/** What a workspace doesn't take, though it is in the documentation. */
interface Peculiarities {
  readonly refusedBlocks: readonly string[];
  readonly unknownBlocks: readonly string[];
  readonly takesOneTable: boolean;
}

const maxBlocks = 50;
const knownTypes: ReadonlySet<string> = new Set([
  "actions",
  "context_actions",
  "divider",
  "header",
  "markdown",
  "section",
  "table",
]);

/** Slack's limits for posts: https://docs.slack.dev/reference/block-kit */
export function faultIn(
  method: string,
  { text, blocks }: { readonly text: string; readonly blocks: readonly unknown[] },
  { refusedBlocks, unknownBlocks, takesOneTable }: Peculiarities,
): Fault | undefined {
  const types = blocks.map((block) => asText(asRecord(block)["type"]));
  const unknown = types.findIndex((type) => !knownTypes.has(type) || unknownBlocks.includes(type));
  if (unknown !== -1) return unsupported(types[unknown] ?? "", unknown);
  if (types.some((type) => refusedBlocks.includes(type))) return { code: "invalid_blocks" };
  if (text === "" && blocks.length === 0) return { code: "no_text" };
  if (text.length > (method === "chat.update" ? 4_000 : 40_000)) return { code: "msg_too_long" };
  if (!blocks.every(isGoodBlock)) return { code: "invalid_blocks" };
  return faultOfAll(blocks, takesOneTable);
}

function unsupported(type: string, at: number): Fault {
  const message = `[ERROR] unsupported type: ${type} [json-pointer:/blocks/${at}/type]`;
  return { code: "invalid_blocks", messages: [message] };
}

/** The limits of a message as a whole, with the blocks that Slack makes of Markdown. */
function faultOfAll(blocks: readonly unknown[], takesOneTable: boolean): Fault | undefined {
  const markdown = blocks.filter((block) => asRecord(block)["type"] === "markdown").map(textOf);
  if (markdown.reduce((sum, { length }) => sum + length, 0) > 12_000) return { code: "msg_blocks_too_long" };
  const made = markdown.map(blocksOfMarkdown);
  const headings = made.flatMap((each) => each.headings);
  const own = blocks.filter((block) => asRecord(block)["type"] === "table").map(tableIn);
  const tables = [...made.flatMap((each) => each.tables), ...own];
  const count = made.reduce((sum, each) => sum + each.count, blocks.length - made.length);
  if (count > maxBlocks || headings.some(({ length }) => length > 150)) return { code: "invalid_blocks" };
  const chars = tables.reduce((sum, each) => sum + each.chars, 0);
  if (chars > 10_000 || tables.some(({ rows, columns }) => rows > 100 || columns > 20))
    return { code: "invalid_blocks" };
  if (takesOneTable && tables.length > 1) return { code: "only_one_table_allowed" };
  const shown = made.reduce((sum, each) => sum + each.chars, 0) + headings.length * 100;
  return shown > 13_200 ? { code: "msg_blocks_too_long" } : undefined;
}

function isGoodBlock(block: unknown): boolean {
  const { type, text, elements } = asRecord(block);
  switch (type) {
    case "markdown":
      return typeof text === "string" && text !== "";
    case "header":
      return asRecord(text)["type"] === "plain_text" && textOf(text) !== "" && textOf(text).length <= 150;
    case "divider":
      return true;
    case "table":
      return isGoodTable(asList(asRecord(block)["rows"]));
    case "section":
      return textOf(text) !== "" && textOf(text).length <= 3_000;
    case "actions":
      return isGoodActions(asList(elements));
    case "context_actions":
      return isGoodContextActions(asList(elements));
    default:
      return false;
  }
}

/** The ids of its elements must differ. */
function isGoodActions(elements: readonly unknown[]): boolean {
  const ids = new Set(elements.map((element) => asRecord(element)["action_id"]));
  const isBounded = elements.length > 0 && elements.length <= 25 && ids.size === elements.length;
  return isBounded && elements.every(isGoodElement);
}

/** https://docs.slack.dev/reference/block-kit/blocks/context-actions-block */
function isGoodContextActions(elements: readonly unknown[]): boolean {
  const ids = new Set(elements.map((element) => asRecord(element)["action_id"]));
  if (elements.length === 0 || elements.length > 5 || ids.size !== elements.length) return false;
  return elements.every((element) => {
    const { type, action_id: actionId, positive_button: up, negative_button: down } = asRecord(element);
    const isNamed = type === "feedback_buttons" && typeof actionId === "string" && actionId.length <= 255;
    return isNamed && [up, down].every(isGoodFeedbackButton);
  });
}

function isGoodFeedbackButton(button: unknown): boolean {
  const { text, value, accessibility_label: spoken = "" } = asRecord(button);
  return isGoodLine(text, value, 2_000) && asText(spoken).length <= 75;
}

/** Every cell has some text. */
function isGoodTable(rows: readonly unknown[]): boolean {
  const cells = rows.flatMap(asList).map(asRecord);
  return (
    cells.length > 0 &&
    cells.every(({ type, text }) => type === "rich_text" || (type === "raw_text" && asText(text) !== ""))
  );
}

function tableIn(block: unknown): {
  readonly rows: number;
  readonly columns: number;
  readonly chars: number;
} {
  const rows = asList(asRecord(block)["rows"]).map(asList);
  const chars = rows
    .flat()
    .reduce<number>((sum, cell) => sum + JSON.stringify(asRecord(cell)["text"] ?? "").length, 0);
  return { rows: rows.length, columns: Math.max(0, ...rows.map(({ length }) => length)), chars };
}

function isGoodElement(element: unknown): boolean {
  const {
    type,
    action_id: actionId,
    options,
    placeholder,
    text: ownText,
    value: ownValue,
    style = "primary",
  } = asRecord(element);
  if (type === "button")
    return (
      isGoodLine(ownText, ownValue, 2_000) &&
      typeof actionId === "string" &&
      (style === "primary" || style === "danger")
    );
  const lines = asList(options);
  const most = type === "overflow" ? 5 : 100;
  const isKnown = type === "overflow" || (type === "static_select" && textOf(placeholder).length <= 150);
  if (!isKnown || typeof actionId !== "string" || lines.length < 1 || lines.length > most) return false;
  return lines.every((line) => {
    const { text, value } = asRecord(line);
    return isGoodLine(text, value, 150);
  });
}

function isGoodLine(text: unknown, value: unknown, mostValueChars: number): boolean {
  const label = textOf(text);
  return label !== "" && label.length <= 75 && typeof value === "string" && value.length <= mostValueChars;
}

function textOf(value: unknown): string {
  return asText(asRecord(value)["text"]);
}
