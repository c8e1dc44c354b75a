import type { CommandInbound } from "../../domain/inbound.ts";
import type { Turn } from "../../domain/turn.ts";
import type { Offer } from "../../domain/offer.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { TextFile } from "../../ports/platform-private-replies.ts";
import { filesNotGiven } from "../text/user-messages.ts";
import type { CommandResult } from "../command/command.ts";
import type { CommandPlan } from "../planning/plan.ts";
import { splitMarkdown } from "../reply/split-markdown.ts";
import { type TurnPorts } from "../planning/turn-ports.ts";
import { notifyRefused } from "../recovery/notify-unanswered.ts";
import { retry } from "../async/retry.ts";
import type { ReplyWriter } from "../reply/reply-writer.ts";
import type { AnswerObserver } from "../records/answer-observer.ts";
import { platformFor } from "../reply/platform-for.ts";

/** The result of a command, and where it is shown. */
interface CommandAnswer {
  readonly reply: ReplyWriter;
  readonly plan: CommandPlan;
  readonly result: CommandResult;
  /** Has observed how the result came about. */
  readonly observer: AnswerObserver;
}

/** Shows the answer to the person who gave the command. @throws {PlatformError} */
export async function answerPrivately(
  ports: Pick<TurnPorts, "platforms" | "clock" | "ids" | "log">,
  { reply, plan, result }: Omit<CommandAnswer, "observer">,
  signal: AbortSignal,
): Promise<void> {
  // The command may have interrupted an answer, whose posts are still shown.
  await reply.deleteAll(signal);
  await sendAnswer(ports, plan.command, result, signal);
}

/** Sends the answer to the person who gave the command; none if it is empty. @throws {PlatformError} */
export async function sendAnswer(
  ports: Pick<TurnPorts, "platforms" | "clock" | "ids" | "log">,
  command: CommandInbound,
  { say: text, offers, files }: CommandResult,
  signal: AbortSignal,
): Promise<void> {
  const { replyTo, reactedTo: message } = command;
  if (message !== undefined && text === "") return;
  // A person who only reacted gets no post, at most a line of the kind that says why there is none.
  if (message !== undefined) await notifyRefused(ports, replyTo, { text, message }, signal);
  else if (files === undefined) await sendLine(ports, replyTo, { text, offers }, signal);
  else await sendFiles(ports, command, { text, files }, signal);
}

async function sendFiles(
  ports: Pick<TurnPorts, "platforms" | "clock" | "ids" | "log">,
  { replyTo }: CommandInbound,
  given: { readonly text: string; readonly files: readonly TextFile[] },
  signal: AbortSignal,
): Promise<void> {
  const platform = platformFor(ports, replyTo.platform);
  if (platform.sendFilesPrivately === undefined)
    return sendLine(ports, replyTo, { text: "I can't send files here." }, signal);
  try {
    await platform.sendFilesPrivately(replyTo, given, signal);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const reference = ports.ids.reference();
    ports.log.error({ err: error, kind: error.kind, reference }, "files could not be given");
    await sendLine(ports, replyTo, { text: filesNotGiven(reference) }, signal);
  }
}

/** Posts the answer for everyone. @throws {PlatformError} */
export async function answerPublicly(
  ports: Pick<TurnPorts, "platforms" | "clock" | "ids">,
  { reply, plan, result: { say, sources = [], offers }, observer }: CommandAnswer,
  signal: AbortSignal,
): Promise<void> {
  if (say === "") return;
  const from = sources.length === 0 ? {} : { sources };
  if (reply.turn.answer === undefined)
    await reply.saveTurn({ answer: say, ...from, account: observer.account() }, signal);
  await reply.close(say, signal);
  // The platform shows a private "working" state until something answers it.
  if (plan.command.replyTo.expiresAtMs !== undefined) {
    await sendLine(ports, plan.command.replyTo, { text: "Posted for everyone here.", offers }, signal);
  }
}

interface Line {
  readonly text: string;
  readonly offers?: CommandResult["offers"];
}

async function sendLine(
  ports: Pick<TurnPorts, "platforms" | "clock" | "ids">,
  to: Turn["replyTo"],
  { text, offers }: Line,
  signal: AbortSignal,
): Promise<void> {
  const { clock, ids } = ports;
  const platform = platformFor(ports, to.platform);
  const offer: Offer | undefined = offers && { ...offers, id: ids.reference(), atMs: clock.nowMs() };
  await retry(clock, signal, () =>
    platform.sendPrivately(to, splitMarkdown(text, platform.limits.postChars), signal, offer),
  );
}
