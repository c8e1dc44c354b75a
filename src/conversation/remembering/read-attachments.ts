import type { ConversationKey } from "../../domain/conversation.ts";
import { fileTextsIn, saidIn, withFileTexts } from "../../domain/file-texts.ts";
import type { Attachment, Message } from "../../domain/message.ts";
import { oneLine } from "../../domain/one-line.ts";
import type { WhyUnread } from "../../domain/unread-file.ts";
import type { FileReader, FileReading, TextOfFile } from "../../ports/file-reader.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { readFile, type FilePorts } from "../files/read-file.ts";

/** In one turn. */
const maxFiles = 5;
const deadlineMs = 20_000;
const maxBytes = 20 * 1_024 * 1_024;
/** The texts of all files of one message. About 15,000 tokens of English. */
const maxChars = 60_000;

/** What reading attachments needs. */
export interface AttachmentPorts extends FilePorts {
  readonly fileReader: FileReader;
}

type Readable = Attachment & Required<Pick<Attachment, "ref">>;

/** Whether a file has a text that can be read, and nobody tried yet. */
export function isToRead(file: Attachment): file is Readable {
  const { ref, isCut, isShown, textChars, unread } = file;
  return (
    ref !== undefined && isCut !== true && isShown !== true && textChars === undefined && unread === undefined
  );
}

/**
 * Reads the texts of attached files into their messages, for one turn. A file that can't be read is marked with the reason:
 * no answer depends on a file.
 */
export class AttachmentReader {
  readonly #ports: AttachmentPorts;
  readonly #conversation: ConversationKey;
  readonly #signal: AbortSignal;
  readonly #within: AbortSignal;
  #left = maxFiles;

  constructor(ports: AttachmentPorts, conversation: ConversationKey, signal: AbortSignal) {
    this.#ports = ports;
    this.#conversation = conversation;
    this.#signal = signal;
    this.#within = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  }

  /** The message with the texts of its files. */
  async read<M extends Pick<Message, "id" | "author" | "text" | "attachments">>(message: M): Promise<M> {
    if (!message.attachments.some(isToRead)) return message;
    const texts = [...fileTextsIn(message)];
    const attachments = [...message.attachments];
    let room = maxChars - texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
    for (const [index, file] of attachments.entries()) {
      if (!isToRead(file)) continue;
      const found = await this.#textOf(message, file);
      if (found === undefined) continue;
      if (typeof found === "string") attachments[index] = { ...file, unread: found };
      else {
        const isFirst = message.text === "" && texts.every((text) => text === undefined);
        const block = blockOf(file, found, room, isFirst);
        texts[index] = block;
        room -= block.length;
      }
    }
    return withFileTexts({ ...message, attachments }, saidIn(message), texts);
  }

  /** Its text, or why there is none. Undefined: it is not a text. */
  async #textOf(
    message: Pick<Message, "id" | "author">,
    file: Readable,
  ): Promise<TextOfFile | WhyUnread | undefined> {
    if (this.#left === 0) return "too-many";
    this.#left -= 1;
    if ((file.sizeBytes ?? 0) > maxBytes) return "too-large";
    const { fileReader, log } = this.#ports;
    try {
      const { name, mediaType, ref } = file;
      const found = { conversation: this.#conversation, message, ref };
      const bytes = await readFile(this.#ports, found, maxBytes, this.#within);
      if (bytes === undefined) return undefined;
      const facts = { name, ...(mediaType === undefined ? {} : { mediaType }) };
      return textIn(await fileReader.read(bytes, facts, this.#within));
    } catch (error) {
      this.#signal.throwIfAborted();
      log.info({ err: error }, "a file was not read; the person is told");
      return whyNot(error, this.#within.aborted);
    }
  }
}

function textIn(reading: FileReading): TextOfFile | WhyUnread | undefined {
  if (reading.kind === "image") return undefined;
  if (reading.kind === "audio") return "no-hearing";
  return reading.kind === "unreadable" ? reading.why : reading;
}

function whyNot(error: unknown, isLate: boolean): WhyUnread {
  if (isLate) return "timed-out";
  return error instanceof PlatformError && error.kind === "forbidden" ? "forbidden" : "unavailable";
}

/** The text between two lines that say where it comes from: it is never read as what the person said. */
function blockOf(
  { name }: Attachment,
  { text, isCut, pages }: TextOfFile,
  room: number,
  isFirst: boolean,
): string {
  const part =
    pages === undefined || pages.read === pages.total ? "" : `, ${pages.read} of ${pages.total} pages`;
  const shown = text.length > room ? text.slice(0, Math.max(0, room)).toWellFormed() : text;
  const end = isCut || shown !== text ? "[the rest of the file is left out]" : "[end of the file]";
  return `${isFirst ? "" : "\n"}[text of the file ${oneLine(name)}${part}]\n${shown}\n${end}`;
}
