import type { InboxEntry } from "../../domain/inbound.ts";
import type { Reasked } from "../../domain/own-inbounds.ts";
import type { Turn } from "../../domain/turn.ts";
import { restore, standingAnswer } from "../memory/standing-answer.ts";
import { platformFor } from "../reply/platform-for.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { tellPresser } from "../reply/tell-presser.ts";
import { oldAnswerStays } from "../text/again-messages.ts";
import { givenUp } from "../text/user-messages.ts";
import type { FailedTurn, GiveUpPorts } from "./failed-turn.ts";
import { isMemoryUnreachable, isOutage } from "./is-outage.ts";

/** A turn that a press asked for and that can't be finished. */
interface FailedAgain extends FailedTurn {
  readonly turn: Turn;
  readonly entry: Omit<InboxEntry, "inbound"> & { readonly inbound: Reasked };
  readonly reference: string;
}

/** What a press asked for, if that is what failed. */
export function pressedAgainIn([first]: readonly InboxEntry[]): FailedAgain["entry"] | undefined {
  if (first?.inbound.kind !== "reasked" || first.inbound.action === undefined) return undefined;
  return { ...first, inbound: first.inbound };
}

/**
 * Gives up what a press asked for: restores the old answer in its posts, tells the person who pressed, and writes a dead
 * letter. Memory holds the old answer already. @throws {PlatformError}, {MemoryError} while it may pass.
 */
export async function giveUpAgain(
  ports: GiveUpPorts,
  { lease, turn, entry, reference, why, before, isBare, isFinal }: FailedAgain,
  signal: AbortSignal,
): Promise<void> {
  const { inbound, id } = entry;
  try {
    const standing = isBare === true ? undefined : standingAnswer(await before(), inbound);
    if (standing !== undefined) {
      const platform = platformFor(ports, turn.replyTo.platform);
      const restored = { ...turn, ...restore(standing, undefined) };
      const reply = new ReplyWriter({ ...ports, platform }, lease, restored, standing.old.answers);
      await reply.close(restored.answer, signal);
    }
  } catch (error) {
    const isPassing = isFinal === true || !(isOutage(error) || isMemoryUnreachable(error));
    if (!isPassing || signal.aborted) throw error;
    ports.log.error({ err: error, reference }, "could not restore an answer in its posts");
  }
  if (isBare !== true) await tellPresser(ports, inbound.replyTo, oldAnswerStays(givenUp(reference)), signal);
  await ports.journal.finish(lease, { covers: [id], posts: [], deadLetter: { reference, why } }, signal);
}
