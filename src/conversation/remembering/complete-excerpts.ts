import type { ConversationKey } from "../../domain/conversation.ts";
import { completeExcerpt } from "../../domain/excerpt.ts";
import type { Attachment, Message } from "../../domain/message.ts";
import { FilesOfTurn } from "../files/files-of-turn.ts";
import type { FilePorts } from "../files/read-file.ts";

const bounds = { maxFiles: 5, maxBytes: 64 * 1_024, deadlineMs: 5_000 };

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
  readonly #log: FilePorts["log"];
  readonly #files: FilesOfTurn;

  constructor(ports: FilePorts, conversation: ConversationKey, signal: AbortSignal) {
    this.#log = ports.log;
    this.#files = new FilesOfTurn(ports, conversation, bounds, signal);
  }

  /** `isFresh`: the content may have changed, so the stored one is not used. */
  async complete(
    message: Pick<Message, "id" | "author" | "attachments">,
    shown: string,
    isFresh: boolean,
  ): Promise<string> {
    let text = shown;
    for (const { ref } of message.attachments.filter(isCutFile)) {
      if (!this.#files.take()) return text;
      try {
        const bytes = await this.#files.read(message, ref, isFresh);
        // Throws where the bytes are no UTF-8 text.
        text = completeExcerpt(text, new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      } catch (error) {
        const why = this.#files.whyNot(error);
        this.#log.info({ err: error, why }, "a file was not read; the answer uses what the platform shows");
      }
    }
    return text;
  }
}
