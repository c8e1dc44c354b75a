import {
  ButtonStyle,
  ComponentType,
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
} from "discord.js";

import type { Choice, Offer } from "../../../domain/offer.ts";

const prefix = "threadkeeper:do:";

/** A row of buttons, as Discord expects it. */
export type ButtonRow = APIActionRowComponent<APIButtonComponentWithCustomId>;

/** The content of a pressed button's id. */
export interface PressedButton extends Pick<Choice, "name" | "argument"> {
  /** The offer's id. */
  readonly id: string;
  readonly atMs: number;
  /** The last part of the conversation's key. */
  readonly topic: string;
}

/** A button of an offer, and the line of the text that it may stand beside. */
export interface OfferButton extends Pick<Choice, "line"> {
  readonly button: APIButtonComponentWithCustomId;
}

/**
 * The buttons of an offer about a conversation. The command travels in each button's id, because another process may
 * receive the press: at most 100 characters, https://discord.com/developers/docs/components/reference#button. Command
 * names and arguments contain no colon.
 */
export function toButtons({ id, atMs, choices }: Offer, topic: string): readonly OfferButton[] {
  return choices.map(({ label, name, argument, isDangerous, line }) => ({
    button: {
      type: ComponentType.Button,
      style: isDangerous === true ? ButtonStyle.Danger : ButtonStyle.Secondary,
      label,
      custom_id: `${prefix}${id}:${atMs.toString(36)}:${topic}:${name}:${argument}`,
    },
    ...(line === undefined ? {} : { line }),
  }));
}

export function rowOf(components: readonly APIButtonComponentWithCustomId[]): ButtonRow {
  return { type: ComponentType.ActionRow, components: [...components] };
}

/** Undefined if it isn't an offer's button. */
export function parseButtonId(customId: string): PressedButton | undefined {
  if (!customId.startsWith(prefix)) return undefined;
  const [id, at = "", topic, name, argument] = customId.slice(prefix.length).split(":");
  const atMs = Number.parseInt(at, 36);
  if (id === undefined || topic === undefined || name === undefined || argument === undefined)
    return undefined;
  return Number.isNaN(atMs) ? undefined : { id, atMs, topic, name, argument };
}
