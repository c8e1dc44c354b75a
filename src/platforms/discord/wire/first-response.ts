import {
  InteractionResponseType,
  MessageFlags,
  type APIMessage,
  type APIMessageComponentInteraction,
} from "discord.js";

import { cardOf } from "./card.ts";
import { bodyOf, privateBodyOf } from "./message-body.ts";

/**
 * The first response to an interaction. Discord wants it within 3 seconds:
 * https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object
 */
export interface FirstResponse {
  readonly type: InteractionResponseType;
  readonly data?: object;
}

/** A text that only the person sees. */
export function privateResponse(text: string): FirstResponse {
  return { type: InteractionResponseType.ChannelMessageWithSource, data: privateBodyOf(text) };
}

/** For the person alone. */
export const thanks: FirstResponse = privateResponse("Thanks for the feedback.");

/** "Threadkeeper is thinking…", for the person alone, until the command's reply replaces it. */
export const thinking: FirstResponse = {
  type: InteractionResponseType.DeferredChannelMessageWithSource,
  data: { flags: privateBodyOf("").flags },
};

const oneMomentText = "One moment…";

/** Replaces the pressed message, with its buttons or menu, until the command's reply does. */
export function oneMoment({ message }: APIMessageComponentInteraction): FirstResponse {
  const card = cardOf({ texts: [oneMomentText], files: [], buttons: [] });
  const data = isCard(message) && card !== undefined ? card : { ...bodyOf(oneMomentText), components: [] };
  return { type: InteractionResponseType.UpdateMessage, data };
}

/** Whether a message is in Components V2, which it stays. */
export function isCard({ flags }: Pick<APIMessage, "flags">): boolean {
  return ((flags ?? 0) & MessageFlags.IsComponentsV2) !== 0;
}

/** Leaves the pressed message as it is, until the command's reply replaces it. */
export const acknowledged: FirstResponse = { type: InteractionResponseType.DeferredMessageUpdate };
