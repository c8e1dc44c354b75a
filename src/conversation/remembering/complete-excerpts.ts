import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { editMessage } from "../../domain/edit-message.ts";
import { completeExcerpt } from "../../domain/excerpt.ts";
import type { Change } from "../../domain/inbound.ts";
import type { Attachment, Message } from "../../domain/message.ts";
import { readFile, type FilePorts } from "../files/read-file.ts";
import { limitMessage } from "../text/limit-message.ts";
import { truncate } from "../text/truncate.ts";
import type { RememberingPlan } from "../planning/plan-turn.ts";

const maxFiles = 5;
const maxBytes = 64 * 1_024;
const deadlineMs = 5_000;

/**
 * Completes texts of files that their platform shows cut off, in new messages and in edits of remembered ones. Where a file
 * can't be read in time, or is longer than a prompt should carry, the text stays as it is: no answer depends on a file.
 */
export async function completeExcerpts(
  ports: FilePorts,
  { conversation, messages }: ConversationMemory,
  plan: RememberingPlan,
  signal: AbortSignal,
): Promise<RememberingPlan> {
  const edited = editedExcerpts(messages, plan.changes);
  if (edited.size === 0 && !plan.said.some(hasCutFile)) return plan;
  const reader = new ExcerptReader(ports, conversation, signal);
  const said: Message[] = [];
  for (const message of plan.said) {
    const text = await reader.complete(message, message.text);
    said.push(text === message.text ? message : limitMessage({ ...message, text }));
  }
  const changes: Change[] = [];
  for (const change of plan.changes) {
    const message = edited.get(change);
    if (change.kind !== "edited" || message === undefined) changes.push(change);
    else changes.push({ ...change, text: truncate(await reader.complete(message, change.text, true)) });
  }
  return { ...plan, said, changes };
}

/** Edits of remembered messages that have cut files after it. */
function editedExcerpts(
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
      return message === undefined || !hasCutFile(message) ? [] : [[edit, message] as const];
    }),
  );
}

/** Reads the files of one turn, within its limits. */
class ExcerptReader {
  readonly #ports: FilePorts;
  readonly #conversation: ConversationMemory["conversation"];
  readonly #signal: AbortSignal;
  readonly #within: AbortSignal;
  #left = maxFiles;

  constructor(ports: FilePorts, conversation: ConversationMemory["conversation"], signal: AbortSignal) {
    this.#ports = ports;
    this.#conversation = conversation;
    this.#signal = signal;
    this.#within = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  }

  /** `isFresh`: the content may have changed, so the stored one is not used. */
  async complete(
    message: Pick<Message, "id" | "author" | "attachments">,
    shown: string,
    isFresh = false,
  ): Promise<string> {
    let text = shown;
    for (const { ref } of message.attachments.filter(isCut).slice(0, this.#left)) {
      this.#left -= 1;
      try {
        const file = { conversation: this.#conversation, message, ref, isFresh };
        const bytes = await readFile(this.#ports, file, maxBytes, this.#within);
        // Throws where the bytes are no UTF-8 text.
        text = completeExcerpt(text, new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      } catch (error) {
        this.#signal.throwIfAborted();
        const why = "a file was not read; the answer uses what the platform shows of it";
        this.#ports.log.info({ err: error }, why);
      }
    }
    return text;
  }
}

type CutFile = Attachment & Required<Pick<Attachment, "ref">>;

function isCut(file: Attachment): file is CutFile {
  return file.isCut === true && file.ref !== undefined;
}

function hasCutFile({ attachments }: Pick<Message, "attachments">): boolean {
  return attachments.some(isCut);
}
