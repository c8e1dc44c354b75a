import type { ConversationKey } from "../../domain/conversation.ts";
import { completeExcerpt } from "../../domain/excerpt.ts";
import type { Attachment, Message } from "../../domain/message.ts";
import { readFile, type FilePorts } from "../files/read-file.ts";

const maxFiles = 5;
const maxBytes = 64 * 1_024;
const deadlineMs = 5_000;

type CutFile = Attachment & Required<Pick<Attachment, "ref">>;

/** Whether a file's text is cut off in the text of its message, and can be completed. */
export function isCutFile(file: Attachment): file is CutFile {
  return file.isCut === true && file.ref !== undefined;
}

/**
 * Completes texts of files that their platform shows cut off, for one turn. Where a file can't be read in time, or is longer
 * than a prompt should carry, the text stays as it is: no answer depends on a file.
 */
export class ExcerptCompleter {
  readonly #ports: FilePorts;
  readonly #conversation: ConversationKey;
  readonly #signal: AbortSignal;
  readonly #within: AbortSignal;
  #left = maxFiles;

  constructor(ports: FilePorts, conversation: ConversationKey, signal: AbortSignal) {
    this.#ports = ports;
    this.#conversation = conversation;
    this.#signal = signal;
    this.#within = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  }

  /** `isFresh`: the content may have changed, so the stored one is not used. */
  async complete(
    message: Pick<Message, "id" | "author" | "attachments">,
    shown: string,
    isFresh: boolean,
  ): Promise<string> {
    let text = shown;
    for (const { ref } of message.attachments.filter(isCutFile).slice(0, this.#left)) {
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
