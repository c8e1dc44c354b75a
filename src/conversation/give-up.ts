import type { InboxEntry } from "../domain/inbound.ts";
import { takes, type Lease, type Turn } from "../domain/turn.ts";
import { PlatformError } from "../ports/platform.ts";
import { givenUp } from "./apology.ts";
import { platformFor, type TurnPorts } from "./turn-ports.ts";
import { ReplyWriter } from "./write-reply.ts";

/** A turn that took the process down, or failed for a reason of ours, this often is given up. */
export const mostAttempts = 5;

/** Closes a turn that can't be finished, so that it never blocks its conversation: an apology, and a dead letter. */
export async function giveUp(
  ports: TurnPorts,
  poison: {
    readonly lease: Lease;
    readonly running: Turn | undefined;
    readonly waiting: readonly InboxEntry[];
  },
  signal: AbortSignal,
): Promise<void> {
  const { lease, running: turn, waiting } = poison;
  if (turn === undefined) return;
  const reference = ports.ids.reference();
  const covered = waiting.filter((entry) => takes(turn, entry));
  const given = (covered.length > 0 ? covered : waiting.slice(0, 1)).map(({ id }) => id);
  ports.log.error({ reference, turn: turn.id, attempts: turn.attempt }, "a turn was given up");
  let posts: readonly string[] = [];
  try {
    const platform = platformFor(ports, turn.replyTo.platform);
    const reply = new ReplyWriter({ ...ports, platform }, lease, turn, []);
    posts = await reply.close(givenUp(reference), signal);
    platform.turnFinished?.(turn.replyTo, { turn: turn.id, text: givenUp(reference), covers: [] });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PlatformError && error.isPassing) throw error;
    // Else perhaps it was the writing that failed all along.
    ports.log.error({ err: error, reference }, "an apology could not be shown");
  }
  const why = `failed ${turn.attempt} times`;
  await ports.journal.finish(lease, { covers: given, posts, deadLetter: { reference, why } }, signal);
}
