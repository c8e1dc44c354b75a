import type { types } from "@slack/bolt";
import { z } from "zod";

import type { Offer } from "../../../domain/offer.ts";
import type { SlackContent } from "./content.ts";
import { escapeMarkup } from "../wire/safe-text.ts";
import type { SlackTarget } from "../wire/reply-target.ts";

/** Action ids must differ within a message: a number follows. */
const actionPrefix = "threadkeeper_offer_";

/** What a button carries: whoever is told of the press may be another process, and the button may stand in a DM. */
const carried = z.object({
  id: z.string(),
  at: z.number(),
  name: z.string(),
  argument: z.string(),
  team: z.string(),
  channel: z.string(),
  thread: z.string().optional(),
});

export type Pressed = z.output<typeof carried>;

/** The same content with buttons; without blocks, with what is said in their place. */
export function withOffer(
  content: SlackContent,
  offer: Offer | undefined,
  target: SlackTarget,
): SlackContent {
  if (offer === undefined) return content;
  if (content.blocks.length === 0)
    return { ...content, text: `${content.text}\n${escapeMarkup(offer.orElse)}` };
  return { ...content, blocks: [...content.blocks, buttonsOf(offer, target)] };
}

/** Undefined for what is no button of an offer. */
export function pressedIn(actionId: string, value: string | null | undefined): Pressed | undefined {
  if (!actionId.startsWith(actionPrefix) || value == null) return undefined;
  try {
    return carried.safeParse(JSON.parse(value)).data;
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
      value: JSON.stringify({ id, at: atMs, name, argument, ...where } satisfies Pressed),
      ...(isDangerous === true ? { style: "danger" as const } : {}),
    })),
  };
}
