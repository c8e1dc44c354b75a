import { z } from "zod";

import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError, type TextFile } from "../../../ports/platform.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { isOfSlack, plainPost } from "../api/post-to-url.ts";
import type { PrivateReplies } from "./private-replies.ts";
import { targetOf } from "../wire/reply-target.ts";
import { fallbackText } from "../wire/safe-text.ts";
import type { SlackApi } from "../api/slack-api.ts";

interface FileGiverPorts {
  readonly api: SlackApi;
  /** See PrivateLinePorts. */
  readonly apiUrl: string | undefined;
  readonly privately: PrivateReplies;
  readonly channelIds: Pick<ChannelIds, "inText">;
  readonly log: Log;
}

const opened = z.object({ channel: z.object({ id: z.string() }) });
const begun = z.object({ upload_url: z.string(), file_id: z.string() });

const uploadWithinMs = 30_000;
const inDirectMessage = "Sent to your DMs.";
const inThread = "Posted in the thread.";

/**
 * Gives files to one person, in the DM with us: nobody else can see them there. Without the scope for files nothing is
 * given: a long conversation would be dozens of posts, at one a second, and no longer the file that was asked for.
 * The client's own way of uploading can't be called off, and sends our token to the address for the bytes too.
 */
export class FileSender {
  readonly #ports: FileGiverPorts;

  constructor(ports: FileGiverPorts) {
    this.#ports = ports;
  }

  /** @throws {PlatformError}, or the signal's reason. */
  readonly give = async (
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
    for (const file of files)
      uploaded.push(await this.#upload({ ...file, text: channelIds.inText(file.text) }, signal));
    const [first, ...rest] = uploaded;
    if (first === undefined) return;
    const share = { channel_id: direct, initial_comment: fallbackText(text) };
    const thread = isHere && threadTs !== undefined ? { thread_ts: threadTs } : {};
    await api.call(
      (client) => client.files.completeUploadExternal({ ...share, ...thread, files: [first, ...rest] }),
      signal,
    );
    if (!isHere) await this.#say(to, inDirectMessage, signal);
    else if (replacesOriginal === true) await this.#say(to, inThread, signal);
  };

  /** Nobody sees it yet. */
  async #upload({ name, text }: TextFile, signal: AbortSignal) {
    const { api, apiUrl } = this.#ports;
    const body = new TextEncoder().encode(text);
    const { upload_url: url, file_id: id } = await api.call(
      async (client) =>
        begun.parse(await client.files.getUploadURLExternal({ filename: name, length: body.length })),
      signal,
    );
    const plain = { type: "application/octet-stream", body, withinMs: uploadWithinMs };
    if (!isOfSlack(url, apiUrl) || !(await plainPost(url, plain, signal))) {
      throw new PlatformError("rejected", "Slack does not take the file");
    }
    return { id, title: name };
  }

  /** The files are there: what fails now must not make them be given again. */
  async #say(to: ReplyAddress, line: string, signal: AbortSignal): Promise<void> {
    const { privately, log } = this.#ports;
    try {
      await privately.tell(to, [line], signal);
    } catch (error) {
      log.warn({ err: error }, "the line about files that were given could not be shown");
    }
  }
}
