import type { InboxEntry } from "../../domain/inbound.ts";
import { authorOf } from "../inbounds/registry.ts";
import type { TurnScope } from "../settings/settings-at.ts";
import { locationOf } from "./location-of.ts";

/** Whose settings a turn over these entries has: those of the newest author, under whose message it answers. */
export function scopeOf(waiting: readonly InboxEntry[]): TurnScope {
  const [first] = waiting;
  if (first?.inbound.kind === "delegated") {
    const { platform, place, by } = first.inbound.command;
    return { platform, place, author: by.id };
  }
  const author = waiting.map(({ inbound }) => authorOf(inbound)?.id).findLast((id) => id !== undefined);
  return { ...locationOf(waiting), ...(author === undefined ? {} : { author }) };
}
