import { ButtonStyle, ComponentType, type APIButtonComponentWithCustomId } from "discord.js";

import type { Action } from "../../../domain/action.ts";
import { ownButtonPrefix as prefix } from "../text/own-buttons.ts";
import type { ButtonRow } from "./offer-buttons.ts";

/** https://discord.com/developers/docs/components/reference#button */
const maxIdChars = 100;
const maxButtons = 5;

/** The content of a pressed button's id, or of a form's. */
export interface PressedAction extends Pick<Action, "on" | "value"> {
  /** The action's id. */
  readonly action: string;
  /** The last part of the conversation's key: the id of a thread or channel. */
  readonly topic: string;
}

/** The buttons under a post: one row, or nothing. Buttons of an id that is too long are left out: Discord would reject the post. */
export function toActionRows(actions: readonly Action[], topic: string): readonly ButtonRow[] {
  const components = actions
    .filter(({ style }) => style !== "menu")
    .map((action) => toButton(action, topic))
    .filter(({ custom_id: { length } }) => length <= maxIdChars)
    .slice(0, maxButtons);
  return components.length === 0 ? [] : [{ type: ComponentType.ActionRow, components }];
}

/**
 * The id of a button, or of the form that it opens: `tk:<topic>:<action>:<on>:<value>`. It says all that a press says, because
 * another process may receive that, long after. The topic is in base 36: with it, the 80 characters of an action always fit.
 */
export function actionId({ topic, action, on = "", value = "" }: PressedAction): string {
  return `${prefix}${pack(topic)}:${action}:${on}:${value}`;
}

/** Undefined if it isn't the id of a post's button or of its form. */
export function parseActionId(customId: string): PressedAction | undefined {
  if (!customId.startsWith(prefix)) return undefined;
  const [packed = "", action, on, ...value] = customId.slice(prefix.length).split(":");
  const topic = unpack(packed);
  if (topic === undefined || !action || on === undefined || value.length === 0) return undefined;
  const said = value.join(":");
  return { topic, action, ...(on === "" ? {} : { on }), ...(said === "" ? {} : { value: said }) };
}

function toButton(
  { id: action, label, emphasis, ...rest }: Action,
  topic: string,
): APIButtonComponentWithCustomId {
  return {
    type: ComponentType.Button,
    style: styleOf(emphasis),
    // Discord draws an emoji as large as in its own buttons only where it is no text.
    ...(/^\p{RGI_Emoji}$/v.test(label) ? { emoji: { name: label } } : { label }),
    custom_id: actionId({ ...rest, topic, action }),
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
