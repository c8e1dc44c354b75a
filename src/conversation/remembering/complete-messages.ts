import { applyPendingChanges } from "../../domain/apply-pending-changes.ts";
import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { editMessage } from "../../domain/edit-message.ts";
import type { Change, Edited } from "../../domain/inbound.ts";
import type { Message } from "../../domain/message.ts";
import { ArchiveError, type Archive } from "../../ports/archive.ts";
import type { Payer } from "../../domain/prompt.ts";
import type { RememberingPlan } from "../planning/plan.ts";
import { limitMessage } from "../text/limit-message.ts";
import { asQuoted } from "../text/quoted-messages.ts";
import { truncate } from "../text/truncate.ts";
import { ExcerptCompleter, isCutFile } from "./complete-excerpts.ts";
import { AttachmentReader, isToRead, type AttachmentPorts } from "./read-attachments.ts";

interface Incomplete {
  readonly memory: ConversationMemory;
  readonly plan: RememberingPlan;
  /** Earlier messages that are added too, oldest first. */
  readonly earlier: readonly Message[];
}

type Completed = Pick<Incomplete, "plan" | "earlier">;

type CompletingPorts = AttachmentPorts & { readonly archive: Archive };

/** What an edit is applied to. */
type EditableMessage = Pick<RememberedMessage, "id" | "author" | "text" | "attachments">;

/**
 * Completes messages with the texts of their files, before memory takes them: new ones with what they quote, edits of
 * remembered and of archived ones, and earlier ones, the newest first.
 */
export async function completeMessages(
  ports: CompletingPorts,
  { memory, plan, earlier }: Incomplete,
  signal: AbortSignal,
): Promise<Completed> {
  const edited = await editsWithFiles(ports, memory, plan, signal);
  if (edited.size === 0 && ![...plan.said, ...earlier].some(hasFiles)) return { plan, earlier };
  showWorking(ports, memory, plan, signal);
  const completer = new MessageCompleter(ports, payerOf(memory, plan), signal, plan.kind === "stop");
  const said: Message[] = [];
  for (const message of plan.said) said.push(await completer.complete(message));
  const changes: Change[] = [];
  for (const change of plan.changes) {
    const message = edited.get(change);
    if (change.kind !== "edited" || message === undefined) changes.push(change);
    else changes.push({ ...change, ...(await completer.completeEdit(message, change.text)) });
  }
  const before: Message[] = [];
  for (const message of earlier.toReversed()) before.push(await completer.complete(message));
  return { plan: { ...plan, said, changes }, earlier: before.toReversed() };
}

/** Listening may take a minute. */
function showWorking(
  { platforms }: Pick<AttachmentPorts, "platforms">,
  { platform }: ConversationMemory,
  plan: RememberingPlan,
  signal: AbortSignal,
): void {
  if (plan.kind !== "answer") return;
  void platforms
    .get(platform)
    ?.showWorking?.(plan.question.replyTo, signal)
    .catch(() => undefined);
}

/** Without a question, only the place pays: nobody asked for it. */
function payerOf({ conversation, platform, place }: ConversationMemory, plan: RememberingPlan): Payer {
  const asker = plan.kind === "answer" ? { person: plan.question.message.author.id } : {};
  return { conversation, platform, place, ...asker };
}

class MessageCompleter {
  readonly #excerpts: ExcerptCompleter;
  readonly #reader: AttachmentReader;

  constructor(ports: AttachmentPorts, payer: Payer, signal: AbortSignal, isStopped: boolean) {
    this.#excerpts = new ExcerptCompleter(ports, payer.conversation, signal);
    this.#reader = new AttachmentReader(ports, payer, signal, isStopped);
  }

  async complete(message: Message): Promise<Message> {
    if (!hasFiles(message)) return message;
    const { quoted } = message;
    const text = await this.#excerpts.complete(message, message.text, false);
    const whole = text === message.text ? message : limitMessage({ ...message, text });
    const read = await this.#reader.read(whole);
    if (quoted === undefined) return read;
    // Its files are stored, and erased, under the id by which this conversation remembers it.
    return { ...read, quoted: { ...(await this.complete(asQuoted(quoted))), id: quoted.id } };
  }

  /** `message`: after the edit, with the texts of the files that it had before. */
  async completeEdit(
    message: EditableMessage,
    shown: string,
  ): Promise<Pick<Message, "text" | "attachments">> {
    const said = await this.#excerpts.complete(message, shown, true);
    const { text, attachments } = await this.#reader.read(editMessage(message, { text: truncate(said) }));
    return { text, attachments };
  }
}

/** Edits of known messages that have files to read after it. */
async function editsWithFiles(
  ports: CompletingPorts,
  memory: ConversationMemory,
  plan: RememberingPlan,
  signal: AbortSignal,
): Promise<ReadonlyMap<Change, EditableMessage>> {
  const edits = plan.changes.flatMap((change) => (change.kind === "edited" ? [change] : []));
  const found = new Map<Change, EditableMessage>();
  if (edits.length === 0) return found;
  const known = new Map<string, EditableMessage>(memory.messages.map((message) => [message.id, message]));
  const said = new Set(plan.said.map(({ id }) => id));
  for (const edit of edits) {
    // What an edit made a question is read as a new message.
    const isToFind = !known.has(edit.message) && !said.has(edit.message) && addsFiles(edit);
    const before = isToFind ? await findArchived(ports, memory, edit, signal) : known.get(edit.message);
    const message = before && editMessage(before, edit);
    if (message !== undefined && hasFiles(message)) found.set(edit, message);
  }
  return found;
}

/** Some apps edit a post every second; the archive is not asked for each. */
function addsFiles({ isByApp, attachments = [] }: Edited): boolean {
  return isByApp !== true && hasFiles({ attachments });
}

/** A person's message that only the archive still has, as it read before an edit. Undefined also while the archive is away. */
async function findArchived(
  { archive, log }: CompletingPorts,
  memory: ConversationMemory,
  { message: id }: Edited,
  signal: AbortSignal,
): Promise<EditableMessage | undefined> {
  try {
    const message = await archive.find(memory.conversation, id, signal);
    if (message?.role !== "person" || message.author.isApp === true) return undefined;
    return applyPendingChanges(memory, [message])[0];
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    log.warn(
      { err: error },
      "files that an edit adds to an old message are not read: the archive is unreachable",
    );
    return undefined;
  }
}

function hasFiles({ attachments, quoted }: Pick<Message, "attachments" | "quoted">): boolean {
  const isIncomplete = attachments.some((file) => isCutFile(file) || isToRead(file));
  return isIncomplete || (quoted !== undefined && hasFiles(quoted));
}
