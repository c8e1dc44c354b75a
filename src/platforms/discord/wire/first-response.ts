import { InteractionResponseType } from "discord.js";

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

/** Replaces the pressed message, with its buttons or menu, until the command's reply does. */
export const oneMoment: FirstResponse = {
  type: InteractionResponseType.UpdateMessage,
  data: { ...bodyOf("One moment…"), components: [] },
};

/** Leaves the pressed message as it is, until the command's reply replaces it. */
export const acknowledged: FirstResponse = { type: InteractionResponseType.DeferredMessageUpdate };
