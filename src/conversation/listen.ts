import type { EntryId } from "../domain/inbound.ts";
import type { Recollection } from "../domain/recollection.ts";
import type { Lease, Turn } from "../domain/turn.ts";
import { PlatformError } from "../ports/platform.ts";
import type { ListenPlan, MeanwhilePlan } from "./plan-next.ts";
import { nextRevision, nothingYet } from "./recollect.ts";
import type { Remembered } from "./remember.ts";
import { platformFor, type TurnPorts } from "./turn-ports.ts";
import { ReplyWriter } from "./write-reply.ts";

interface Held {
  readonly lease: Lease;
  readonly running: Turn | undefined;
}

/** Remembers without answering. What was shown of an answer to something that is gone now goes too. */
export async function listen(
  ports: TurnPorts,
  { lease, running }: Held,
  { plan, remembered }: { readonly plan: ListenPlan; readonly remembered: Remembered },
  signal: AbortSignal,
): Promise<void> {
  if (running !== undefined) await withdraw(ports, lease, running, signal);
  const { recollection, traces } = remembered;
  const { covers } = plan;
  const leaves = isOver(plan, recollection) ? { erase: true as const } : { ...traces, recollection };
  await ports.journal.finish(lease, { ...leaves, covers, posts: [] }, signal);
}

/** All of it was too old: nothing is left to be remembered, and nothing to be told to the archive. */
function isOver({ changes, said }: ListenPlan, recollection: Recollection): boolean {
  const { messages, summary, erasures, edits } = recollection;
  const isExpiry = changes.length > 0 && changes.every(({ kind }) => kind === "expired");
  const rest = messages.length + (summary?.lines.length ?? 0) + erasures.length + edits.length;
  return isExpiry && said.length === 0 && rest === 0;
}

/** Follows what changes. The running turn and what it answers stay as they are. */
export async function changeMeanwhile(
  ports: TurnPorts,
  lease: Lease,
  { plan, remembered }: { readonly plan: MeanwhilePlan; readonly remembered: Remembered },
  signal: AbortSignal,
): Promise<void> {
  const { recollection, traces } = remembered;
  const leaves = { ...traces, covers: plan.covers, recollection, posts: [], goesOn: true } as const;
  await ports.journal.finish(lease, leaves, signal);
}

/** Forgets the whole conversation, and takes back an answer that was being written. */
export async function eraseConversation(
  ports: TurnPorts,
  { lease, running }: Held,
  { plan, before }: { readonly plan: { readonly covers: readonly EntryId[] }; readonly before: Recollection },
  signal: AbortSignal,
): Promise<void> {
  if (running !== undefined) await withdraw(ports, lease, running, signal);
  const recollection = forgottenMark(before, ports.clock.nowMs());
  await ports.journal.finish(lease, { covers: plan.covers, posts: [], erase: true, recollection }, signal);
}

/**
 * What stays of a forgotten conversation: no text, no person, only that it was forgotten. By it the ledger hears of it,
 * and what was said before is never fetched again.
 */
export function forgottenMark(before: Recollection, nowMs: number): Recollection {
  const { conversation, platform, place, nextOrdinal, base, chapter } = before;
  const { revision } = nextRevision(before, { platform, place }, nowMs);
  return {
    ...nothingYet(conversation, { platform, place }),
    revision,
    base: base + 1,
    // A fold of what is gone must meet another base, and new messages other ordinals.
    nextOrdinal,
    windowFrom: nextOrdinal,
    chapter: chapter + 1,
    since: chapter + 1,
    erasures: [{ revision, kind: "all", beforeOrdinal: nextOrdinal }],
    forgottenAtMs: nowMs,
  };
}

async function withdraw(ports: TurnPorts, lease: Lease, running: Turn, signal: AbortSignal): Promise<void> {
  if (running.posts.length === 0) return;
  const platform = platformFor(ports, running.replyTo.platform);
  try {
    await new ReplyWriter({ ...ports, platform }, lease, running, []).withdraw(signal);
  } catch (error) {
    if (!(error instanceof PlatformError) || error.isPassing) throw error;
    const reference = ports.ids.reference();
    ports.log.error({ err: error, kind: error.kind, reference }, "a reply could not be taken back");
  }
}
