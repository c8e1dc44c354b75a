import { conversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { OldLocation, OldLocationsPage } from "../../domain/archive.ts";

type Row = Readonly<Record<string, unknown>>;

/** Where the page before ended: the age and the row of its last message. */
export function parsePageCursor(after: string | undefined): readonly [saidAtMs: number, row: number] {
  const [saidAtMs = -1, row = 0] = (after ?? "").split(":").filter(Boolean).map(Number);
  return [saidAtMs, row];
}

/** A page as Archive.olderThan returns it. Keeps the order of the rows. */
export function oldLocationsPageFrom(rows: readonly Row[], limit: number): OldLocationsPage {
  const locations = new Map<ConversationKey, OldLocation>();
  for (const row of rows) {
    const conversation = conversationKey(row["conversation"]);
    const lastAtMs = row["last_at_ms"] === null ? {} : { lastAtMs: Number(row["last_at_ms"]) };
    const location = { conversation, platform: String(row["platform"]), place: String(row["place"]) };
    if (!locations.has(conversation)) locations.set(conversation, { ...location, ...lastAtMs });
  }
  const last = rows.at(-1);
  const next =
    last === undefined || rows.length < limit
      ? {}
      : { next: `${String(last["said_at_ms"])}:${String(last["row"])}` };
  return { locations: [...locations.values()], ...next };
}
