import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Turn } from "../../domain/turn.ts";
import type { Log } from "../../ports/log.ts";
import { postFileSchema } from "./post-file-schema.ts";
import { replyAddressSchema } from "./reply-address-schema.ts";
import { toolRoundSchema } from "./tool-round-schema.ts";
import { accountSchema } from "./turn-record-schema.ts";
import { sourceSchema } from "./source-schema.ts";

/** Format 2 stores entry ids as numbers. */
const entryIds = z.array(z.union([z.string(), z.number().transform(String)]));

/** A running turn as stored in the journal. */
const turnSchema: z.ZodType<Turn> = z.object({
  id: z.string(),
  conversation: z.custom<ConversationKey>(isConversationKey),
  attempt: z.number(),
  covers: entryIds,
  replyTo: replyAddressSchema,
  posts: z.array(
    z.object({
      part: z.number(),
      intendedAtMs: z.number(),
      id: z.string().exactOptional(),
      isWhole: z.boolean().exactOptional(),
      again: z.number().exactOptional(),
    }),
  ),
  replyMode: z.enum(["mention", "thread", "always", "off"]).exactOptional(),
  waitsFor: z.object({ what: z.enum(["memory", "model", "loading"]), reference: z.string() }).exactOptional(),
  request: z.string().exactOptional(),
  told: entryIds.exactOptional(),
  refusals: z.number().exactOptional(),
  wasLineTaken: z.literal(true).exactOptional(),
  draft: z.string().exactOptional(),
  answer: z.string().exactOptional(),
  restored: z.object({ turn: z.string(), line: z.string().exactOptional() }).exactOptional(),
  answerRole: z.enum(["bot", "notice"]).exactOptional(),
  files: z.array(postFileSchema).exactOptional(),
  sharedFiles: z.array(z.string()).exactOptional(),
  refusesFiles: z.literal(true).exactOptional(),
  sources: z.array(sourceSchema).exactOptional(),
  rounds: z.array(toolRoundSchema).exactOptional(),
  account: accountSchema.exactOptional(),
});

/**
 * Undefined for no turn, and if it can't be read. It is then planned again from the inbox; at worst a placeholder is
 * posted twice.
 */
export function readTurn(stored: unknown, log: Log): Turn | undefined {
  if (typeof stored !== "string" || stored === "") return undefined;
  try {
    return turnSchema.parse(JSON.parse(stored));
  } catch {
    log.error({}, "a running turn could not be read; planning it again from the inbox");
    return undefined;
  }
}
