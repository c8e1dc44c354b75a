import { z } from "zod";

import type { Post } from "../../../domain/post.ts";

const eventType = "threadkeeper_reply";

const ours = z.object({
  event_type: z.literal(eventType),
  event_payload: z.object({ turn: z.string(), state: z.string(), part: z.number().optional() }),
});

/** The turn and part that a post's metadata names. A finished post names no part: it is the last of its reply. */
export interface PostMark {
  readonly turn: string;
  readonly part?: number;
}

/** Slack limits the size of metadata. */
const maxCovered = 100;

/**
 * The metadata of a post: its turn and the newest messages that it answers. Other programs rely on the form of a
 * finished post, which names no part.
 */
export function metadataOf({ turn, covers, part, state }: Post) {
  const payload = { turn, covers: covers.slice(-maxCovered), state };
  return {
    event_type: eventType,
    event_payload: state === "done" ? payload : { ...payload, part },
  };
}

/** Undefined for metadata that is not ours. */
export function markIn(metadata: unknown): PostMark | undefined {
  const parsed = ours.safeParse(metadata);
  if (!parsed.success) return undefined;
  const { turn, part } = parsed.data.event_payload;
  return part === undefined ? { turn } : { turn, part };
}
