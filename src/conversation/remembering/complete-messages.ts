import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { editMessage } from "../../domain/edit-message.ts";
import type { Change } from "../../domain/inbound.ts";
import type { Message } from "../../domain/message.ts";
import type { RememberingPlan } from "../planning/plan-turn.ts";
import { limitMessage } from "../text/limit-message.ts";
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

/**
 * Completes messages with the texts of their files, before memory takes them: new ones with what they quote, edits of
 * remembered ones, and earlier ones, the newest first.
 */
export async function completeMessages(
  ports: AttachmentPorts,
  { memory, plan, earlier }: Incomplete,
  signal: AbortSignal,
): Promise<Completed> {
  const edited = editsWithFiles(memory.messages, plan.changes);
  if (edited.size === 0 && ![...plan.said, ...earlier].some(hasFiles)) return { plan, earlier };
  const completer = new MessageCompleter(ports, memory, signal);
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

class MessageCompleter {
  readonly #excerpts: ExcerptCompleter;
  readonly #reader: AttachmentReader;

  constructor(ports: AttachmentPorts, { conversation }: ConversationMemory, signal: AbortSignal) {
    this.#excerpts = new ExcerptCompleter(ports, conversation, signal);
    this.#reader = new AttachmentReader(ports, conversation, signal);
  }

  async complete(message: Message): Promise<Message> {
    if (!hasFiles(message)) return message;
    const { quoted } = message;
    const text = await this.#excerpts.complete(message, message.text, false);
    const whole = text === message.text ? message : limitMessage({ ...message, text });
    const read = await this.#reader.read(whole);
    return quoted === undefined ? read : { ...read, quoted: await this.complete(quoted) };
  }

  /** `message`: after the edit, with the texts of the files that it had before. */
  async completeEdit(
    message: RememberedMessage,
    shown: string,
  ): Promise<Pick<RememberedMessage, "text" | "attachments">> {
    const said = await this.#excerpts.complete(message, shown, true);
    const { text, attachments } = await this.#reader.read(editMessage(message, { text: truncate(said) }));
    return { text, attachments };
  }
}

/** Edits of remembered messages that have files to read after it. */
function editsWithFiles(
  messages: readonly RememberedMessage[],
  changes: readonly Change[],
): ReadonlyMap<Change, RememberedMessage> {
  const edits = changes.flatMap((change) => (change.kind === "edited" ? [change] : []));
  if (edits.length === 0) return new Map();
  const known = new Map(messages.map((message) => [message.id, message]));
  return new Map(
    edits.flatMap((edit) => {
      const before = known.get(edit.message);
      const message = before && editMessage(before, edit);
      return message === undefined || !hasFiles(message) ? [] : [[edit, message] as const];
    }),
  );
}

function hasFiles({ attachments, quoted }: Pick<Message, "attachments" | "quoted">): boolean {
  const isIncomplete = attachments.some((file) => isCutFile(file) || isToRead(file));
  return isIncomplete || (quoted !== undefined && hasFiles(quoted));
}
