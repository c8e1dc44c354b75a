import type { MessageId, PostId } from "../../domain/message.ts";
import type { Turn } from "../../domain/turn.ts";
import { eraseFiles } from "../files/erase-files.ts";
import { keepImages, dropImages } from "../images/keep-images.ts";
import { replyIdOf } from "../memory/append.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { platformFor } from "../reply/platform-for.ts";
import { askerOf } from "./produce-answer.ts";
import type { TurnStart } from "./turn-start.ts";

const lateMs = 5_000;

/** A reply whose posts are written. */
interface WrittenReply {
  /** As last saved. */
  readonly turn: Turn;
  readonly posts: readonly PostId[];
  /** The reply that it replaces. Undefined: none, or that stands again, or it goes on. */
  readonly replaces: MessageId | undefined;
}

/**
 * Before the finish: has the images of a reply kept where its posts are only in memory, and erases those of the reply that it
 * replaces. Other platforms keep what was posted. If the conversation was claimed again, it may have been erased: then nothing
 * stays. @throws {StaleLeaseError}, {StoreError}
 */
export async function settleImages(
  ports: TurnPorts,
  { lease, plan, remembered: { memory } }: TurnStart,
  { turn, posts, replaces }: WrittenReply,
  signal: AbortSignal,
): Promise<void> {
  if (platformFor(ports, turn.replyTo.platform).isOurPage !== true) return;
  const { conversation } = memory;
  if (replaces !== undefined)
    await eraseFiles(ports, conversation, [{ kind: "message", revision: 0, message: replaces }], signal);
  const { files = [], restored } = turn;
  if (files.length === 0 || restored !== undefined) return;
  const message = replyIdOf(posts, turn.id);
  const reply = { conversation, message, author: askerOf(plan), saidAtMs: ports.clock.nowMs(), files };
  await keepImages(ports, reply, signal);
  try {
    await ports.journal.assertCurrent(lease, signal);
  } catch (error) {
    await dropImages(ports, reply, AbortSignal.timeout(lateMs));
    throw error;
  }
}
