import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { CommandInbound, InboxEntry } from "../../domain/inbound.ts";
import type { Delegated } from "../../domain/own-inbounds.ts";
import type { Lease, Turn } from "../../domain/turn.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { CommandResult } from "../command/command.ts";
import { emptyMemory } from "../memory/new-memory.ts";
import { AnswerObserver } from "../records/answer-observer.ts";
import { platformFor } from "../reply/platform-for.ts";
import { sendAnswer } from "./answer-command.ts";
import { isWorthRetrying, runCommand, withoutQuestion } from "./command-turn.ts";
import { notifyAnswerLost } from "../recovery/notify-unanswered.ts";
import { placeholderTurn } from "../recovery/placeholder-turn.ts";
import type { CommandPlan } from "../planning/plan.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

interface PersonalRun {
  readonly lease: Lease;
  readonly running: Turn | undefined;
  readonly entry: InboxEntry & { readonly inbound: Delegated };
}

/**
 * Runs a command from its person's command inbox, beside the turns of all conversations. It leaves no conversation behind.
 * Where the bot has asked the person something, it runs as a turn of that conversation instead.
 * The answer is shown before the finish, so after a crash it may be shown twice, and is never lost.
 */
export async function runPersonalCommand(
  ports: TurnPorts,
  { lease, running, entry }: PersonalRun,
  signal: AbortSignal,
): Promise<void> {
  const { command } = entry.inbound;
  const covers = [entry.id];
  const turn: Turn = { ...(running ?? placeholderTurn(ports, lease, [entry])), covers };
  const platform = platformFor(ports, command.replyTo.platform);
  const plan: CommandPlan = { kind: "command", command, covers, changes: [], said: [] };
  const there = command.isOutside === true ? undefined : await memoryOf(ports, command, signal);
  if (there?.asked?.some(({ by }) => by === command.by.id) === true)
    return runInConversation(ports, { lease, entry }, signal);
  const memory = memoryFor(entry.inbound, there);
  const remembered = { memory, traces: {}, postsToRetract: [], again: [], hide: [] };
  const observer = new AnswerObserver(ports);
  const result = await runCommand(ports, { lease, turn, plan, remembered, observer }, signal);
  // No "yes" to it can come before.
  const askedAtMs = ports.clock.nowMs();
  const shown = await show(ports, plan, result, signal);
  await saveQuestion(ports, command, { ...shown, askedAtMs }, signal);
  await ports.journal.finish(lease, { covers, posts: [] }, signal);
  const answered = command.message === undefined ? [] : [command.message];
  platform.turnFinished?.(command.replyTo, { turn: turn.id, text: "", covers: answered });
  ports.log.info({ turn: turn.id, command: command.name, by: command.by.id }, "command finished");
}

async function memoryOf(
  { memories }: Pick<TurnPorts, "memories">,
  { conversation }: CommandInbound,
  signal: AbortSignal,
): Promise<ConversationMemory | undefined> {
  return (await memories.read(conversation, signal)).memory;
}

/** No messages, but the speakers of the conversation in which it was given: some rights depend on them. */
function memoryFor(
  { conversation, command }: Delegated,
  there: ConversationMemory | undefined,
): ConversationMemory {
  const empty = emptyMemory(conversation, { platform: command.platform, place: command.place });
  return { ...empty, speakers: there?.speakers ?? [] };
}

/** The bot has asked the person something there: the command closes that question, so that no later "yes" is for it. */
async function runInConversation(
  { inbox, journal, clock, scheduleIn }: Pick<TurnPorts, "inbox" | "journal" | "clock" | "scheduleIn">,
  { lease, entry }: Pick<PersonalRun, "lease" | "entry">,
  signal: AbortSignal,
): Promise<void> {
  const { command } = entry.inbound;
  const again = { ...command, dedupeId: `${command.dedupeId}:there` };
  await inbox.accept(again, clock.nowMs(), signal);
  await journal.finish(lease, { covers: [entry.id], posts: [] }, signal);
  scheduleIn(command.conversation, 0);
}

/** Resolves to what was shown of the result. @throws {PlatformError} if it is worth another try. */
async function show(
  ports: Pick<TurnPorts, "platforms" | "clock" | "ids" | "log">,
  plan: CommandPlan,
  result: CommandResult,
  signal: AbortSignal,
): Promise<CommandResult> {
  try {
    await sendAnswer(ports, plan.command, result, signal);
    return result;
  } catch (error) {
    if (!(error instanceof PlatformError) || isWorthRetrying(ports, { plan }, error, result)) throw error;
    const facts = {
      err: error,
      kind: error.kind,
      command: plan.command.name,
      reference: ports.ids.reference(),
    };
    ports.log.error(facts, "could not show the answer to a command");
    await notifyAnswerLost(ports, plan.command, error, signal);
    return withoutQuestion(result);
  }
}

/** A question is open only while it is the bot's last answer to that person. */
async function saveQuestion(
  { confirmations }: Pick<TurnPorts, "confirmations">,
  { platform, by }: CommandInbound,
  { asks, askedAtMs: atMs }: Pick<CommandResult, "asks"> & { readonly askedAtMs: number },
  signal: AbortSignal,
): Promise<void> {
  if (asks === undefined) await confirmations.drop(platform, by.id, signal);
  else await confirmations.put(platform, { by: by.id, ...asks, atMs }, signal);
}
