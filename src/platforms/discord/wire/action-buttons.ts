import { ButtonStyle, ComponentType, type APIButtonComponentWithCustomId } from "discord.js";

import type { Action } from "../../../domain/action.ts";
import type { ButtonRow } from "./offer-buttons.ts";

const prefix = "tk:";
/** https://discord.com/developers/docs/components/reference#button */
const maxIdChars = 100;
const maxButtons = 5;

/** The content of a pressed button's id. */
export interface PressedAction extends Pick<Action, "on" | "value"> {
  /** The action's id. */
  readonly action: string;
  /** The last part of the conversation's key: the id of a thread or channel. */
  readonly topic: string;
}

/**
 * The buttons under a post: one row, or nothing. All that a press says travels in each button's id,
 * `tk:<topic>:<action>:<on>:<value>`, because another process may receive it, long after. The topic is in base 36: with it,
 * the 80 characters of an action always fit. Buttons of an id that is too long are left out: Discord would reject the post.
 */
export function toActionRows(actions: readonly Action[], topic: string): readonly ButtonRow[] {
  const components = actions
    .filter(({ style }) => style === "button")
    .map((action) => toButton(action, topic))
    .filter(({ custom_id: { length } }) => length <= maxIdChars)
    .slice(0, maxButtons);
  return components.length === 0 ? [] : [{ type: ComponentType.ActionRow, components }];
}

/** Undefined if it isn't a button of a post. */
export function parseActionId(customId: string): PressedAction | undefined {
  if (!customId.startsWith(prefix)) return undefined;
  const [packed = "", action, on, ...value] = customId.slice(prefix.length).split(":");
  const topic = unpack(packed);
  if (topic === undefined || !action || on === undefined || value.length === 0) return undefined;
  const said = value.join(":");
  return { topic, action, ...(on === "" ? {} : { on }), ...(said === "" ? {} : { value: said }) };
}

function toButton(
  { id, label, emphasis, on = "", value = "" }: Action,
  topic: string,
): APIButtonComponentWithCustomId {
  return {
    type: ComponentType.Button,
    style: styleOf(emphasis),
    label,
    custom_id: `${prefix}${pack(topic)}:${id}:${on}:${value}`,
  };
}

function styleOf(emphasis: Action["emphasis"]): APIButtonComponentWithCustomId["style"] {
  if (emphasis === "danger") return ButtonStyle.Danger;
  return emphasis === "primary" ? ButtonStyle.Primary : ButtonStyle.Secondary;
}

/** At most 13 characters. */
function pack(topic: string): string {
  return BigInt(topic).toString(36);
}

/** Ids have 64 bits, and JavaScript reads no BigInt in base 36. */
function unpack(packed: string): string | undefined {
  if (!/^[0-9a-z]{1,13}$/u.test(packed)) return undefined;
  return Array.from(packed)
    .reduce((number, digit) => number * 36n + BigInt(Number.parseInt(digit, 36)), 0n)
    .toString();
}
