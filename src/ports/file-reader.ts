import type { AudioType } from "../domain/audio.ts";
import type { ImageFacts } from "../domain/image.ts";
import type { WhyUnread } from "../domain/unread-file.ts";

/** What is known of a file besides its bytes. Neither decides how it is read: the content does. */
export interface FileFacts {
  readonly name: string;
  /** The declared media type. Missing: the platform told none. */
  readonly mediaType?: string;
}

/** The text of a file, for a language model: Markdown-like, with `[page 3]`, `[slide 3]` or `## Sheet: …` where parts begin. */
export interface TextOfFile {
  readonly kind: "text";
  /** Never blank. Without control, direction and invisible characters. */
  readonly text: string;
  /** The file has more text, that a limit cut off. */
  readonly isCut: boolean;
  /** Of a PDF or a presentation: how many of its pages are in `text`, at least in part. */
  readonly pages?: { readonly read: number; readonly total: number };
}

/** An image that can be passed on as it is: recognised by its content, complete, and of a size that models take. */
export interface ImageInFile extends ImageFacts {
  readonly kind: "image";
}

/** A recording that can be passed on as it is: recognised by its content, with sound, and whole enough to be played. */
export interface AudioInFile {
  readonly kind: "audio";
  readonly mediaType: AudioType;
}

/** Why a file can't be read, as far as its bytes tell. `timed-out`: also when too many files wait. */
export type WhyUnreadable = Exclude<
  WhyUnread,
  "forbidden" | "gone" | "unavailable" | "too-many" | "no-sight" | "no-hearing" | "unheard" | "over-limit"
>;

/** A file that can't be read. */
interface UnreadableFile {
  readonly kind: "unreadable";
  readonly why: WhyUnreadable;
}

/** What was read of a file. */
export type FileReading = TextOfFile | ImageInFile | AudioInFile | UnreadableFile;

/** Turns the bytes of a file into text. */
export interface FileReader {
  /** Every outcome is a value, whatever the bytes are. Don't change them until it is there. @throws the signal's reason only. */
  readonly read: (
    bytes: Uint8Array<ArrayBuffer>,
    facts: FileFacts,
    signal: AbortSignal,
  ) => Promise<FileReading>;
}
