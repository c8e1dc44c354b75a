import { createHash } from "node:crypto";

import { MessageFlags, type RawFile } from "discord.js";

import type { TextFile } from "../../../ports/platform-private-replies.ts";
import type { ButtonRow } from "./offer-buttons.ts";

/** The body of every post: it pings nobody and shows no link previews. */
export interface MessageBody {
  readonly content: string;
  readonly flags: number;
  readonly allowed_mentions: { readonly parse: readonly never[]; readonly replied_user: false };
  /** What the message is to show: an edit removes all others. Missing: an edit leaves them. */
  readonly attachments?: readonly ListedAttachment[];
  /** Empty: an edit removes the buttons. Missing: an edit leaves them. */
  readonly components?: readonly ButtonRow[];
}

/** One of the `files` that are sent beside the body, by its number, or an attachment that stays. */
export type ListedAttachment =
  | { readonly id: number; readonly filename: string; readonly description?: string }
  | { readonly id: string };

/** A text with files, which are sent beside the body. */
export interface BodyWithFiles extends MessageBody {
  readonly files?: readonly RawFile[];
}

/** Without it, Discord would honour an @everyone written by the model. */
export const noPings: MessageBody["allowed_mentions"] = { parse: [], replied_user: false };

export function bodyOf(text: string): MessageBody {
  return { content: text, flags: MessageFlags.SuppressEmbeds, allowed_mentions: noPings };
}

/** Only the asker sees it; works only in responses to interactions. */
export function privateBodyOf(text: string): MessageBody {
  return { ...bodyOf(text), flags: MessageFlags.SuppressEmbeds | MessageFlags.Ephemeral };
}

/** A message's files, as discord.js expects them. */
export function filesOf(files: readonly TextFile[]): Pick<BodyWithFiles, "attachments" | "files"> {
  if (files.length === 0) return {};
  return {
    attachments: files.map(({ name }, id) => ({ id, filename: name })),
    files: files.map(({ name, mediaType, text }) => ({
      name,
      contentType: mediaType,
      data: Buffer.from(text),
    })),
  };
}

/** Deterministic: the same parts give the same nonce in any process. Discord allows 25 characters. */
export function nonceOf(...parts: readonly (string | number)[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("base64url").slice(0, 24);
}
