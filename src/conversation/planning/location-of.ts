import type { InboxEntry } from "../../domain/inbound.ts";
import type { ConversationLocation } from "../memory/new-memory.ts";

/** Where the conversation is listed: the place of the newest entry that names one. */
export function locationOf(waiting: readonly InboxEntry[]): ConversationLocation {
  const { platform = "", place = "" } =
    waiting.findLast(({ inbound }) => inbound.place !== "")?.inbound ?? {};
  return { platform, place };
}
