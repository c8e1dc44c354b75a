import type { APIMessage } from "discord.js";

import type { Platform } from "../../../ports/platform.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { download } from "../../../runtime/http/download.ts";
import { readFileRef } from "../wire/file-ref.ts";
import type { DiscordApi } from "./discord-api.ts";

const timeoutMs = 30_000;
/** https://discord.com/developers/docs/reference#signed-attachment-cdn-urls */
const fileHosts: ReadonlySet<string> = new Set(["cdn.discordapp.com", "media.discordapp.net"]);

/**
 * Makes Discord's `readFile`. Reads the message again, because the URLs of its files expire, and because the bot may read
 * the file only while it may read the message. The token is not sent: the URL is signed. Where a URL has just expired, a new one is
 * asked for, once.
 */
export function fileReader(api: DiscordApi, apiUrl: string | undefined): NonNullable<Platform["readFile"]> {
  const readOnce: NonNullable<Platform["readFile"]> = async (ref, maxBytes, signal) => {
    const { channel, message, attachment } = readFileRef(ref);
    const file = attachmentsIn(await api.message(channel, message, signal)).find(
      ({ id }) => id === attachment,
    );
    if (file === undefined) throw new PlatformError("gone", "the message no longer has this file");
    if (file.size > maxBytes) throw new PlatformError("rejected", "the file is larger than allowed");
    if (!isFileUrl(file.url, apiUrl)) throw new PlatformError("rejected", "the file does not lie at Discord");
    try {
      return (await download({ url: file.url, maxBytes, timeoutMs }, signal)).bytes;
    } catch (error) {
      throw isExpired(error) ? new ExpiredUrl(error) : error;
    }
  };
  return async (...given) => {
    try {
      return await readOnce(...given);
    } catch (error) {
      if (!(error instanceof ExpiredUrl)) throw error;
      return readOnce(...given).catch((again: unknown) => {
        throw again instanceof ExpiredUrl ? again.cause : again;
      });
    }
  };
}

/** The file's server refused a URL that the message named a moment ago. */
class ExpiredUrl extends Error {
  override readonly name = "ExpiredUrl";

  constructor(cause: unknown) {
    super("the URL of a file has expired", { cause });
  }
}

function isExpired(error: unknown): boolean {
  return error instanceof PlatformError && (error.kind === "gone" || error.kind === "forbidden");
}

/** Includes forwarded files. */
function attachmentsIn({ attachments, message_snapshots: forwards = [] }: APIMessage) {
  return [...attachments, ...forwards.flatMap(({ message }) => message.attachments)];
}

/** Whether a URL belongs to Discord's file servers, or to the host of `apiUrl`. */
function isFileUrl(address: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, origin } = new URL(address);
  if (apiUrl !== undefined && origin === new URL(apiUrl).origin) return true;
  return protocol === "https:" && fileHosts.has(hostname);
}
