import { createHash } from "node:crypto";

import { MessageFlags } from "discord.js";

/** What every text of ours has on the wire: it pings nobody, and no link in it fetches anything. */
export interface MessageBody {
  readonly content: string;
  readonly flags: number;
  readonly allowed_mentions: { readonly parse: readonly never[]; readonly replied_user: false };
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

/** The same parts make the same nonce, in any process. Discord takes at most 25 characters. */
export function nonceOf(...parts: readonly (string | number)[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("base64url").slice(0, 24);
}
