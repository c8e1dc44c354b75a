import { createHash } from "node:crypto";

import { MessageFlags, type RawFile } from "discord.js";

import type { TextFile } from "../../../ports/platform.ts";

/** What every text of ours has on the wire: it pings nobody, and no link in it fetches anything. */
export interface MessageBody {
  readonly content: string;
  readonly flags: number;
  readonly allowed_mentions: { readonly parse: readonly never[]; readonly replied_user: false };
  /** Names what `files` bring. An edit that is repeated then replaces them; else it would add them again. */
  readonly attachments?: readonly { readonly id: number; readonly filename: string }[];
}

/** A text with files: they travel beside the body. */
export interface BodyWithFiles extends MessageBody {
  readonly files?: readonly RawFile[];
}

export function bodyOf(text: string): MessageBody {
  return {
    content: text,
    flags: MessageFlags.SuppressEmbeds,
    // Left out, Discord would honour an @everyone that the model wrote.
    allowed_mentions: { parse: [], replied_user: false },
  };
}

/** For the asker's eyes only; interactions alone can do that. */
export function privateBodyOf(text: string): MessageBody {
  return { ...bodyOf(text), flags: MessageFlags.SuppressEmbeds | MessageFlags.Ephemeral };
}

/** The files of a message, as discord.js sends them. */
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

/** The same parts make the same nonce, in any process. Discord takes at most 25 characters. */
export function nonceOf(...parts: readonly (string | number)[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("base64url").slice(0, 24);
}
