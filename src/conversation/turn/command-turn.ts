import type { CommandInbound } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Lease, Turn } from "../../domain/turn.ts";
import { ArchiveError } from "../../ports/archive.ts";
import { ModelError } from "../../ports/model.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { Finish } from "../../ports/journal.ts";
import { answerPublicly, answerPrivately } from "./answer-command.ts";
import { eraseLateFiles } from "../files/erase-files.ts";
import { limitReached, archiveIsAway } from "../text/user-messages.ts";
import { modelErrorMessage } from "../text/model-error-message.ts";
import { parseArgument } from "../command/parse-argument.ts";
import type { CommandPrompt, CommandResult } from "../command/command.ts";
import { addPending } from "../planning/confirmation.ts";
import { isForgotten } from "../remembering/finish-after-erasure.ts";
import { mistypedCommand } from "./mistyped-command.ts";
import { refusalOf } from "../command/permission.ts";
import type { CommandPlan } from "../planning/plan.ts";
import { replyIdOf, appendReply } from "../memory/append.ts";
import type { Remembered } from "../remembering/next-memory.ts";
import { askWithinLimits } from "../agent/ask-within-limits.ts";
import { finishUnannounced } from "../recovery/notify-unannounced.ts";
import { notifyAnswerLost } from "../recovery/notify-unanswered.ts";
import { type TurnPorts } from "../planning/turn-ports.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { AnswerObserver } from "../records/answer-observer.ts";
import { addRecord } from "../records/turn-record.ts";
import { recordOfCommand } from "../remembering/record-of-turn.ts";
import { platformFor } from "../reply/platform-for.ts";
import { LimitError } from "../usage/limits.ts";
import type { PostId } from "../../domain/message.ts";

/** A private answer is not retried for longer: the person has asked again by then. */
const privateRetryForMs = 2 * 60_000;

/** A command and everything that its turn starts from. */
interface CommandTurn {
  readonly lease: Lease;
  readonly turn: Turn;
  readonly plan: CommandPlan;
  readonly remembered: Remembered;
}

/** A command that runs now. */
export interface CommandStart extends CommandTurn {
  /** Observes how its answer comes about. */
  readonly observer: AnswerObserver;
}

/** Runs one command and finishes its turn. The answer is shown before the finish: twice is better than never. */
export async function runCommandTurn(
  ports: TurnPorts,
  commandTurn: CommandTurn,
  signal: AbortSignal,
): Promise<void> {
  const start = { ...commandTurn, observer: new AnswerObserver(ports) };
  const { lease, plan, turn, observer } = start;
  const platform = platformFor(ports, turn.replyTo.platform);
  const reply = new ReplyWriter({ ...ports, platform }, lease, turn, []);
  let result = await resultOf(ports, start, signal);
  // No "yes" to it can come before.
  const askedAtMs = ports.clock.nowMs();
  try {
    if (result?.isShared === false) await answerPrivately(ports, { reply, plan, result }, signal);
    else
      await answerPublicly(
        ports,
        { reply, plan, result: result ?? { say: turn.answer ?? "", isShared: true }, observer },
        signal,
      );
  } catch (error) {
    if (!(error instanceof PlatformError) || isWorthRetrying(ports, start, error, result)) throw error;
    ports.log.error(
      { err: error, kind: error.kind, command: plan.command.name, reference: ports.ids.reference() },
      "could not show the answer to a command",
    );
    if (result?.isShared === true) return finishUnannounced(ports, start, result, signal);
    await notifyAnswerLost(ports, plan.command, error, signal);
    result = result && withoutQuestion(result);
  }
  if (result?.files !== undefined) await eraseLateFiles(ports, lease, signal);
  const posts = reply.turn.posts.flatMap((post) => post.id ?? []);
  const end = { result, askedAtMs, turn: reply.turn, posts };
  await ports.journal.finish(lease, finishOf(ports, start, end), signal);
  const covers = plan.command.message === undefined ? [] : [plan.command.message];
  platform.turnFinished?.(turn.replyTo, { turn: turn.id, text: reply.turn.answer ?? "", covers });
  const { name, by } = plan.command;
  ports.log.info({ turn: turn.id, command: name, by: by.id, changes: changeOf(result) }, "command finished");
}

/** A question that its person has not seen takes no "yes". */
export function withoutQuestion(result: CommandResult): CommandResult {
  const { asks: _, ...rest } = result;
  return rest;
}

/** A public answer is saved and can be continued at any time. A private one has to be made again. */
export function isWorthRetrying(
  { clock }: Pick<TurnPorts, "clock">,
  { plan }: Pick<CommandStart, "plan">,
  error: PlatformError,
  result: CommandResult | undefined,
): boolean {
  if (!error.isPassing) return false;
  return result?.isShared !== false || clock.nowMs() - plan.command.saidAtMs < privateRetryForMs;
}

/**
 * The result of a command. An answer saved before a crash is kept; its changes are computed again if that needs no model.
 * Undefined: the answer was saved, and nothing else is to be done.
 */
