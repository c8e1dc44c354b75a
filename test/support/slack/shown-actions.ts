import type { PostId } from "../../../src/domain/message.ts";
import type { SlackReceipt } from "./slack-deliveries.ts";
import type { SlackPress, SlackStandIn } from "./slack-stand-in.ts";
import { asList, asRecord, asText } from "./untyped-json.ts";

/** An element that people can press under a post. */
export interface ShownElement {
  readonly type: string;
  readonly actionId: string;
  readonly label: string;
  readonly value: string;
  /** `primary` or `danger`; empty for a plain one. */
  readonly style: string;
}

/**
 * The elements of all blocks, in order. A menu has no label and no value of its own. Feedback buttons are two elements,
 * which share their `actionId`.
 */
export function elementsIn(blocks: readonly unknown[]): readonly ShownElement[] {
  return blocks
    .map(asRecord)
    .filter(({ type }) => type === "actions" || type === "context_actions")
    .flatMap(({ elements }) => asList(elements).map(asRecord))
    .flatMap((element) => (element["type"] === "feedback_buttons" ? thumbsOf(element) : [element]))
    .map(({ type, action_id: actionId, text, value, style }) => ({
      type: asText(type),
      actionId: asText(actionId),
      label: asText(asRecord(text)["text"]),
      value: asText(value),
      style: asText(style),
    }));
}

function thumbsOf(element: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  const { type, action_id: id, positive_button: up, negative_button: down } = element;
  return [up, down].map((button) => Object.assign({}, button, { type, action_id: id }));
}

/** The buttons under a post, feedback buttons among them. */
export function buttonsUnder(slack: SlackStandIn, id: PostId): readonly ShownElement[] {
  const { channel, messageTs } = placeOf(id);
  const blocks = slack.messages.get(channel, messageTs)?.blocks ?? [];
  return elementsIn(blocks).filter(({ type }) => type !== "overflow");
}

/** A person presses a button under a post. */
export async function pressUnder(
  slack: SlackStandIn,
  id: PostId,
  { type, actionId, value, label }: ShownElement,
  by: Pick<SlackPress, "user" | "times">,
): Promise<SlackReceipt> {
  const press = { ...placeOf(id), ...by, actionId, value, label };
  return type === "feedback_buttons" ? slack.pressFeedback(press) : slack.pressButton(press);
}

function placeOf(id: PostId): { readonly channel: string; readonly messageTs: string } {
  const [messageTs = "", channel = ""] = id.split("/").toReversed();
  return { channel, messageTs };
}
