import type { CommandDefinition } from "../../domain/command.ts";
import { cancelChoice } from "../../domain/offer.ts";
import type { CommandInbound } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Lease, Turn } from "../../domain/turn.ts";
import { ArchiveError } from "../../ports/archive.ts";
import { ModelError } from "../../ports/model.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { Finish } from "../../ports/journal.ts";
import { answerPublicly, answerPrivately } from "./answer-command.ts";
import { limitReached, archiveIsAway } from "../text/user-messages.ts";
import { modelErrorMessage } from "../text/model-error-message.ts";
import { parseArgument, usageOf } from "../command/parse-argument.ts";
import { writtenCommands, type CommandPrompt, type CommandResult } from "../command/command.ts";
import { addPending } from "./confirmation.ts";
import { isForgotten } from "./finish-after-erasure.ts";
import { similarCommand } from "../command/similar-command.ts";
import { refusalOf } from "../command/permission.ts";
import type { CommandPlan } from "./plan-turn.ts";
import { replyIdOf, appendReply } from "../memory/append.ts";
import type { Remembered } from "./next-memory.ts";
import { askWithinLimits } from "../agent/ask-within-limits.ts";
import { finishUnannounced } from "./notify-unannounced.ts";
import { notifyAnswerLost } from "./notify-unanswered.ts";
import { type TurnPorts } from "./turn-ports.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { platformFor } from "../reply/platform-for.ts";
import { LimitError } from "../usage/limits.ts";
import type { PostId } from "../../domain/message.ts";

/** A private answer is not retried for longer: the person has asked again by then. */
const privateRetryForMs = 2 * 60_000;

/** A command and everything that its turn starts from. */
export interface CommandStart {
  readonly lease: Lease;
  readonly turn: Turn;
  readonly plan: CommandPlan;
  readonly remembered: Remembered;
}

