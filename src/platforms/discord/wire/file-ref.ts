import type { FileRef } from "../../../domain/file-ref.ts";

/**
 * The reference of an attachment. It names the message too: a URL of Discord's CDN expires after about a day, and reading the
 * message again gives a new one. https://discord.com/developers/docs/reference#signed-attachment-cdn-urls
 */
export function fileRefOf(channel: string, message: string, attachment: string): FileRef {
  return { platform: "discord", id: `${channel}/${message}/${attachment}` };
}

/** Where the file of a reference is. Its parts are empty if the reference is not one of Discord's. */
export function readFileRef({ id }: FileRef): Readonly<Record<"channel" | "message" | "attachment", string>> {
  const [channel = "", message = "", attachment = ""] = id.split("/");
  return { channel, message, attachment };
}
