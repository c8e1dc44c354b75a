import type { Change } from "../../domain/inbound.ts";
import type { Reasked } from "../../domain/own-inbounds.ts";
import type { Message, PostId } from "../../domain/message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Finish } from "../../ports/journal.ts";
import { applyChanges } from "../inbounds/apply-changes.ts";
import { memoryChangeOf } from "../inbounds/registry.ts";
import type { RememberingPlan } from "../planning/plan.ts";
import { appendMessages } from "../memory/append.ts";
import type { Backfill } from "./backfill.ts";
import { retitle } from "./retitle.ts";
import { dropErasedRecords } from "../records/drop-erased.ts";
import { dropErasedFeedback } from "../records/drop-feedback.ts";
import { retainedFromMs } from "../memory/retention.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { rememberTold } from "../memory/muting.ts";
import { fitWindow } from "../memory/window.ts";
import { yielding } from "../../async/yielding.ts";
import { type ConversationLocation, advanceRevision } from "../memory/new-memory.ts";
import type { CountTokens } from "../memory/remembered-message.ts";

/** The memory after a plan, fitted to the budget, and what else follows from the plan. */
export interface Remembered {
  readonly memory: ConversationMemory;
  /** What the finish has to update in the stores. */
  readonly traces: Pick<Finish, "gone" | "changed" | "title" | "isUnnamed">;
  /** Posts of the bot that were made from removed messages. */
  readonly postsToRetract: readonly PostId[];
  /** Questions to answer again. */
  readonly again: readonly Reasked[];
  /** Those whose posts show removed content until then. */
  readonly hide: readonly Reasked[];
}

/** Applies a plan to memory, before the answer. The work is sliced, so that the event loop stays free. */
export async function nextMemory(
  ports: Pick<TurnPorts, "model" | "budget" | "clock" | "platforms" | "retentionDays">,
  start: {
    readonly before: ConversationMemory;
    readonly location: ConversationLocation;
    readonly plan: RememberingPlan;
    readonly backfill: Backfill | undefined;
    readonly syncedRevision: number;
  },
): Promise<Remembered> {
  const { countTokens } = ports.model;
  const { backfill, syncedRevision } = start;
  const nowMs = ports.clock.nowMs();
  const plan = addExpiry(start.plan, start.before, retainedFromMs(ports, nowMs));
  const { platform, place } = start.location;
  const naming = { countTokens, botName: ports.platforms.get(platform)?.botNameIn?.(place) };
  const opened = advanceRevision(openMemory(start.before, plan, nowMs), start.location, nowMs);
  const seeded = await addBackfill(opened, backfill, { ...naming, nowMs });
  const followed = await applyChanges(seeded, plan.changes, countTokens);
  const {
    memory: followedUp,
    removedIds: gone,
    postsToRetract,
    questionsToReask: again,
    answersToHide: hide,
  } = followed;
  const fromMs = retainedFromMs(ports, nowMs);
  const recorded = dropErasedRecords(followedUp, fromMs);
  const kept = dropErasedFeedback(recorded, { before: start.before, goneIds: gone, fromMs });
  const said = await addMessages(kept, plan.said, naming);
  const { memory: titled, ...title } = retitle(opened, said, plan);
  const memory = fitWindow(titled, { budget: ports.budget, countTokens, syncedRevision, nowMs });
  const changed = plan.changes.flatMap(
    (change) => memoryChangeOf(change).noLongerQuoted?.(change, memory) ?? [],
  );
  const isUnnamed = plan.changes.some((change) => memoryChangeOf(change).removesName)
    ? ({ isUnnamed: true } as const)
    : {};
  return { memory, traces: { gone, changed, ...title, ...isUnnamed }, postsToRetract, again, hide };
}

/** What the plan does to memory besides its messages and changes. */
function openMemory(before: ConversationMemory, plan: RememberingPlan, nowMs: number): ConversationMemory {
  const told = plan.kind === "listen" ? rememberTold(before, plan.tell ?? [], nowMs) : before;
  return closeQuestions(told, plan);
}

interface Naming {
  readonly countTokens: CountTokens;
  /** See Platform. */
  readonly botName: string | undefined;
}

async function addBackfill(
  before: ConversationMemory,
  backfill: Backfill | undefined,
  { nowMs, ...naming }: Naming & { readonly nowMs: number },
): Promise<ConversationMemory> {
  if (backfill === undefined) return before;
  if ("unseeded" in backfill) return { ...before, unseeded: backfill.unseeded };
  const { unseeded: _, ...rest } = await addMessages(before, backfill.messages, naming);
  return { ...rest, seededAtMs: nowMs };
}

/** Adds an expiry of messages whose retention ended since the last turn. */
function addExpiry(plan: RememberingPlan, before: ConversationMemory, beforeMs: number): RememberingPlan {
  const { conversation, platform, place, messages, summary } = before;
  const isOld = ({ saidAtMs }: { readonly saidAtMs: number }): boolean => saidAtMs < beforeMs;
  const hasOld = messages.some(isOld) || summary?.lines.some(({ cites }) => cites.some(isOld)) === true;
  if (!hasOld) return plan;
  const dedupeId = `expired:${conversation}:${beforeMs}`;
  const expired: Change = { kind: "expired", conversation, dedupeId, platform, place, beforeMs };
  return { ...plan, changes: [expired, ...plan.changes] };
}

/** A question of the bot is open only while it is the bot's last message to that person. */
function closeQuestions(before: ConversationMemory, plan: RememberingPlan): ConversationMemory {
  const { asked = [], ...rest } = before;
  if (asked.length === 0 || plan.kind === "changes") return before;
  const heard = new Set(plan.said.map(({ author }) => author.id));
  if (plan.kind === "command") heard.add(plan.command.by.id);
  else if (plan.kind !== "listen") return rest;
  const open = asked.filter(({ by }) => !heard.has(by));
  return open.length === 0 ? rest : { ...rest, asked: open };
}

/** Tokens are counted in slices of this size: about 15 ms for the worst text. */
const charsPerSlice = 4_000;
const messagesPerSlice = 20;

async function addMessages(
  before: ConversationMemory,
  said: readonly Message[],
  { countTokens, botName }: Naming,
): Promise<ConversationMemory> {
  const pause = yielding();
  let memory = before;
  for (let first = 0; first < said.length;) {
    let next = first;
    const last = first + messagesPerSlice;
    for (let chars = 0; next < Math.min(said.length, last) && chars < charsPerSlice; next += 1)
      chars += said[next]?.text.length ?? 0;
    memory = appendMessages(memory, said.slice(first, next), countTokens, botName);
    first = next;
    await pause();
  }
  return memory;
}
