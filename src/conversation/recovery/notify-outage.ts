import type { CommandInbound, EntryId, Inbound, InboxEntry, Said } from "../../domain/inbound.ts";
import type { MessageId } from "../../domain/message.ts";
import { coversEntry, type Lease, type Turn, type Wait } from "../../domain/turn.ts";
import { commandWaitsFor } from "../text/user-messages.ts";
import { isPersonal } from "../command/personal-command.ts";
import { reactionTo } from "../addressing/addressing.ts";
import { isOverdue } from "../addressing/is-overdue.ts";
import type { QuestionRules } from "../planning/questions.ts";
import { type TurnPorts } from "../planning/turn-ports.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { platformFor } from "../reply/platform-for.ts";

interface Outage {
  readonly lease: Lease;
  /** See Claim. */
  readonly isShared: boolean;
  readonly waiting: readonly InboxEntry[];
  readonly wait: Wait;
}

/**
 * Shows one line about an outage where the answer will be: the turn's first post, which the answer replaces. Authors of
 * commands are told in private, once. Without memory there is no plan, so the turn record may be created here.
 */
export async function notifyOutage(
  ports: Pick<
    TurnPorts,
    "journal" | "memories" | "platforms" | "commands" | "clock" | "ids" | "log" | keyof QuestionRules
  >,
  { lease, isShared, waiting, wait }: Outage,
  signal: AbortSignal,
): Promise<void> {
  const running = await ports.journal.running(lease, signal);
  // A complete answer is not overwritten.
  if (running?.answer !== undefined) return;
  const question = isGivenAgain(running, waiting)
    ? undefined
    : waiting.flatMap((entry) => questionIn(ports, entry, isShared)).at(-1);
  const commands = waiting.flatMap(({ id, inbound }) => {
    const command = running?.told?.includes(id) === true ? undefined : commandIn(inbound);
    return command === undefined ? [] : [{ id, inbound: command }];
  });
  const first = question ?? commands[0]?.inbound;
  if (first === undefined) return;
  const turn: Turn = running ?? {
    id: ports.ids.turn(),
    conversation: lease.conversation,
    attempt: 0,
    covers: [],
    replyTo: first.replyTo,
    posts: [],
  };
  try {
    const platform = platformFor(ports, turn.replyTo.platform);
    const asked = coveredBy(turn, waiting) ?? (question === undefined ? [] : [question.message.id]);
    const reply = new ReplyWriter({ ...ports, platform }, lease, turn, asked);
    if (question !== undefined) await reply.showWait(wait, signal);
    if (commands.length > 0) await notifyAuthors(ports, { reply, commands, wait }, signal);
  } catch (error) {
    const { reference, what } = wait;
    ports.log.warn({ err: error, reference, what }, "could not tell people about an outage");
  }
}

/** Saves before it sends: a person who is not reached now gets the command's own answer later. */
async function notifyAuthors(
  ports: Pick<TurnPorts, "platforms">,
  {
    reply,
    commands,
    wait,
  }: {
    readonly reply: ReplyWriter;
    readonly commands: readonly { readonly id: EntryId; readonly inbound: CommandInbound }[];
    readonly wait: Wait;
  },
  signal: AbortSignal,
): Promise<void> {
  const told = [...(reply.turn.told ?? []), ...commands.map(({ id }) => id)];
  await reply.saveTurn({ told }, signal);
  for (const { inbound } of commands) {
    const { replyTo, name } = inbound;
    await platformFor(ports, replyTo.platform).sendPrivately(replyTo, [commandWaitsFor(wait, name)], signal);
  }
}

/** A command whose author expects an answer soon. Background commands may take long. */
function commandIn(inbound: Inbound): CommandInbound | undefined {
  if (inbound.kind === "delegated") return isPersonal(inbound) ? inbound.command : undefined;
  return inbound.kind === "commanded" ? inbound : undefined;
}

function questionIn(
  { answerWithinMs, replyMode }: Pick<TurnPorts, keyof QuestionRules>,
  { inbound, acceptedAtMs }: InboxEntry,
  isShared: boolean,
): readonly Said[] {
  if (inbound.kind !== "said") return [];
  if (isOverdue(inbound, acceptedAtMs, answerWithinMs)) return [];
  const company = { isKnown: true, people: isShared ? 2 : 1 };
  return reactionTo(inbound, replyMode, company) === "answer" ? [inbound] : [];
}

function coveredBy(turn: Turn, waiting: readonly InboxEntry[]): readonly MessageId[] | undefined {
  const covered = waiting.flatMap((entry) =>
    entry.inbound.kind === "said" && coversEntry(turn, entry) ? [entry.inbound.message.id] : [],
  );
  return covered.length === 0 ? undefined : covered;
}

/** Whether the turn was asked for by a press: the old answer stays while the new one has to wait. */
function isGivenAgain(running: Turn | undefined, waiting: readonly InboxEntry[]): boolean {
  if (running === undefined) return false;
  return waiting.some(
    (entry) =>
      entry.inbound.kind === "reasked" && entry.inbound.action !== undefined && coversEntry(running, entry),
  );
}
