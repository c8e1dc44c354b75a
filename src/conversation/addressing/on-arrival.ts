import type { ReplyMode } from "../../domain/turn-settings.ts";
import type { ArrivingMessage } from "../../ports/accept.ts";
import type { Settings } from "../../ports/settings.ts";
import { reactionTo } from "./addressing.ts";

/** Whether the bot takes part in a new conversation because of a message. */
export function opensConversation(settings: Settings, said: ArrivingMessage): boolean {
  return reactionTo(said, replyModeFor(settings, said), { isKnown: false, people: 1 }) === "answer";
}

/** Whether the bot takes any part where a message was written. If not, nothing of it is stored. */
export function takesPart(settings: Settings, said: ArrivingMessage): boolean {
  return reactionTo(said, replyModeFor(settings, said), { isKnown: true, people: 1 }) !== "ignore";
}

function replyModeFor(settings: Settings, { platform, place, message }: ArrivingMessage): ReplyMode {
  return settings.forTurn({ platform, place, author: message.author.id }).replyMode;
}
