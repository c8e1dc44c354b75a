import { createHash } from "node:crypto";

import { z } from "zod";

import type { PostId } from "../../../domain/message.ts";
import type { PostFile } from "../../../domain/post.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { FileStore } from "../../../ports/file-store.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { ReservedFile, SharedFiles } from "../../../ports/shared-files.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import { readPostFile } from "../../../runtime/read-post-file.ts";
import type { BotIdentity } from "../api/bot-identity.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { isSlackUrl, postWithoutToken } from "../api/post-to-url.ts";
import type { SlackApi } from "../api/slack-api.ts";
import { targetOf } from "../wire/reply-target.ts";
import { encodeLines } from "./encode-lines.ts";

interface SharedFilesPorts {
  readonly api: SlackApi;
  /** See PrivateRepliesPorts. */
  readonly apiUrl: string | undefined;
  readonly channelIds: Pick<ChannelIds, "updateLinks">;
  readonly self: Pick<BotIdentity, "teamId">;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Log;
}

const begun = z.object({ upload_url: z.string(), file_id: z.string() });
const place = z.record(z.string(), z.array(z.object({ ts: z.string() }))).optional();
const info = z.object({
  file: z.object({ shares: z.object({ public: place, private: place }).optional() }),
});

/** In the id of a file that is left out: no file of Slack. */
const none = "";
const uploadTimeoutMs = 30_000;
const maxUploads = 3;
const pauseMs = 500;
/** Slack shares a file a moment after it said so: at most about 8 s are waited. */
const looksMs = [0, 250, 500, 1_000, 2_000, 4_000] as const;

/**
 * Shares the files of replies in their threads, each under the id that Slack gives before the upload. They are no part of
 * our posts: an edit with `file_ids` shows none, or one that people can't open
 * (https://github.com/slackapi/python-slack-sdk/issues/1500, https://github.com/slackapi/bolt-python/issues/1295), and an
 * image block shows images only. Slack may say that it shared a file and not do it
 * (https://github.com/paradigmxyz/centaur/pull/311), so that is looked up. Deleting a message leaves its files, so they are
 * deleted themselves. https://docs.slack.dev/reference/methods/files.completeUploadExternal
 */
export class SlackSharedFiles implements SharedFiles {
  readonly #ports: SharedFilesPorts;
  /** By the file's id: where its bytes go. */
  readonly #urls = growingCache<string>(1_000);

  constructor(ports: SharedFilesPorts) {
    this.#ports = ports;
  }

  readonly isFor = isForFile;

  readonly reserve = async (_to: ReplyAddress, file: PostFile, signal: AbortSignal): Promise<PostId> => {
    const bytes = await this.#bytesOf(file, signal);
    if (bytes === undefined) return this.#idOf(file, none);
    const { length } = bytes;
    const alt = file.description === undefined ? {} : { alt_txt: file.description };
    const wanted = { filename: file.name, length, ...alt };
    const reserving = this.#ports.api.call(
      async (client) => begun.parse(await client.files.getUploadURLExternal(wanted)),
      signal,
    );
    const { upload_url: url, file_id: id } = await reserving.catch((error: unknown) => this.#refuse(error));
    this.#urls.set(id, url);
    return this.#idOf(file, id);
  };

