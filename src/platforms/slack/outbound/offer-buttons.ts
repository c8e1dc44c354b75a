import type { types } from "@slack/bolt";
import { z } from "zod";

import type { Offer } from "../../../domain/offer.ts";
import type { SlackContent } from "./render-content.ts";
import { escapeMarkup } from "../wire/safe-text.ts";
import type { SlackTarget } from "../wire/reply-target.ts";

/** A number follows: action ids must differ within a message. */
const actionPrefix = "threadkeeper_offer_";

/**
 * The value of a button names the place of its conversation: another process may receive the press, and the button may
 * be in a DM.
 */
const buttonValue = z.object({
  id: z.string(),
  at: z.number(),
  name: z.string(),
  argument: z.string(),
  team: z.string(),
  channel: z.string(),
  thread: z.string().optional(),
});

export type OfferPress = z.output<typeof buttonValue>;

/** Adds the offer's buttons; to content without blocks, the offer's text instead. */
export function addOfferButtons(
  content: SlackContent,
  offer: Offer | undefined,
  target: SlackTarget,
): SlackContent {
  if (offer === undefined) return content;
  if (content.blocks.length === 0)
    return { ...content, text: `${content.text}\n${escapeMarkup(offer.orElse)}` };
  return { ...content, blocks: [...content.blocks, buttonsOf(offer, target)] };
}

/** The content of a pressed offer button. Undefined for other elements. */
export function offerPressIn(actionId: string, value: string | null | undefined): OfferPress | undefined {
  if (!actionId.startsWith(actionPrefix) || value == null) return undefined;
  try {
    return buttonValue.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}

function buttonsOf(
  { id, atMs, choices }: Offer,
  { team, channel, threadTs }: SlackTarget,
): types.ActionsBlock {
  const where = { team, channel, ...(threadTs === undefined ? {} : { thread: threadTs }) };
  return {
    type: "actions",
    elements: choices.map(({ label, name, argument, isDangerous }, index) => ({
      type: "button",
      action_id: `${actionPrefix}${index}`,
      text: { type: "plain_text", text: label },
      value: JSON.stringify({ id, at: atMs, name, argument, ...where } satisfies OfferPress),
      ...(isDangerous === true ? { style: "danger" as const } : {}),
    })),
  };
}
