import type { InboxEntry, Joined } from "../../domain/inbound.ts";
import type { Lease, Turn } from "../../domain/turn.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { placeholderTurn } from "../recovery/placeholder-turn.ts";
import { platformFor } from "../reply/platform-for.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { joinNote } from "../text/join-note.ts";

interface Introduction {
  readonly lease: Lease;
  readonly running: Turn | undefined;
  readonly entry: InboxEntry & { readonly inbound: Joined };
}

/** The first entry, if the bot was added to a place. Undefined: another inbox. */
export function joinedIn([first]: readonly InboxEntry[]): Introduction["entry"] | undefined {
  return first?.inbound.kind === "joined" ? { ...first, inbound: first.inbound } : undefined;
}

/**
 * Posts one note in a place where the bot was added. It is journalled as any post of a reply, so that a crash does not double
 * it. It answers nobody: it is not remembered, and has no buttons.
 */
export async function introduce(
  ports: TurnPorts,
  { lease, running, entry }: Introduction,
  signal: AbortSignal,
): Promise<void> {
  const { platform: name, place, replyTo } = entry.inbound;
  const platform = platformFor(ports, name);
  const note = joinNote(platform.botNameIn?.(place) ?? "Threadkeeper", ports.replyMode);
  const turn: Turn = { ...(running ?? placeholderTurn(ports, lease, [entry])), covers: [entry.id], replyTo };
  const reply = new ReplyWriter({ ...ports, platform, commands: new Map() }, lease, turn, []);
  try {
    if (note !== undefined) {
      await reply.saveTurn({ answer: note, answerRole: "notice" }, signal);
      await reply.close(note, signal);
    }
  } catch (error) {
    if (!(error instanceof PlatformError) || error.isPassing) throw error;
    ports.log.info({ err: error, place }, "the bot can't post where it was added, so it says nothing there");
  }
  await ports.journal.finish(lease, { covers: [entry.id], posts: [] }, signal);
}
