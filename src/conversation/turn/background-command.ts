import { backgroundInboxOf } from "../../domain/conversation.ts";
import type { CommandInbound, InboxEntry } from "../../domain/inbound.ts";
import type { Announced, Delegated } from "../../domain/own-inbounds.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Interruption, Lease, Turn } from "../../domain/turn.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { InterruptedError } from "../../ports/turn-scheduler.ts";
import { typedName } from "../command/typed-name.ts";
import { tookTooLong, wasStopped } from "../text/user-messages.ts";
import { placeholderTurn } from "../recovery/placeholder-turn.ts";
import type { CommandPlan } from "../planning/plan.ts";
import { replyIdOf } from "../memory/append.ts";
import type { Remembered } from "../remembering/next-memory.ts";
import { answerPublicly, answerPrivately } from "./answer-command.ts";
import { isWorthRetrying, resultOf } from "./command-turn.ts";
import { type TurnPorts } from "../planning/turn-ports.ts";
import { notifyUnannounced } from "../recovery/notify-unannounced.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { AnswerObserver } from "../records/answer-observer.ts";
import { recordedInbound } from "../inbounds/recorded.ts";
import { recordOfCommand } from "../remembering/record-of-turn.ts";
import { platformFor } from "../reply/platform-for.ts";
import { takePersonSlot } from "../usage/personal-slots.ts";

/** Longer than the longest conversation takes. The person is told when it ends. */
const maxDurationMs = 10 * 60_000;

/** Whether a command runs in the background, because it only reads and may take long. */
export function runsInBackground(
  { commands }: Pick<TurnPorts, "commands">,
  { name }: CommandInbound,
): boolean {
  return commands.get(name)?.runsInBackground === true;
}

/** Moves a command to the background inbox of its conversation. Idempotent. */
export async function delegateCommand(
  ports: Pick<TurnPorts, "accept" | "journal">,
  {
    lease,
    plan,
    remembered,
  }: { readonly lease: Lease; readonly plan: CommandPlan; readonly remembered: Remembered },
  signal: AbortSignal,
): Promise<void> {
  const { command, covers } = plan;
  const { conversation, dedupeId } = command;
  const { memory, traces } = remembered;
  const delegated: Delegated = {
    kind: "delegated",
    conversation: backgroundInboxOf(conversation),
    dedupeId: `beside:${dedupeId}`,
    platform: "",
    place: "",
    command,
    chapter: memory.chapter,
  };
  await ports.accept(delegated, signal);
  await ports.journal.finish(lease, { ...traces, covers, posts: [], memory }, signal);
}

interface BackgroundRun {
  readonly lease: Lease;
  readonly running: Turn | undefined;
  readonly entry: InboxEntry & { readonly inbound: Delegated };
}

/** The first entry, if it is a background command. Undefined: an ordinary inbox. */
export function delegatedIn([first]: readonly InboxEntry[]): BackgroundRun["entry"] | undefined {
  return first?.inbound.kind === "delegated" ? { ...first, inbound: first.inbound } : undefined;
}

/**
 * Runs a background command, which only reads its conversation. Stop, `/reset` and erasures end it. A public answer is
 * announced to the conversation, which remembers it. Uses one of the person's slots.
 * @throws {TooManyAtOnceError} if no slot is free.
 */
export async function runBackgroundCommand(
  ports: TurnPorts,
  beside: BackgroundRun,
  signal: AbortSignal,
): Promise<void> {
  const { id, inbound } = beside.entry;
  const { platform, by } = inbound.command;
  await using slots = new AsyncDisposableStack();
  slots.use(await takePersonSlot(ports, { platform, person: by.id, turn: `beside:${id}` }, signal));
  await runNow(ports, beside, signal);
}