export async function resultOf(
  ports: TurnPorts,
  start: CommandStart,
  signal: AbortSignal,
): Promise<CommandResult | undefined> {
  const { answer } = start.turn;
  if (answer === undefined) return runCommand(ports, start, signal);
  if (ports.commands.get(start.plan.command.name)?.isRepeatable !== true) return undefined;
  return { ...(await runCommand(ports, start, signal)), say: answer, isShared: true };
}

/** What happened to memory, for the log. */
function changeOf(result: CommandResult | undefined): "erased" | "changed" | "nothing" {
  if (result?.erase === true) return "erased";
  return result?.memory === undefined ? "nothing" : "changed";
}

interface CommandEnd {
  readonly result: CommandResult | undefined;
  /** Before the result was shown. */
  readonly askedAtMs: number;
  /** As last saved. */
  readonly turn: Turn;
  readonly posts: readonly PostId[];
}

function finishOf(
  ports: Pick<TurnPorts, "model" | "commands" | "clock" | "settingsVersion">,
  { plan, remembered, observer }: CommandStart,
  end: CommandEnd,
): Finish {
  const { covers, command } = plan;
  const { result, askedAtMs, posts } = end;
  const shared = rememberShared(ports, result?.memory ?? remembered.memory, end);
  const asks = result?.asks && { by: command.by.id, ...result.asks, atMs: askedAtMs };
  const memory = asks === undefined ? shared : { ...shared, asked: addPending(shared.asked ?? [], asks) };
  // The announcement names the person, so it is erased too.
  if (result?.erase === true) return { covers, posts: [], erase: true, memory: result.memory ?? memory };
  // A command about a place or a person leaves no conversation behind.
  const { scope } = ports.commands.get(command.name)?.definition ?? {};
  if (
    scope !== undefined &&
    scope !== "conversation" &&
    memory.nextOrdinal === 1 &&
    memory.asked === undefined
  )
    return { covers, posts: [], erase: true };
  const title = result?.title === undefined ? {} : { title: result.title };
  // An erased conversation must not be listed again.
  if (isForgotten(memory) && memory.asked === undefined) return { covers, posts: [], erase: true, memory };
  const record = recordOfCommand(ports, memory, { ...end, plan, account: observer.account() });
  return { ...remembered.traces, ...title, covers, posts, memory: addRecord(memory, record) };
}

/** Remembers a public answer with its sources, so that it is removed with them. The model does not see it. */
function rememberShared(
  { clock, model }: Pick<TurnPorts, "model" | "clock">,
  memory: ConversationMemory,
  { turn, posts }: CommandEnd,
): ConversationMemory {
  if (turn.answer === undefined) return memory;
  const { answer: text, sources = [] } = turn;
  const id = replyIdOf(posts, turn.id);
  const notice = {
    id,
    role: "notice",
    text,
    answers: [],
    saidAtMs: clock.nowMs(),
    posts,
    sources,
    turnId: turn.id,
  } as const;
  // A public answer closes all open questions.
  const { asked: _, ...rest } = memory;
  return appendReply(rest, notice, model.countTokens);
}

/** Checks the person's rights and runs the command. What keeps it from running becomes its result. */
export async function runCommand(
  ports: TurnPorts,
  { plan, remembered: { memory }, observer }: CommandStart,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { command } = plan;
  const runner = ports.commands.get(command.name);
  const argument = runner === undefined ? undefined : parseArgument(runner.definition, command.argument);
  if (runner === undefined || argument === undefined)
    return mistypedCommand(ports, command, runner?.definition);
  const platform = platformFor(ports, command.replyTo.platform);
  const need = runner.needs(argument);
  const refusal = await refusalOf({ ...ports, platform }, { command, need, memory }, signal);
  if (refusal !== undefined) return { say: refusal, isShared: false };
  const ask = askingWith({ ...ports, model: observer.model }, command, signal);
  try {
    return await runner.run({ ports: { ...ports, platform }, command, argument, memory, ask }, signal);
  } catch (error) {
    if (error instanceof LimitError) {
      observer.end("limited", error.limit);
      return { say: limitReached(error.limit, ports.clock.nowMs()), isShared: false };
    }
    if (!(error instanceof ModelError || error instanceof ArchiveError)) throw error;
    observer.end("failed", error instanceof ModelError ? error.kind : "archive");
    const reference = ports.ids.reference();
    ports.log.error({ err: error, reference, command: command.name }, "could not run a command");
    const say = error instanceof ModelError ? modelErrorMessage(error, reference) : archiveIsAway(reference);
    return { say, isShared: false };
  }
}

/** Charges each model call to the person. The first call of a summary counts as the summary. */
function askingWith(
  ports: Pick<TurnPorts, "model" | "usage" | "clock" | "log" | "limits">,
  { conversation, platform, place, by, name }: CommandInbound,
  signal: AbortSignal,
): (prompt: CommandPrompt) => Promise<string> {
  let isFirst = true;
  return async (asked) => {
    const isSummary = isFirst && name === "summary" ? ({ isSummary: true } as const) : {};
    const payer = { conversation, platform, place, person: by.id, ...isSummary };
    const prompt = { purpose: "command", payer, ...asked } as const;
    const { text } = await askWithinLimits(ports, prompt, signal);
    isFirst = false;
    return text;
  };
}
