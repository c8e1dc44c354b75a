import type { CommandInbound, EntryId, Inbound, InboxEntry, Said } from "../../domain/inbound.ts";
import type { MessageId } from "../../domain/message.ts";
import { coversEntry, type Turn, type Wait } from "../../domain/turn.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { isReaction } from "../../domain/reaction.ts";
import { commandWaitsFor, questionWaitsFor } from "../text/user-messages.ts";
import { isPersonal } from "../command/personal-command.ts";
import { typedName } from "../command/typed-name.ts";
import { modeThere, reactionTo } from "../addressing/addressing.ts";
import { isOverdue } from "../addressing/is-overdue.ts";
import { isImageOrder } from "../images/is-image-order.ts";
import type { ClaimedConversation } from "../planning/claimed-conversation.ts";
import type { QuestionRules } from "../planning/questions.ts";
import { type TurnPorts } from "../planning/turn-ports.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { platformFor } from "../reply/platform-for.ts";
import { messageLink, notifyRefused } from "./notify-unanswered.ts";

interface Outage extends Pick<ClaimedConversation, "lease" | "isShared" | "waiting" | "before"> {
  readonly wait: Wait;
}

/** A question that waits, and the entry that holds it. */
interface WaitingQuestion {
  readonly id: EntryId;
  readonly said: Said;
}

type OutagePorts = Pick<
  TurnPorts,
  "journal" | "memories" | "platforms" | "commands" | "clock" | "ids" | "log" | keyof QuestionRules
>;

/**
 * Shows one line about an outage where the answer will be: the turn's first post, which the answer replaces. Authors of
 * commands are told in private, once; so are those of questions while nobody knows whether the bot is muted there. Without
 * memory there is no plan, so the turn record may be created here.
 */
export async function notifyOutage(
  ports: OutagePorts,
  { lease, isShared, waiting, wait, before }: Outage,
  signal: AbortSignal,
): Promise<void> {
  const running = await ports.journal.running(lease, signal);
  // A complete answer is not overwritten.
  if (running?.answer !== undefined) return;
  const known = wait.what === "memory" ? undefined : await before().catch(() => undefined);
  const questions = isGivenAgain(running, waiting)
    ? []
    : waiting.flatMap((entry) => questionIn(ports, entry, { isShared, known }));
  const question = questions.at(-1)?.said;
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
    // Where the turn has a post, its question is known to be answered.
    const isPublic = known !== undefined || turn.posts.length > 0;
    if (question !== undefined && isPublic) await reply.showWait(wait, signal);
    if (!isPublic) await tellAskers(ports, { reply, questions, wait }, signal);
    if (commands.length > 0) await notifyAuthors(ports, { reply, commands, wait }, signal);
  } catch (error) {
    const { reference, what } = wait;
    ports.log.warn({ err: error, reference, what }, "could not tell people about an outage");
  }
}

/** Tells each asker once about one outage. Saves before it sends: who is not reached now gets the answer later. */
async function tellAskers(
  ports: Pick<TurnPorts, "platforms" | "clock" | "log">,
  {
    reply,
    questions,
    wait,
  }: { readonly reply: ReplyWriter; readonly questions: readonly WaitingQuestion[]; readonly wait: Wait },
  signal: AbortSignal,
): Promise<void> {
  const { told = [] } = reply.turn;
  // Told about the outage, they may still have to be told that there is no answer.
  const markOf = ({ id }: WaitingQuestion): EntryId => `waits:${id}`;
  const isTold = (each: WaitingQuestion): boolean => told.includes(markOf(each));
  const authorOf = ({ said }: WaitingQuestion): string => said.message.author.id;
  const people = new Set(questions.filter(isTold).map(authorOf));
  const open = questions.filter((each) => !people.has(authorOf(each)));
  if (open.length === 0) return;
  await reply.saveTurn({ told: [...told, ...open.map(markOf)] }, signal);
  const last = new Map(open.map(({ said }) => [said.message.author.id, said]));
  for (const { message, replyTo } of last.values()) {
    const text = questionWaitsFor(wait, messageLink(message.permalink));
    await notifyRefused(ports, replyTo, { text, message: message.id }, signal);
  }
}

/** Saves before it sends: a person who is not reached now gets the command's own answer later. */
async function notifyAuthors(
  ports: Pick<TurnPorts, "platforms" | "commands">,
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
    const text = commandWaitsFor(wait, typedName(ports.commands, name));
    await platformFor(ports, replyTo.platform).sendPrivately(replyTo, [text], signal);
  }
}

/** A command whose author expects an answer soon. Background commands may take long. */
function commandIn(inbound: Inbound): CommandInbound | undefined {
  if (inbound.kind === "delegated") return isPersonal(inbound) ? inbound.command : undefined;
  return inbound.kind === "commanded" && !isReaction(inbound) ? inbound : undefined;
}

function questionIn(
  ports: Pick<TurnPorts, "platforms" | "commands" | keyof QuestionRules>,
  { id, inbound, acceptedAtMs }: InboxEntry,
  { isShared, known }: Pick<Outage, "isShared"> & { readonly known: ConversationMemory | undefined },
): readonly WaitingQuestion[] {
  if (inbound.kind !== "said") return [];
  if (isOverdue(inbound, acceptedAtMs, ports.answerWithinMs)) return [];
  const company = { isKnown: true, people: isShared ? 2 : 1 };
  const mode = known === undefined ? ports.replyMode : modeThere(ports.replyMode, known);
  const isAnswered = reactionTo(inbound, mode, company) === "answer";
  return isAnswered || (mode === "muted" && isImageOrder(ports, inbound)) ? [{ id, said: inbound }] : [];
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