/** Runs one command and finishes its turn. The answer is shown before the finish: twice is better than never. */
export async function runCommandTurn(
  ports: TurnPorts,
  start: CommandStart,
  signal: AbortSignal,
): Promise<void> {
  const { lease, plan, turn } = start;
  const platform = platformFor(ports, turn.replyTo.platform);
  const reply = new ReplyWriter({ ...ports, platform }, lease, turn, []);
  const result = await resultOf(ports, start, signal);
  try {
    if (result?.isShared === false) await answerPrivately(ports, { reply, plan, result }, signal);
    else
      await answerPublicly(
        ports,
        { reply, plan, result: result ?? { say: turn.answer ?? "", isShared: true } },
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
  }
  const posts = reply.turn.posts.flatMap((post) => post.id ?? []);
  await ports.journal.finish(lease, finishOf(ports, start, { result, turn: reply.turn, posts }), signal);
  const covers = plan.command.message === undefined ? [] : [plan.command.message];
  platform.turnFinished?.(turn.replyTo, { turn: turn.id, text: reply.turn.answer ?? "", covers });
  const { name, by } = plan.command;
  ports.log.info({ turn: turn.id, command: name, by: by.id, changes: changeOf(result) }, "command finished");
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
  if (answer === undefined) return run(ports, start, signal);
  if (ports.commands.get(start.plan.command.name)?.isRepeatable !== true) return undefined;
  return { ...(await run(ports, start, signal)), say: answer, isShared: true };
}

/** What happened to memory, for the log. */
function changeOf(result: CommandResult | undefined): "erased" | "changed" | "nothing" {
  if (result?.erase === true) return "erased";
  return result?.memory === undefined ? "nothing" : "changed";
}

interface CommandEnd {
  readonly result: CommandResult | undefined;
  /** As last saved. */
  readonly turn: Turn;
  readonly posts: readonly PostId[];
}

function finishOf(
  ports: Pick<TurnPorts, "model" | "commands" | "clock">,
  { plan, remembered }: CommandStart,
  end: CommandEnd,
): Finish {
  const { covers, command } = plan;
  const { result, posts } = end;
  const shared = rememberShared(ports, result?.memory ?? remembered.memory, end);
  const asks = result?.asks && { by: command.by.id, ...result.asks, atMs: ports.clock.nowMs() };
  const memory = asks === undefined ? shared : { ...shared, asked: addPending(shared.asked ?? [], asks) };
  // The announcement names the person, so it is erased too.
  if (result?.erase === true) return { covers, posts: [], erase: true, memory: result.memory ?? memory };
  // A command about a place leaves no conversation behind.
  const { concerns } = ports.commands.get(command.name)?.definition ?? {};
  if (concerns === "place" && memory.nextOrdinal === 1 && memory.asked === undefined)
    return { covers, posts: [], erase: true };
  const title = result?.title === undefined ? {} : { title: result.title };
  // An erased conversation must not be listed again.
  if (isForgotten(memory) && memory.asked === undefined) return { covers, posts: [], erase: true, memory };
  return { ...remembered.traces, ...title, covers, posts, memory };
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
  const notice = { id, role: "notice", text, answers: [], saidAtMs: clock.nowMs(), posts, sources } as const;
  // A public answer closes all open questions.
  const { asked: _, ...rest } = memory;
  return appendReply(rest, notice, model.countTokens);
}

async function run(
  ports: TurnPorts,
  { plan, remembered: { memory } }: CommandStart,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { command } = plan;
  const runner = ports.commands.get(command.name);
  const argument = runner === undefined ? undefined : parseArgument(runner.definition, command.argument);
  if (runner === undefined || argument === undefined)
    return notUnderstood(ports, command, runner?.definition);
  const platform = platformFor(ports, command.replyTo.platform);
  const need = runner.needs(argument);
  const refusal = await refusalOf({ ...ports, platform }, { command, need, memory }, signal);
  if (refusal !== undefined) return { say: refusal, isShared: false };
  const ask = askingWith(ports, command, signal);
  try {
    return await runner.run({ ports: { ...ports, platform }, command, argument, memory, ask }, signal);
  } catch (error) {
    if (error instanceof LimitError) {
      return { say: limitReached(error.limit, ports.clock.nowMs()), isShared: false };
    }
    if (!(error instanceof ModelError || error instanceof ArchiveError)) throw error;
    const reference = ports.ids.reference();
    ports.log.error({ err: error, reference, command: command.name }, "could not run a command");
    const say = error instanceof ModelError ? modelErrorMessage(error, reference) : archiveIsAway(reference);
    return { say, isShared: false };
  }
}

/** A mistyped command never runs as a guess: the bot asks, and a "yes" runs it. */
function notUnderstood(
  { commands }: Pick<TurnPorts, "commands">,
  command: CommandInbound,
  definition: CommandDefinition | undefined,
): CommandResult {
  const definitions = writtenCommands(commands);
  const nearest = similarCommand(command, definitions);
  if (nearest === undefined) {
    const say =
      definition === undefined
        ? `I don't know the command \`/${command.name}\`. \`help\` lists what I can do.`
        : hintFor(definition, command.argument);
    return { say, isShared: false };
  }
  const [name = "", ...words] = nearest.split(" ");
  const usage = definition === undefined ? "" : `\n${hintFor(definition, command.argument)}`;
  const asks = { name, argument: words.join(" ") };
  return {
    say: `Did you mean \`${nearest}\`? Nothing has been done yet.${usage}`,
    isShared: false,
    asks,
    offers: {
      choices: [{ label: `Yes, ${nearest}`, ...asks }, cancelChoice],
      orElse: "Reply `yes`, or write it again.",
    },
  };
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

function hintFor(definition: CommandDefinition, argument: string): string {
  const { name, options, text } = definition;
  if (argument === "" && text?.whenMissing !== undefined) return text.whenMissing;
  const typed = argument.length <= 100 ? argument : `${argument.slice(0, 100).toWellFormed()}…`;
  const what =
    argument === "" ? `\`/${name}\` needs something after it.` : `\`/${name}\` doesn't know “${typed}”.`;
  const words = options.map(({ word, description }) => `\n- \`${word}\`: ${description}`);
  const free = text === undefined ? "" : `\n- ${text.name}: ${text.description}`;
  const takes =
    words.length === 0 && free === ""
      ? " It takes no options."
      : ` Use it like this: ${usageOf(definition)}.`;
  return `${what}${takes}${free}${words.join("")}`;
}
