import { z } from "zod";

import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { TextFile } from "../../../ports/platform-private-replies.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { encodeLines } from "./encode-lines.ts";
import { isSlackUrl, postWithoutToken } from "../api/post-to-url.ts";
import type { PrivateReplies } from "./private-replies.ts";
import { targetOf } from "../wire/reply-target.ts";
import { fallbackText } from "../wire/safe-text.ts";
import type { SlackApi } from "../api/slack-api.ts";

interface FileSenderPorts {
  readonly api: SlackApi;
  /** See PrivateRepliesPorts. */
  readonly apiUrl: string | undefined;
  readonly privateReplies: PrivateReplies;
  readonly channelIds: Pick<ChannelIds, "updateLinks">;
  readonly log: Log;
}

const opened = z.object({ channel: z.object({ id: z.string() }) });
const begun = z.object({ upload_url: z.string(), file_id: z.string() });

const uploadTimeoutMs = 30_000;
const inDirectMessage = "Sent to your DMs.";
const inThread = "Posted in the thread.";

/**
 * Sends files to one person, in the bot's DM with them: nobody else sees them there. Without the scope files:write nothing
 * is sent: as posts, a long conversation would be dozens of them at one a second, and not the file that was asked for.
 * The client's own upload method is not used: it can't be cancelled, and sends our token to the upload URL too.
 * https://docs.slack.dev/reference/methods/files.completeUploadExternal
 */
export class FileSender {
  readonly #ports: FileSenderPorts;

  constructor(ports: FileSenderPorts) {
    this.#ports = ports;
  }

  /** @throws {PlatformError}, or the signal's reason. */
  readonly send = async (
    to: ReplyAddress,
    { text, files }: { readonly text: string; readonly files: readonly TextFile[] },
    signal: AbortSignal,
  ): Promise<void> => {
    const { api, channelIds } = this.#ports;
    const { channel, threadTs, user, replacesOriginal } = targetOf(to);
    const direct = await api.call(
      async (client) => opened.parse(await client.conversations.open({ users: user })).channel.id,
      signal,
    );
    const isHere = direct === channel;
    const uploaded = [];
    for (const { name, text: whole } of files)
      uploaded.push(await this.#upload(name, await encodeLines(whole, channelIds.updateLinks), signal));
    const [first, ...rest] = uploaded;
    if (first === undefined) return;
    const share = { channel_id: direct, initial_comment: fallbackText(text) };
    const thread = isHere && threadTs !== undefined ? { thread_ts: threadTs } : {};
    await api.call(
      (client) => client.files.completeUploadExternal({ ...share, ...thread, files: [first, ...rest] }),
      signal,
    );
    if (!isHere) await this.#confirm(to, inDirectMessage, signal);
    else if (replacesOriginal === true) await this.#confirm(to, inThread, signal);
  };

  /** Uploads a file; nobody sees it until it is completed. */
  async #upload(name: string, body: Uint8Array<ArrayBuffer>, signal: AbortSignal) {
    const { api, apiUrl } = this.#ports;
    const { upload_url: url, file_id: id } = await api.call(
      async (client) =>
        begun.parse(await client.files.getUploadURLExternal({ filename: name, length: body.length })),
      signal,
    );
    const raw = { type: "application/octet-stream", body, timeoutMs: uploadTimeoutMs };
    if (!isSlackUrl(url, apiUrl) || !(await postWithoutToken(url, raw, signal))) {
      throw new PlatformError("rejected", "Slack rejected the file");
    }
    return { id, title: name };
  }

  /** Never rejects: the files are sent, and an error here would send them again. */
  async #confirm(to: ReplyAddress, line: string, signal: AbortSignal): Promise<void> {
    const { privateReplies, log } = this.#ports;
    try {
      await privateReplies.tell(to, [line], signal);
    } catch (error) {
      log.warn({ err: error }, "files were sent, but not the message about them");
    }
  }
}
