import { z } from "zod";

const id = z.string().min(1);
const place = { user: id, conversation: z.string().regex(/^[\w-]{1,64}$/u) };
const choice = z.object({
  label: z.string(),
  name: z.string(),
  argument: z.string(),
  isDangerous: z.literal(true).optional(),
});
const offer = z.object({ id, choices: z.array(choice) });
const said = z.object({ id, text: z.string(), atMs: z.number() });

/**
 * What one replica tells all of them, itself included, so that a page shows it wherever its socket hangs.
 * Any of it may be lost on the way. `page`: the one where it was done, which shows it by itself,
 * or a name that is no page's.
 */
export const liveEventSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("said"), ...place, message: said, page: id }),
  /** Without a text it was deleted. */
  z.object({ kind: z.literal("changed"), ...place, message: id, text: z.string().optional(), page: id }),
  z.object({ kind: z.literal("renamed"), ...place, title: z.string() }),
  /** It has another title, which is looked up. */
  z.object({ kind: z.literal("retitled"), ...place }),
  z.object({ kind: z.literal("removed"), ...place }),
  /** What is remembered was changed, without an answer that would tell of it. */
  z.object({ kind: z.literal("revised"), ...place }),
  /**
   * An answer has grown: `text` stands at `at` of this writer's draft. At 0 it is the whole text so far, and `said` is
   * what waits for this answer or the next.
   */
  z.object({
    kind: z.literal("grown"),
    ...place,
    turn: id,
    writer: id,
    draft: z.number(),
    at: z.number(),
    text: z.string(),
    said: z.array(said),
    /** The messages that it answers. Missing: they are not known. */
    covers: z.array(id).optional(),
  }),
  /** An answer is on its way and not written yet; `words`: what is looked up for it. */
  z.object({ kind: z.literal("working"), ...place, words: z.string().optional() }),
  /** What was shown of an answer that is being written is taken back. Without a turn: of whichever. */
  z.object({ kind: z.literal("withdrawn"), ...place, turn: id.optional() }),
  z.object({ kind: z.literal("finished"), ...place, turn: id, text: z.string(), covers: z.array(id) }),
  z.object({ kind: z.literal("noticed"), ...place, text: z.string(), offer: offer.optional() }),
  /** Somebody missed something: whoever writes an answer there is to tell the whole of it. */
  z.object({ kind: z.literal("asked"), ...place }),
]);

export type LiveEvent = z.output<typeof liveEventSchema>;

/** What the news of a growing answer say about it. */
export type Growth = Omit<
  Extract<LiveEvent, { readonly kind: "grown" }>,
  "kind" | "user" | "conversation" | "said"
>;
