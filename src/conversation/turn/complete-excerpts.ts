import type { ConversationKey } from "../../domain/conversation.ts";
import { completeExcerpt } from "../../domain/excerpt.ts";
import type { Attachment, Message } from "../../domain/message.ts";
import { readFile, type FilePorts } from "../files/read-file.ts";
import { limitMessage } from "../text/limit-message.ts";

const maxFiles = 5;
const maxBytes = 64 * 1_024;
const deadlineMs = 5_000;

/**
 * Completes texts of files that their platform shows cut off. Where a file can't be read in time, or is longer than a prompt
 * should carry, the text stays as it is: no answer depends on a file.
 */
export async function completeExcerpts(
  ports: FilePorts,
  conversation: ConversationKey,
  said: readonly Message[],
  signal: AbortSignal,
): Promise<readonly Message[]> {
  if (!said.some(({ attachments }) => attachments.some(isCut))) return said;
  const within = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const completed: Message[] = [];
  let left = maxFiles;
  for (const message of said) {
    let { text } = message;
    for (const { ref } of message.attachments.filter(isCut).slice(0, left)) {
      left -= 1;
      try {
        const bytes = await readFile(ports, { conversation, message, ref }, maxBytes, within);
        // Throws where the bytes are no UTF-8 text.
        text = completeExcerpt(text, new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      } catch (error) {
        signal.throwIfAborted();
        const why = "a file was not read; the answer uses what the platform shows of it";
        ports.log.info({ err: error }, why);
      }
    }
    completed.push(text === message.text ? message : limitMessage({ ...message, text }));
  }
  return completed;
}

type CutFile = Attachment & Required<Pick<Attachment, "ref">>;

function isCut(file: Attachment): file is CutFile {
  return file.isCut === true && file.ref !== undefined;
}
