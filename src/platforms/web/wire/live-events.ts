import { z } from "zod";

const id = z.string().min(1);
const place = { user: id, conversation: z.string().regex(/^[\w-]{1,64}$/u) };
const choice = z.object({
  label: z.string(),
  name: z.string(),
  argument: z.string(),
  isDangerous: z.literal(true).optional(),
  value: z.string().exactOptional(),
});
const offer = z.object({ id, choices: z.array(choice) });
const said = z.object({ id, text: z.string(), atMs: z.number() });

/**
 * Events that a replica broadcasts to all, itself included, so that every page shows them. Events may be lost.
 * `page`: the page that caused it and shows it already, or a name of no page.
 */
export const liveEventSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("said"), ...place, message: said, page: id }),
  /** `text` missing: deleted. */
  z.object({ kind: z.literal("changed"), ...place, message: id, text: z.string().optional(), page: id }),
  z.object({ kind: z.literal("renamed"), ...place, title: z.string() }),
  /** The title has changed; receivers look it up. */
  z.object({ kind: z.literal("retitled"), ...place }),
  z.object({ kind: z.literal("removed"), ...place }),
  /** Memory was changed without an answer. */
  z.object({ kind: z.literal("revised"), ...place }),
  /**
   * A draft has grown: `text` starts at position `at` of this writer's draft. At 0 it is the whole text so far, and
   * `said` holds the waiting messages.
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
    /** The messages that it answers. Missing: unknown. */
    covers: z.array(id).optional(),
  }),
  /** An answer is being prepared. `words`: what is being looked up. */
  z.object({ kind: z.literal("working"), ...place, words: z.string().optional() }),
  /** The draft is retracted. `turn` missing: whichever it is. */
  z.object({ kind: z.literal("withdrawn"), ...place, turn: id.optional() }),
  z.object({ kind: z.literal("finished"), ...place, turn: id, text: z.string(), covers: z.array(id) }),
  z.object({ kind: z.literal("noticed"), ...place, text: z.string(), offer: offer.optional() }),
  /** The person may download a file. `url`: relative to the page. */
  z.object({
    kind: z.literal("offered"),
    ...place,
    name: z.string(),
    mediaType: z.string(),
    bytes: z.number(),
    url: z.string(),
  }),
  /** A replica missed a part of a draft; its writer should send the whole. */
  z.object({ kind: z.literal("asked"), ...place }),
]);

export type LiveEvent = z.output<typeof liveEventSchema>;

/** The draft's part of a "grown" event. */
export type Growth = Omit<
  Extract<LiveEvent, { readonly kind: "grown" }>,
  "kind" | "user" | "conversation" | "said"
>;
