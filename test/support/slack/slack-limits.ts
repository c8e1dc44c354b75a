import { asList, asRecord, asText } from "./untyped-json.ts";

/** Slack's limits for posts: https://docs.slack.dev/reference/block-kit */
export function faultIn(
  method: string,
  message: { readonly text: string; readonly blocks: readonly unknown[] },
  refusedBlocks: readonly string[],
): string | undefined {
  const { text, blocks } = message;
  if (blocks.some((block) => refusedBlocks.includes(asText(asRecord(block)["type"]))))
    return "invalid_blocks";
  if (text === "" && blocks.length === 0) return "no_text";
  if (text.length > (method === "chat.update" ? 4_000 : 40_000)) return "msg_too_long";
  if (blocks.length > 50) return "invalid_blocks";
  const markdown = blocks.filter((block) => asRecord(block)["type"] === "markdown");
  const chars = markdown.reduce<number>((sum, block) => sum + textOf(block).length, 0);
  if (chars > 12_000) return "msg_blocks_too_long";
  return blocks.every(isGoodBlock) ? undefined : "invalid_blocks";
}

function isGoodBlock(block: unknown): boolean {
  const { type, text, elements } = asRecord(block);
  switch (type) {
    case "markdown":
      return typeof text === "string" && text !== "" && tablesIn(text) <= 50;
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

/** Slack converts Markdown to its own blocks, and rejects too many of them. The exact rule is not documented. */
function tablesIn(markdown: string): number {
  return markdown.split("\n").filter((line) => /^\| ?-{3}/u.test(line)).length;
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
