import type { EntryId, InboxEntry } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Lease, Turn } from "../../domain/turn.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { finishAfterErasure } from "../remembering/finish-after-erasure.ts";
import { createErasureMark } from "../memory/erasure-mark.ts";
import { withoutOutdatedDraft } from "../planning/outdated-draft.ts";
import type { ListenPlan, ChangesPlan } from "../planning/plan.ts";
import type { Remembered } from "../remembering/next-memory.ts";
import { type TurnPorts } from "../planning/turn-ports.ts";
import { endMutedCalls } from "./end-muted-calls.ts";
import { restore, standingAnswer } from "../memory/standing-answer.ts";
import { tellPresser } from "../reply/tell-presser.ts";
import { answerIsTooOld } from "../text/again-messages.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { platformFor } from "../reply/platform-for.ts";

interface ClaimedTurn {
  readonly lease: Lease;
  readonly running: Turn | undefined;
}

type ReplyingPorts = Pick<
  TurnPorts,
  "journal" | "memories" | "platforms" | "commands" | "clock" | "ids" | "log"
>;

interface ClaimedInbox extends ClaimedTurn {
  readonly waiting: readonly InboxEntry[];
}

/** Remembers without an answer. Deletes the posts of a running answer whose question was removed. */
export async function recordOnly(
  ports: ReplyingPorts,
  { lease, running }: ClaimedTurn,
  { plan, remembered }: { readonly plan: ListenPlan; readonly remembered: Remembered },
  signal: AbortSignal,
): Promise<void> {
  const { covers, ended } = plan;
  if (running !== undefined && !(await isRestored(ports, { lease, running }, { plan, remembered }, signal)))
    await deleteShownReply(ports, lease, running, signal);
  const isExpired = isAllExpired(plan, remembered.memory);
  const leaves = isExpired ? ({ erase: true } as const) : finishAfterErasure(ports, plan, remembered);
  await ports.journal.finish(lease, { ...leaves, covers, posts: [] }, signal);
  await endMutedCalls(ports, plan, signal);
  if (ended === undefined) return;
  // After the finish: a second line would be worse than none.
  await tellPresser(ports, ended.question.replyTo, answerIsTooOld, signal);
  ports.platforms.get(remembered.memory.platform)?.memoryChanged?.(remembered.memory);
}

/** Writes an answer that still stands over the beginning of the new one, which a person pressed for in vain. */
async function isRestored(
  ports: ReplyingPorts,
  { lease, running }: { readonly lease: Lease; readonly running: Turn },
  { plan: { ended }, remembered: { memory } }: { readonly plan: ListenPlan; readonly remembered: Remembered },
  signal: AbortSignal,
): Promise<boolean> {
  const standing = standingAnswer(memory, ended?.again);
  if (standing === undefined) return false;
  const platform = platformFor(ports, running.replyTo.platform);
  const restored = { ...running, ...restore(standing, undefined) };
  try {
    await new ReplyWriter({ ...ports, platform }, lease, restored, standing.old.answers).close(
      standing.old.text,
      signal,
    );
  } catch (error) {
    if (!(error instanceof PlatformError) || error.isPassing) throw error;
    ports.log.error({ err: error, kind: error.kind }, "could not restore an answer in its posts");
  }
  return true;
}

/** Whether everything expired: nothing is left to remember, or to sync. */
function isAllExpired({ changes, said }: ListenPlan, memory: ConversationMemory): boolean {
  const { messages, summary, erasures, edits, descriptions = [] } = memory;
  const isExpiry = changes.length > 0 && changes.every(({ kind }) => kind === "expired");
  const rest =
    messages.length + (summary?.lines.length ?? 0) + erasures.length + edits.length + descriptions.length;
  return isExpiry && said.length === 0 && rest === 0;
}

/** Applies changes while an answer waits. The running turn and its entries stay, without a text that may repeat what is gone. */
export async function applyChangesOnly(
  ports: Pick<TurnPorts, "journal">,
  { lease, running, waiting }: ClaimedInbox,
  { plan, remembered }: { readonly plan: ChangesPlan; readonly remembered: Remembered },
  signal: AbortSignal,
): Promise<void> {
  const { memory, traces } = remembered;
  if (running !== undefined) {
    const current = withoutOutdatedDraft(running, waiting, plan);
    // Its rounds are of use only with the same entries.
    const covers = running.covers.filter((id) => !plan.covers.includes(id));
    if (current !== running || covers.length < running.covers.length)
      await ports.journal.save(lease, { ...current, covers }, signal);
  }
  const leaves = { ...traces, covers: plan.covers, memory, posts: [], goesOn: true } as const;
  await ports.journal.finish(lease, leaves, signal);
}

/** Erases the whole conversation, and deletes the posts of a running answer. */
export async function eraseConversation(
  ports: ReplyingPorts,
  { lease, running }: ClaimedTurn,
  {
    plan,
    before,
  }: { readonly plan: { readonly covers: readonly EntryId[] }; readonly before: ConversationMemory },
  signal: AbortSignal,
): Promise<void> {
  if (running !== undefined) await deleteShownReply(ports, lease, running, signal);
  const memory = createErasureMark(before, ports.clock.nowMs());
  await ports.journal.finish(lease, { covers: plan.covers, posts: [], erase: true, memory }, signal);
}

async function deleteShownReply(
  ports: ReplyingPorts,
  lease: Lease,
  running: Turn,
  signal: AbortSignal,
): Promise<void> {
  if (running.posts.length === 0) return;
  const platform = platformFor(ports, running.replyTo.platform);
  try {
    await new ReplyWriter({ ...ports, platform }, lease, running, []).deleteAll(signal);
  } catch (error) {
    if (!(error instanceof PlatformError) || error.isPassing) throw error;
    const reference = ports.ids.reference();
    ports.log.error(
      { err: error, kind: error.kind, reference },
      "could not delete a reply; delete it by hand",
    );
  }
}
