import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { InboxEntry } from "../../domain/inbound.ts";
import type { MessageId, PostId, TurnId } from "../../domain/message.ts";
import type { Turn } from "../../domain/turn.ts";
import type { AnswerAccount, TurnRecord } from "../../domain/turn-record.ts";
import { replyIdOf } from "../memory/append.ts";
import { turnRecord } from "../records/turn-record.ts";
import type { AnswerPlan, CommandPlan, LatePlan, StopPlan } from "../planning/plan.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

type RecordPorts = Pick<TurnPorts, "clock" | "settingsVersion">;

interface AnsweredTurn {
  /** As last saved. */
  readonly turn: Turn;
  readonly plan: AnswerPlan | LatePlan | StopPlan;
  readonly covers: readonly MessageId[];
  readonly posts: readonly PostId[];
  readonly replaces: TurnId | undefined;
}

/** The record of a turn that answered a question. `memory`: with the reply. */
export function recordOfAnswer(
  { clock, settingsVersion }: RecordPorts,
  memory: ConversationMemory,
  { turn, plan, covers, posts, replaces }: AnsweredTurn,
): TurnRecord {
  const { message } = plan.question;
  return turnRecord(memory, {
    turn,
    purpose: "answer",
    account: accountOf(turn),
    author: message.author.id,
    trigger: message.id,
    covers,
    replyId: turn.answer === undefined ? undefined : replyIdOf(posts, turn.id),
    replaces,
    askedAtMs: plan.kind === "answer" ? plan.askedAtMs : message.saidAtMs,
    settingsVersion,
    finishedAtMs: clock.nowMs(),
  });
}

/** The record of a turn that ran a command. `account`: of this attempt. */
export function recordOfCommand(
  { clock, settingsVersion }: RecordPorts,
  memory: ConversationMemory,
  {
    turn,
    plan: { command },
    account,
    posts,
  }: {
    readonly turn: Turn;
    readonly plan: Pick<CommandPlan, "command">;
    readonly account: AnswerAccount;
    readonly posts: readonly PostId[];
  },
): TurnRecord {
  return turnRecord(memory, {
    turn,
    purpose: "command",
    // That of the attempt that made the answer.
    account: turn.account ?? account,
    author: command.by.id,
    command: command.name,
    trigger: command.message,
    replyId: turn.answer === undefined ? undefined : replyIdOf(posts, turn.id),
    askedAtMs: command.saidAtMs,
    settingsVersion,
    finishedAtMs: clock.nowMs(),
  });
}

/** The record of a turn that was given up. */
export function recordOfFailed(
  { clock, settingsVersion }: RecordPorts,
  memory: ConversationMemory,
  {
    turn,
    entries,
    said,
    replyId,
  }: {
    readonly turn: Turn;
    readonly entries: readonly InboxEntry[];
    readonly said: readonly MessageId[];
    readonly replyId: MessageId | undefined;
  },
): TurnRecord {
  const last = entries.findLast(({ inbound: { kind } }) => kind === "said" || kind === "commanded");
  const base = {
    turn,
    account: { ...accountOf(turn), outcome: "given-up" },
    covers: said,
    replyId,
    settingsVersion,
    finishedAtMs: clock.nowMs(),
  } as const;
  const askedAtMs = last === undefined ? {} : { askedAtMs: last.acceptedAtMs };
  if (last?.inbound.kind === "commanded") {
    const { name: command, by, message: trigger } = last.inbound;
    return turnRecord(memory, { ...base, ...askedAtMs, purpose: "command", command, author: by.id, trigger });
  }
  const asked = last?.inbound.kind === "said" ? last.inbound.message : undefined;
  const by = asked === undefined ? {} : { author: asked.author.id, trigger: asked.id };
  return turnRecord(memory, { ...base, ...askedAtMs, ...by, purpose: "answer" });
}

/** Missing in journals of an older version. */
function accountOf({ account }: Turn): AnswerAccount {
  return account ?? { outcome: "answered", steps: [] };
}