  #idOf(file: PostFile, id: string): PostId {
    return `${this.#ports.self.teamId}/${digestOf(file)}/${id}`;
  }

  readonly show = async (
    to: ReplyAddress,
    files: readonly ReservedFile[],
    signal: AbortSignal,
  ): Promise<void> => {
    const { channel, threadTs } = targetOf(to);
    const uploaded: { readonly id: string; readonly title: string }[] = [];
    for (const { id, file } of files)
      if (await this.#upload(fileIn(id), file, signal)) uploaded.push({ id: fileIn(id), title: file.name });
    const [first, ...rest] = uploaded;
    if (first === undefined) return;
    const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
    const share = {
      channel_id: channel,
      ...thread,
      files: [first, ...rest] as [typeof first, ...typeof rest],
    };
    const sharing = this.#ports.api.call((client) => client.files.completeUploadExternal(share), signal);
    await sharing.catch((error: unknown) => this.#refuse(error));
    await this.#untilShared(channel, first.id, signal);
  };

  readonly isShown = async ({ target }: ReplyAddress, id: PostId, signal: AbortSignal): Promise<boolean> => {
    if (fileIn(id) === none) return true;
    const shares = await this.#sharesOf(fileIn(id), signal);
    return shares?.some(({ channel }) => channel === target["channel"]) ?? false;
  };

  /** Deletes the messages that show it too: without the file they would only say that it is gone. */
  readonly remove = async (_to: ReplyAddress, id: PostId, signal: AbortSignal): Promise<void> => {
    const { api, log } = this.#ports;
    const file = fileIn(id);
    if (file === none) return;
    try {
      for (const { channel, ts } of (await this.#sharesOf(file, signal)) ?? [])
        await unlessGone(api.call((client) => client.chat.delete({ channel, ts }), signal));
      await unlessGone(api.call((client) => client.files.delete({ file }), signal));
    } catch (error) {
      if (error instanceof PlatformError && !error.isPassing)
        log.error({ err: error, file }, "could not delete a file of a reply; delete it by hand");
      throw error;
    }
  };

  /** False: it was left out. @throws {PlatformError} `refusesFiles` also if the upload fails again and again: the answer is worth more than its form. */
  async #upload(id: string, file: PostFile, signal: AbortSignal): Promise<boolean> {
    const { apiUrl, clock } = this.#ports;
    const url = this.#urls.get(id) ?? "";
    const body = id === none ? undefined : await this.#bytesOf(file, signal);
    if (body === undefined) return false;
    const raw = { type: "application/octet-stream", body, timeoutMs: uploadTimeoutMs };
    for (let tries = 1; isSlackUrl(url, apiUrl); tries += 1) {
      try {
        if (await postWithoutToken(url, raw, signal)) return true;
        break;
      } catch (error) {
        if (!(error instanceof PlatformError) || error.kind !== "unreachable") throw error;
        if (tries === maxUploads) return this.#refuse(new PlatformError("rejected", "The upload fails"));
        await clock.sleep(pauseMs * tries, signal);
      }
    }
    return this.#refuse(new PlatformError("rejected", "Slack rejected the file"));
  }

  async #untilShared(channel: string, id: string, signal: AbortSignal): Promise<void> {
    for (const ms of looksMs) {
      if (ms > 0) await this.#ports.clock.sleep(ms, signal);
      const shares = await this.#sharesOf(id, signal);
      if (shares === undefined || shares.some((each) => each.channel === channel)) return;
    }
    this.#refuse(new PlatformError("rejected", "Slack did not share the file"));
  }

  /** Empty: not shared, or it does not exist. Undefined: the app may not look. @throws {PlatformError} */
  async #sharesOf(
    file: string,
    signal: AbortSignal,
  ): Promise<readonly { readonly channel: string; readonly ts: string }[] | undefined> {
    try {
      const looking = this.#ports.api.call(
        async (client) => info.parse(await client.files.info({ file })),
        signal,
      );
      const { shares } = (await looking).file;
      return [...Object.entries(shares?.public ?? {}), ...Object.entries(shares?.private ?? {})].flatMap(
        ([channel, messages]) => messages.map(({ ts }) => ({ channel, ts })),
      );
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) throw error;
      return error.kind === "gone" ? [] : undefined;
    }
  }

  /** Undefined: the store has lost them, so the file is left out. */
  async #bytesOf(file: PostFile, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { files, channelIds, log } = this.#ports;
    if (typeof file.content === "string") return encodeLines(file.content, channelIds.updateLinks);
    const bytes = await readPostFile(files, file, signal);
    if (bytes === undefined) log.warn({}, "a file of a reply is gone from the file store; it was left out");
    return bytes;
  }

  /** Where Slack refuses for good, the same text is sent without files. */
  #refuse(error: unknown): never {
    if (!(error instanceof PlatformError) || error.isPassing || error.kind === "gone") throw error;
    this.#ports.log.warn(
      { err: error },
      "Slack did not take the files of a reply, so it is sent without them; the app needs the scopes files:write and files:read",
    );
    throw new PlatformError(error.kind, "Slack refused the files of a reply", {
      cause: error,
      closed: error.closed,
      refusesFiles: true,
    });
  }
}

/** Whether an id was reserved for this file. */
export function isForFile(id: PostId, file: PostFile): boolean {
  return id.split("/")[1] === digestOf(file);
}

function fileIn(id: PostId): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

function digestOf({ name, content }: PostFile): string {
  const what = typeof content === "string" ? content : `stored ${content.hash}`;
  return createHash("sha256").update(`${name}\n${what}`).digest("base64url").slice(0, 16);
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof PlatformError) || error.kind !== "gone") throw error;
  }
}
