import { createHash } from "node:crypto";

import { LRUCache } from "lru-cache";
import type { APIAttachment, APIMessage, RawFile } from "discord.js";

import type { Post, PostFile } from "../../../domain/post.ts";
import type { FileStore } from "../../../ports/file-store.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { readPostFile } from "../../../runtime/read-post-file.ts";
import type { BodyWithFiles, ListedAttachment } from "../wire/message-body.ts";

/** https://discord.com/developers/docs/resources/message#attachment-object */
const maxDescriptionChars = 1_024;

interface FilePorts {
  readonly files: FileStore;
  readonly log: Log;
}

/** A file as a message shows it. */
interface Attached {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
}

/**
 * The files of our posts. Discord keeps the attachments that an edit lists by their ids, and removes all others: so a file
 * that is there stays without a second upload. Which file an attachment is, only the process knows that uploaded it: any
 * other uploads all of them again, in place of the old ones.
 * https://discord.com/developers/docs/resources/message#edit-message
 */
export class PostFiles {
  readonly #ports: FilePorts;
  /** By the id of the message. */
  readonly #attached = new LRUCache<string, readonly Attached[]>({ max: 1_000 });

  constructor(ports: FilePorts) {
    this.#ports = ports;
  }

  /** What a create or an edit sends for them. `message`: the one to edit. @throws {PlatformError} */
  async bodyOf(
    { files = [] }: Post,
    message: string | undefined,
    signal: AbortSignal,
  ): Promise<Pick<BodyWithFiles, "attachments" | "files">> {
    const known = (message === undefined ? undefined : this.#attached.get(message)) ?? [];
    const listed: ListedAttachment[] = [];
    const uploads: RawFile[] = [];
    for (const file of files) {
      const kept = known.find(({ name, digest }) => name === file.name && digest === digestOf(file));
      if (kept !== undefined) listed.push({ id: kept.id });
      else {
        const bytes = await readPostFile(this.#ports.files, file, signal);
        if (bytes === undefined) {
          this.#ports.log.warn({}, "a file of a reply is gone from the file store; it was left out");
          continue;
        }
        const { name, mediaType, description } = file;
        const said =
          description === undefined ? {} : { description: description.slice(0, maxDescriptionChars) };
        listed.push({ id: uploads.length, filename: name, ...said });
        uploads.push({ name, contentType: mediaType, data: Buffer.from(bytes) });
      }
    }
    // A new message without files needs no list; in an edit an empty one removes what an older text had.
    if (listed.length === 0 && message === undefined) return {};
    return uploads.length === 0 ? { attachments: listed } : { attachments: listed, files: uploads };
  }

  /** Discord shows the message like this now. */
  learn({ id, attachments = [] }: Pick<APIMessage, "id"> & Partial<APIMessage>, { files = [] }: Post): void {
    const attached = files.flatMap((file) => {
      const found = attachments.find((each) => isSame(each, file));
      return found === undefined ? [] : [{ id: found.id, name: file.name, digest: digestOf(file) }];
    });
    if (attached.length > 0) this.#attached.set(id, attached);
    else this.#attached.delete(id);
  }

  /** Says that Discord may accept the post without its files. Returns the error to throw. */
  refused(error: unknown, { files = [] }: Post): unknown {
    const isFinal =
      error instanceof PlatformError && (error.kind === "forbidden" || error.kind === "rejected");
    if (files.length === 0 || !isFinal || error.refusesFiles) return error;
    this.#ports.log.warn(
      { err: error },
      "Discord refused a post with files, so it is sent without them; the bot needs the permission Attach Files",
    );
    return new PlatformError(error.kind, "Discord refused the files of a post", {
      cause: error,
      closed: error.closed,
      refusesFiles: true,
    });
  }
}

/** Whether a message shows these files. */
export function showsFiles({ attachments = [] }: Partial<APIMessage>, { files = [] }: Post): boolean {
  return (
    attachments.length === files.length &&
    files.every((file) => attachments.some((each) => isSame(each, file)))
  );
}

function isSame({ filename, size }: APIAttachment, { name, content }: PostFile): boolean {
  const bytes = typeof content === "string" ? Buffer.byteLength(content) : content.sizeBytes;
  return filename === name && size === bytes;
}

function digestOf({ content, description = "" }: PostFile): string {
  const what = typeof content === "string" ? content : `stored ${content.hash}`;
  return createHash("sha256").update(`${description}\n${what}`).digest("base64url");
}
