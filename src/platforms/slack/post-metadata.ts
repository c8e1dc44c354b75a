import { z } from "zod";

import type { PostId } from "../../domain/turn.ts";
import type { Post } from "../../ports/platform.ts";

const eventType = "threadkeeper_reply";

const ours = z.object({
  event_type: z.literal(eventType),
  event_payload: z.object({ turn: z.string(), state: z.string(), part: z.number().optional() }),
});

/** A page of a thread, as far as we look at it. */
export const repliesPage = z.object({
  messages: z.array(z.object({ ts: z.string(), metadata: z.unknown().optional() })),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

type Replies = z.output<typeof repliesPage>["messages"];

/** Marks a post as ours. Programs outside rely on the form of a finished one: it names no part. */
export function metadataOf({ turn, covers, part, state }: Post) {
  const payload = { turn, covers: [...covers], state };
  return {
    event_type: eventType,
    event_payload: state === "done" ? payload : { ...payload, part },
  };
}

/** The post of this turn and part. One that is done names no part: it is the last, after all that name theirs. */
export function findPart(messages: Replies, { turn, part }: Pick<Post, "turn" | "part">): PostId | undefined {
  const posts = messages.flatMap(({ ts, metadata }) => {
    const parsed = ours.safeParse(metadata);
    if (!parsed.success || parsed.data.event_payload.turn !== turn) return [];
    return [{ ts, part: parsed.data.event_payload.part }];
  });
  const named = posts.find((post) => post.part === part);
  if (named !== undefined) return named.ts;
  const last = Math.max(-1, ...posts.map((post) => post.part ?? -1)) + 1;
  return part === last ? posts.find((post) => post.part === undefined)?.ts : undefined;
}
