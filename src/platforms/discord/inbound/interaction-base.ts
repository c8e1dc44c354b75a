import type { APIInteraction } from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Pressed } from "../../../domain/inbound.ts";
import { conversationOf, type Room } from "../api/channels.ts";
import { threadOf } from "../outbound/conversation-picker.ts";
import { isCard } from "../wire/first-response.ts";
import { interactionAddress, type InteractionTarget } from "../wire/address.ts";
import type { CommandAuthor } from "./interaction-facts.ts";

/** The place, the person and the conversation of an interaction. */
export interface InteractionContext extends CommandAuthor {
  readonly room: Room;
  readonly to: ConversationKey;
  /** The conversation's name, if it was picked from a list. */
  readonly picked?: string;
  /** The pressed button stands under a post that others see. Missing: only the person sees it, or it was no button. */
  readonly isUnderPost?: true;
  /** The bot is no member there. Missing: it is. */
  readonly isAway?: true;
  /** It belongs to no conversation that the bot knows. Missing: `to` and `room` tell. */
  readonly isApart?: true;
}

/** What the inbounds of all interactions have. */
type InteractionBase = Pick<
  Pressed,
  "conversation" | "platform" | "place" | "by" | "rights" | "isOutside" | "replyTo"
>;

/** The address reaches the person alone. */
export function baseOf(
  interaction: APIInteraction,
  { room, to, picked, by, rights, isUnderPost, isAway, isApart }: InteractionContext,
  nowMs: number,
): InteractionBase {
  const { id, application_id: application, token, message } = interaction;
  const { channel, place } = room;
  const target: InteractionTarget = {
    how: "interaction",
    channel,
    interaction: id,
    application,
    token,
    user: by.id,
    topic: threadOf({ conversation: to }),
    ...(picked === undefined ? {} : { picked }),
    ...(isUnderPost === undefined ? {} : { under: "post" }),
    ...(isUnderPost === undefined && message !== undefined && isCard(message) ? { form: "card" } : {}),
    ...(isAway === undefined ? {} : { away: "yes" }),
  };
  return {
    conversation: to,
    platform: "discord",
    place,
    by,
    ...(rights === undefined ? {} : { rights }),
    ...(isAway === true || isApart === true || (room.kind === "channel" && to === conversationOf(room))
      ? { isOutside: true }
      : {}),
    replyTo: interactionAddress(target, nowMs),
  };
}
