import { z } from "zod";

import { shownAction } from "./shown-actions.ts";

const id = z.string().min(1);
const conversation = z.string().regex(/^[\w-]{1,64}$/u);
const place = { user: id, conversation };
const choice = z.object({
  label: z.string(),
  name: z.string(),
  argument: z.string(),
  isDangerous: z.literal(true).optional(),
  value: z.string().exactOptional(),
});

const shownFile = z.object({
  name: z.string(),
  mediaType: z.string(),
  bytes: z.number(),
  url: z.string().exactOptional(),
  description: z.string().exactOptional(),
  width: z.number().exactOptional(),
  height: z.number().exactOptional(),
});

/** The frames that pages of all replicas get as they are. See ServerFrame. */
const frame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("working"),
    conversation,
    words: z.string().exactOptional(),
    makes: z.literal("image").exactOptional(),
    by: id.exactOptional(),
  }),
  z.object({
    type: z.literal("notice"),
    conversation,
    text: z.string(),
    offer: z.object({ id, choices: z.array(choice) }).exactOptional(),
  }),
  z.object({
    type: z.literal("file"),
    conversation,
    name: z.string(),
    mediaType: z.string(),
    bytes: z.number(),
    url: z.string(),
  }),
  z.object({
    type: z.literal("done"),
    conversation,
    turn: id,
    text: z.string(),
    covers: z.array(id),
    on: id.exactOptional(),
    cut: z.literal(true).exactOptional(),
    role: z.literal("notice").exactOptional(),
    files: z.array(shownFile).exactOptional(),
  }),
  z.object({ type: z.literal("rated"), conversation, on: id, verdict: z.enum(["up", "down"]) }),
  z.object({ type: z.literal("removed"), conversation }),
]);

/** What happened on one replica, for the pages of all. Holds no text of stored messages: those are read again. */
const event = z.discriminatedUnion("kind", [
  /**
   * The inbox or memory has changed. `open`: only pages that have the conversation open read it again. `page`: shows
   * the change already. `said`: the message that waits now.
   */
  z.object({
    kind: z.literal("changed"),
    ...place,
    pages: z.enum(["all", "open"]),
    page: id.exactOptional(),
    said: id.exactOptional(),
  }),
  /** The title in the directory has changed. */
  z.object({ kind: z.literal("retitled"), ...place }),
  /** The post of a turn is gone, a draft or an answer. Memory may follow later. */
  z.object({ kind: z.literal("retracted"), ...place, turn: id }),
  /** `draft` is unique for its writer. `text` begins at position `at` of the draft, in UTF-16 code units. `covers`: missing after the beginning. */
  z.object({
    kind: z.literal("grown"),
    ...place,
    draft: z.int(),
    turn: id,
    /** The turn that writes it: another than `turn` where an answer is given again. Missing: an older version sends it. */
    by: id.optional(),
    at: z.int().nonnegative(),
    text: z.string(),
    covers: z.array(id).exactOptional(),
    /** The buttons under the draft from now on. Missing: as before; at 0: none. */
    actions: z.array(shownAction).exactOptional(),
  }),
  /** A replica lacks a part of the draft; its writer should send the whole. */
  z.object({ kind: z.literal("asked"), ...place }),
  z.object({ kind: z.literal("shown"), user: id, frame }),
]);

/** An event as it is sent. `from`: the sending replica, which has handled it already. */
export const sentEventSchema = z.object({ from: id }).and(event);

export type LiveEvent = z.output<typeof event>;
/** A frame that pages of all replicas get as it is. */
export type LiveFrame = z.output<typeof frame>;
/** The draft's part of a "grown" event. */
export type Growth = Pick<
  Extract<LiveEvent, { readonly kind: "grown" }>,
  "draft" | "turn" | "by" | "at" | "text" | "covers" | "actions"
>;
