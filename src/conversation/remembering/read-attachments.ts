import type { ByteRoom } from "../../async/byte-room.ts";
import { fileTextsIn, saidIn, withFileTexts } from "../../domain/file-texts.ts";
import { maxImageBytes } from "../../domain/image.ts";
import type { Attachment, Message } from "../../domain/message.ts";
import { oneLine } from "../../domain/one-line.ts";
import type { Payer } from "../../domain/prompt.ts";
import type { WhyUnread } from "../../domain/unread-file.ts";
import type {
  AudioInFile,
  FileReader,
  FileReading,
  ImageInFile,
  TextOfFile,
} from "../../ports/file-reader.ts";
import { FilesOfTurn } from "../files/files-of-turn.ts";
import { RecordingListener, type ListeningPorts, type Spoken } from "./transcribe.ts";

const bounds = { maxFiles: 5, maxBytes: 20 * 1_024 * 1_024, deadlineMs: 20_000 };
/** The texts of all files of one message. About 15,000 tokens of English. */
const maxChars = 60_000;
const frameLine = /^(?=[ \t]{0,20}\[(?:text of|spoken in|end of|the rest of) the file\b)/gimu;

/** What reading attachments needs. */
export interface AttachmentPorts extends ListeningPorts {
  readonly fileReader: FileReader;
  readonly fileRoom: ByteRoom;
}

type Readable = Attachment & Required<Pick<Attachment, "ref">>;

/** Whether a file can be read, and nobody tried yet. */
export function isToRead(file: Attachment): file is Readable {
  const { ref, isCut, isShown, textChars, unread, image } = file;
  const isRead = isShown === true || textChars !== undefined || unread !== undefined || image !== undefined;
  return ref !== undefined && isCut !== true && !isRead;
}

/**
 * Reads attached files into their messages, for one turn: the text of a file, or that it is an image. A file that can't be
 * read is marked with the reason: no answer depends on a file.
 */
export class AttachmentReader {
  readonly #ports: AttachmentPorts;
  readonly #files: FilesOfTurn;
  readonly #listener: RecordingListener;
  readonly #payer: Payer;

  /** `payer`: of what a model does to read them. `signal`: of the turn. `isStopped`: a person waits for no model any more. */
  constructor(ports: AttachmentPorts, payer: Payer, signal: AbortSignal, isStopped = false) {
    this.#ports = ports;
    this.#payer = payer;
    this.#files = new FilesOfTurn(ports, payer.conversation, bounds, signal);
    this.#listener = new RecordingListener(ports, payer, signal, isStopped);
  }

  /** The message with the texts of its files. */
  async read<M extends Pick<Message, "id" | "author" | "text" | "attachments">>(message: M): Promise<M> {
    if (!message.attachments.some(isToRead)) return message;
    const texts = [...fileTextsIn(message)];
    const attachments = [...message.attachments];
    let room = maxChars - texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
    for (const [index, file] of attachments.entries()) {
      if (!isToRead(file)) continue;
      const found = await this.#read(message, file);
      if (found === undefined) continue;
      if (typeof found === "string") attachments[index] = await this.#unread(message, file, found);
      else if (found.kind === "image") {
        const { mediaType, width, height } = found;
        attachments[index] = { ...file, image: { mediaType, width, height } };
      } else {
        const isFirst = message.text === "" && texts.every((text) => text === undefined);
        const block = blockOf(file, found, room, isFirst);
        texts[index] = block;
        if ("isSpeech" in found) attachments[index] = { ...file, isSpeech: true };
        room -= block.length;
      }
    }
    return withFileTexts({ ...message, attachments }, saidIn(message), texts);
  }

  /** A recording goes as if it had been heard: no sound is kept. */
  async #unread(
    message: Pick<Message, "id" | "author">,
    file: Readable,
    unread: WhyUnread,
  ): Promise<Attachment> {
    const isSound = file.mediaType?.startsWith("audio/") === true;
    if (isSound)
      await this.#listener.giveUp({ conversation: this.#payer.conversation, message, ref: file.ref });
    return { ...file, unread };
  }

  /** What is in it, or why it was not read. Undefined: its platform reads no files. */
  async #read(
    message: Pick<Message, "id" | "author">,
    file: Readable,
  ): Promise<TextOfFile | Spoken | ImageInFile | WhyUnread | undefined> {
    if (!this.#files.take()) return "too-many";
    if ((file.sizeBytes ?? 0) > bounds.maxBytes) return "too-large";
    const { name, mediaType, ref } = file;
    const { conversation } = this.#payer;
    const found = { conversation, message, ref };
    const heard = await this.#listener.heardBefore(found);
    if (heard !== undefined) return heard;
    const { fileReader, fileRoom, log } = this.#ports;
    using held = new DisposableStack();
    let recording;
    try {
      held.use(await fileRoom.take(file.sizeBytes ?? bounds.maxBytes, this.#files.within));
      const bytes = await this.#files.read(message, ref);
      if (bytes === undefined) return undefined;
      const facts = { name, ...(mediaType === undefined ? {} : { mediaType }) };
      const reading = await fileReader.read(bytes, facts, this.#files.within);
      if (reading.kind !== "audio") return usable(reading, bytes.length);
      recording = { bytes, name, mediaType: reading.mediaType };
    } catch (error) {
      const why = this.#files.whyNot(error);
      log.info({ err: error, why }, "a file was not read; the person is told");
      return why;
    }
    const said = await this.#listener.hear(found, recording);
    this.#files.restart();
    return said;
  }
}

function usable(
  reading: Exclude<FileReading, AudioInFile>,
  sizeBytes: number,
): TextOfFile | ImageInFile | WhyUnread {
  if (reading.kind === "unreadable") return reading.why;
  return reading.kind === "image" && sizeBytes > maxImageBytes ? "too-large" : reading;
}

/**
 * The text between two lines that say where it comes from: only what is spoken is read as what the person said. So lines of a
 * text that look like these become quotations.
 */
function blockOf(
  { name }: Attachment,
  { text, isCut, pages, ...more }: TextOfFile | Spoken,
  room: number,
  isFirst: boolean,
): string {
  const part =
    pages === undefined || pages.read === pages.total ? "" : `, ${pages.read} of ${pages.total} pages`;
  const what = "isSpeech" in more ? "spoken in" : "text of";
  const safe = text.replaceAll(frameLine, "> ");
  const shown = safe.length > room ? safe.slice(0, Math.max(0, room)).toWellFormed() : safe;
  const end = isCut || shown !== safe ? "[the rest of the file is left out]" : "[end of the file]";
  return `${isFirst ? "" : "\n"}[${what} the file ${oneLine(name)}${part}]\n${shown}\n${end}`;
}
