import type { Approval } from "../../domain/approval.ts";
import type { AnswerAccount } from "../../domain/turn-record.ts";
import { openRequest, withRequest, type ToolRound } from "../../domain/tool-round.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { textOf } from "../agent/round-texts.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { AwaitingApprovalError, isSeen } from "../recovery/wait-for-approval.ts";
import { requestActions } from "../reply/request-actions.ts";
import type { ReplyWriter } from "../reply/reply-writer.ts";
import { requestOver, requestText } from "../text/approval-messages.ts";

/** A request of the agent. */
interface Request {
  readonly approval: Approval;
  readonly rounds: readonly ToolRound[];
  /** How the answer came about so far. */
  readonly account: AnswerAccount;
}

/** Journals a request, shows it with its buttons, and ends the attempt. @throws {AwaitingApprovalError}, {PlatformError} */
export async function requestApproval(
  ports: Pick<TurnPorts, "clock" | "platforms">,
  reply: ReplyWriter,
  { approval, rounds, account }: Request,
  signal: AbortSignal,
): Promise<never> {
  await reply.saveTurn({ rounds, account }, signal);
  if (reply.turn.request !== approval.id || !isSeen(ports, reply.turn))
    await showRequest(ports, reply, { approval, rounds }, signal);
  throw new AwaitingApprovalError(openRequest(reply.turn.rounds)?.expiresAtMs ?? approval.expiresAtMs);
}

/** Saves that the request is shown after it is shown. Its time starts when that happens first. */
async function showRequest(
  { clock }: Pick<TurnPorts, "clock">,
  reply: ReplyWriter,
  { approval, rounds }: Pick<Request, "approval" | "rounds">,
  signal: AbortSignal,
): Promise<void> {
  const { id, askedAtMs, expiresAtMs } = approval;
  const shown = { text: textOf(rounds), line: requestText(approval), actions: requestActions(id) };
  await reply.showUnder(shown, signal);
  const nowMs = clock.nowMs();
  const times = { askedAtMs: nowMs, expiresAtMs: nowMs + expiresAtMs - askedAtMs, wasShown: true } as const;
  const change = approval.wasShown === true ? {} : times;
  await reply.saveTurn({ request: id, rounds: withRequest(rounds, id, change) }, signal);
}

/**
 * Replaces a shown request that is over by a line, so that its buttons vanish before the call or the model takes its time.
 * A failure is left to the answer, which replaces the request too.
 */
export async function endRequest(
  { log, clock }: Pick<TurnPorts, "log" | "clock">,
  reply: ReplyWriter,
  rounds: readonly ToolRound[],
  signal: AbortSignal,
): Promise<void> {
  const { request } = reply.turn;
  if (request === undefined) return;
  const asked = rounds
    .flatMap(({ calls }) => calls)
    .flatMap(({ approval }) => (approval?.id === request ? [approval] : []))[0];
  const isOpen = asked?.answer === undefined && asked !== undefined && clock.nowMs() < asked.expiresAtMs;
  if (isOpen) return;
  try {
    await reply.showUnder({ text: textOf(rounds), line: requestOver(asked) }, signal);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    log.warn({ err: error, kind: error.kind }, "a request that is over could not be replaced yet");
  }
}
