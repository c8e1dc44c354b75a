import { z } from "zod";

import type { Post } from "../../../ports/platform.ts";

const eventType = "threadkeeper_reply";

const ours = z.object({
  event_type: z.literal(eventType),
  event_payload: z.object({ turn: z.string(), state: z.string(), part: z.number().optional() }),
});

/** What a post's metadata says of it. One that is done names no part: it is the last, after all that name theirs. */
export interface PostMark {
  readonly turn: string;
  readonly part?: number;
}

/** Slack refuses metadata that are too large. */
const mostCovered = 100;

/** Marks a post as ours, with the newest messages that it answers. Programs outside rely on the form of a finished one: it names no part. */
export function metadataOf({ turn, covers, part, state }: Post) {
  const payload = { turn, covers: covers.slice(-mostCovered), state };
  return {
    event_type: eventType,
    event_payload: state === "done" ? payload : { ...payload, part },
  };
}

/** Undefined for what is no metadata of ours. */
export function markIn(metadata: unknown): PostMark | undefined {
  const parsed = ours.safeParse(metadata);
  if (!parsed.success) return undefined;
  const { turn, part } = parsed.data.event_payload;
  return part === undefined ? { turn } : { turn, part };
}