async function runNow(
  ports: TurnPorts,
  { lease, running, entry }: BackgroundRun,
  signal: AbortSignal,
): Promise<void> {
  const { command, chapter } = entry.inbound;
  using watch = ports.interruptions.watch(command.conversation);
  watch.limitTo((interruption) => endsCommand(interruption, command));
  const turn: Turn = { ...(running ?? placeholderTurn(ports, lease, [entry])), covers: [entry.id] };
  if (running === undefined) await ports.journal.save(lease, turn, signal);
  const platform = platformFor(ports, command.replyTo.platform);
  const reply = new ReplyWriter({ ...ports, platform }, lease, turn, []);
  const { memory } = await ports.memories.read(command.conversation, signal);
  const plan: CommandPlan = { kind: "command", command, covers: [entry.id], changes: [], said: [] };
  const observer = new AnswerObserver(ports);
  const start = { lease, turn, plan, observer };
  const isOver = memory === undefined || memory.chapter !== chapter;
  const result = isOver
    ? { say: stoppedLine(ports, command), isShared: false }
    : await runUntilStopped(ports, { ...start, memory }, watch.signal, signal);
  try {
    if (result?.isShared === false) await answerPrivately(ports, { reply, plan, result }, signal);
    else
      await answerPublicly(
        ports,
        { reply, plan, result: result ?? { say: turn.answer ?? "", isShared: true }, observer },
        signal,
      );
  } catch (error) {
    if (!(error instanceof PlatformError) || isWorthRetrying(ports, { plan }, error, result)) throw error;
    const facts = { err: error, command: command.name, reference: ports.ids.reference() };
    ports.log.error(facts, "could not show the answer to a command");
    if (result?.isShared === true) await notifyUnannounced(ports, plan, result, signal);
  }
  await announce(ports, command, reply.turn, signal);
  if (memory !== undefined) await recordCommand(ports, memory, { turn: reply.turn, plan, observer }, signal);
  await ports.journal.finish(lease, { covers: [entry.id], posts: [] }, signal);
  platform.turnFinished?.(command.replyTo, { turn: turn.id, text: reply.turn.answer ?? "", covers: [] });
  ports.log.info({ turn: turn.id, command: command.name, by: command.by.id }, "command finished");
}

/** A Stop that names a turn stands under the answer to a question. A change of the message that it is about ends it too. */
function endsCommand(interruption: Interruption, { about }: CommandInbound): boolean {
  if (interruption.kind === "stopped") return interruption.turn === undefined;
  if (interruption.kind === "command") return true;
  return (
    about !== undefined && interruption.message === about.message.id && about.message.author.isApp !== true
  );
}

function stoppedLine({ commands }: Pick<TurnPorts, "commands">, { name }: CommandInbound): string {
  return wasStopped(typedName(commands, name));
}

type Result = Awaited<ReturnType<typeof resultOf>>;

/** Runs the command until it is done, stopped or too slow. */
async function runUntilStopped(
  ports: TurnPorts,
  {
    memory,
    ...start
  }: Pick<BackgroundRun, "lease"> & {
    readonly turn: Turn;
    readonly plan: CommandPlan;
    readonly observer: AnswerObserver;
    readonly memory: ConversationMemory;
  },
  stopped: AbortSignal,
  signal: AbortSignal,
): Promise<Result> {
  const tooLong = AbortSignal.timeout(maxDurationMs);
  const remembered: Remembered = { memory, traces: {}, postsToRetract: [], again: [], hide: [] };
  try {
    return await resultOf(ports, { ...start, remembered }, AbortSignal.any([signal, stopped, tooLong]));
  } catch (error) {
    if (signal.aborted) throw error;
    const { command } = start.plan;
    const reason: unknown = stopped.aborted ? stopped.reason : error;
    // It runs again at once, with the message as it is by now.
    if (reason instanceof InterruptedError && reason.interruption.kind === "question-changed") throw reason;
    if (stopped.aborted || error instanceof InterruptedError)
      return { say: stoppedLine(ports, command), isShared: false };
    if (tooLong.aborted)
      return { say: tookTooLong(typedName(ports.commands, command.name)), isShared: false };
    throw error;
  }
}

/** Sends a public answer to its conversation, to be remembered with its sources. */
async function announce(
  ports: Pick<TurnPorts, "accept" | "clock">,
  command: CommandInbound,
  turn: Turn,
  signal: AbortSignal,
): Promise<void> {
  const { answer: text, sources = [] } = turn;
  const posts = turn.posts.flatMap(({ id }) => id ?? []);
  if (text === undefined || posts.length === 0) return;
  const { conversation, platform, place, dedupeId } = command;
  const announced: Announced = {
    kind: "announced",
    conversation,
    platform,
    place,
    dedupeId: `announced:${dedupeId}`,
    message: replyIdOf(posts, turn.id),
    text,
    posts,
    sources,
    atMs: ports.clock.nowMs(),
    turnId: turn.id,
  };
  await ports.accept(announced, signal);
}

/** Sends the record of the command to its conversation. */
async function recordCommand(
  ports: Pick<TurnPorts, "accept" | "clock" | "settingsVersion">,
  memory: ConversationMemory,
  done: { readonly turn: Turn; readonly plan: CommandPlan; readonly observer: AnswerObserver },
  signal: AbortSignal,
): Promise<void> {
  const posts = done.turn.posts.flatMap(({ id }) => id ?? []);
  const record = recordOfCommand(ports, memory, { ...done, posts, account: done.observer.account() });
  await ports.accept(recordedInbound(record), signal);
}
