import type { Inbound, InboxEntry } from "../../domain/inbound.ts";
import type { SettingsScope } from "../../domain/turn-settings.ts";
import { locationOf } from "./next-memory.ts";

/** Whose settings a turn over these entries has: those of the newest author, under whose message it answers. */
export function scopeOf(waiting: readonly InboxEntry[]): SettingsScope {
  const author = waiting.map(({ inbound }) => authorIdOf(inbound)).findLast((id) => id !== undefined);
  return { ...locationOf(waiting), ...(author === undefined ? {} : { author }) };
}

function authorIdOf(inbound: Inbound): string | undefined {
  if (inbound.kind === "said") return inbound.message.author.id;
  return inbound.kind === "commanded" ? inbound.by.id : undefined;
}
