import type { ReplyMode } from "../../domain/turn-settings.ts";
import type { ArrivingMessage } from "../../ports/accept.ts";
import type { SettingsAt } from "../settings/settings-at.ts";
import { reactionTo } from "./addressing.ts";

/** Whether the bot takes part in a new conversation because of a message. */
export function opensConversation(settingsAt: SettingsAt, said: ArrivingMessage): boolean {
  return reactionTo(said, replyModeFor(settingsAt, said), { isKnown: false, people: 1 }) === "answer";
}

/** Whether the bot takes any part where a message was written. If not, nothing of it is stored. */
export function takesPart(settingsAt: SettingsAt, said: ArrivingMessage): boolean {
  return reactionTo(said, replyModeFor(settingsAt, said), { isKnown: true, people: 1 }) !== "ignore";
}

function replyModeFor(settingsAt: SettingsAt, { platform, place, message }: ArrivingMessage): ReplyMode {
  return settingsAt({ platform, place, author: message.author.id }).replyMode;
}
