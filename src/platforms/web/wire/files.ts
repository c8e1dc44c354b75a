import { z } from "zod";

/** The most files of one message. */
export const maxFiles = 5;
/** The largest file that a person may send. */
export const maxFileBytes = 20 * 1_024 ** 2;

/** The ids that `POST /chat/files` gave. More are refused with a line that says so. */
export const fileIds = z.array(z.string().max(4_000)).max(50);

/** A file of a message. */
export interface ShownFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Relative to the page; the person's alone. Missing: the file is no longer kept. */
  readonly url?: string;
  /** What an image shows, for people who can't see it. Missing: unknown. */
  readonly description?: string;
  /** In pixels. Missing: it is no image, or nobody looked yet. */
  readonly width?: number;
  readonly height?: number;
}

/** A frame of the server: a file that the person may download for an hour, with the same cookie. */
export interface FileFrame {
  readonly type: "file";
  readonly conversation: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Relative to the page. */
  readonly url: string;
}
