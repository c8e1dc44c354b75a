import { z } from "zod";

import type { CommandDefinition } from "../../../domain/command.ts";
import type { Offer } from "../../../domain/offer.ts";

/** The longest text that a person may send, in UTF-16 code units. */
export const maxTextChars = 100_000;
/** What may stand behind a command's name. */
export const maxArgumentChars = 4_000;

/** The client's own choice. No line breaks, spaces or separators: it stands in keys and lists of the stores. */
const id = z.string().regex(/^[\w.:-]{1,128}$/u);
const conversation = z.string().regex(/^[\w-]{1,64}$/u);
const text = z.string();

/**
 * What a client may send, one JSON object in each text frame. `id` is the client's own and makes a repeat harmless.
 * `older` asks for what stands before an ordinal: see `more` in a history. `rename` and `remove` are for the list of
 * conversations: a name for one, and everything kept of one gone.
 */
export const frameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("say"), id, conversation, text }),
  z.object({
    type: z.literal("command"),
    id,
    conversation,
    name: z.string().regex(/^[\w-]{1,32}$/u),
    argument: z.string().default(""),
  }),
  z.object({ type: z.literal("stop"), conversation }),
  z.object({ type: z.literal("open"), conversation }),
  z.object({ type: z.literal("older"), conversation, before: z.int().positive() }),
  z.object({ type: z.literal("list") }),
  z.object({ type: z.literal("edit"), id, conversation, message: id, text }),
  z.object({ type: z.literal("delete"), id, conversation, message: id }),
  z.object({ type: z.literal("rename"), id, conversation, title: z.string().trim().min(1).max(80) }),
  z.object({ type: z.literal("remove"), id, conversation }),
]);

export type ClientFrame = z.output<typeof frameSchema>;

/** A message as a page shows it. */
export interface ShownMessage {
  readonly id: string;
  readonly role: "user" | "assistant" | "notice";
  readonly text: string;
  readonly atMs: number;
  /** Missing: not remembered yet, so it belongs to the present one. */
  readonly chapter?: number;
  /** The order of remembering. Missing: not remembered yet. */
  readonly ordinal?: number;
}

/** A command as menus show it. */
export interface MenuCommand extends Omit<CommandDefinition, "text"> {
  /** Free text may follow. */
  readonly text?: Omit<NonNullable<CommandDefinition["text"]>, "pattern" | "whenMissing">;
}

/** How a part of a history goes on upwards. */
interface OlderPart {
  /** There may be more, before this ordinal. Missing: this is the beginning. */
  readonly more?: number;
  /** What is older could not be read now. */
  readonly incomplete?: true;
}

/** What the server sends. */
export type ServerFrame =
  | {
      readonly type: "welcome";
      readonly user: string;
      readonly demo: boolean;
      readonly conversations: readonly {
        readonly id: string;
        readonly title: string;
        readonly atMs: number;
      }[];
      readonly commands: readonly MenuCommand[];
      /** `POST /sign-out` makes the browser forget who it is. */
      readonly signOut?: true;
    }
  /** The newest messages of a conversation as it reads now; whatever a page showed of a running answer is void. */
  | (OlderPart & {
      readonly type: "history";
      readonly conversation: string;
      readonly messages: readonly ShownMessage[];
      /** The present one: what is said next belongs to it. */
      readonly chapter: number;
      /** The first one that is still used: below `chapter` where a reset was undone. */
      readonly since: number;
    })
  /** What stands between `more` and `before`, oldest first. */
  | (OlderPart & {
      readonly type: "older";
      readonly conversation: string;
      readonly before: number;
      readonly messages: readonly ShownMessage[];
    })
  /** It is stored: an answer will come, whatever happens to this process. */
  | { readonly type: "accepted"; readonly id: string; readonly conversation: string }
  /** An answer is on its way and not written yet. `words`: what is looked up for it; missing: it is being thought of. */
  | { readonly type: "working"; readonly conversation: string; readonly words?: string }
  /** `covers`: the messages that it answers, as far as that is known. */
  | {
      readonly type: "piece";
      readonly conversation: string;
      readonly turn: string;
      readonly text: string;
      readonly covers?: readonly string[];
    }
  | {
      readonly type: "done";
      readonly conversation: string;
      readonly turn: string;
      readonly text: string;
      readonly covers: readonly string[];
    }
  /** For the person alone. `offer`: buttons; the first that is pressed counts, as a command with the offer's id. */
  | {
      readonly type: "notice";
      readonly conversation: string;
      readonly text: string;
      readonly offer?: Pick<Offer, "id" | "choices">;
    }
  /**
   * A file for the person. A long one comes in several frames, one after the other, with the same `file`: their texts,
   * joined, are what is in it.
   */
  | {
      readonly type: "file";
      readonly conversation: string;
      readonly name: string;
      readonly mediaType: string;
      readonly file: string;
      /** From 0. */
      readonly part: number;
      readonly parts: number;
      readonly text: string;
    }
  | { readonly type: "renamed"; readonly conversation: string; readonly title: string }
  | { readonly type: "removed"; readonly conversation: string }
  /** Nothing is left of it: it leaves the list. What is said in it lists it again. */
  | { readonly type: "unlisted"; readonly conversation: string }
  | {
      readonly type: "error";
      readonly id?: string;
      readonly code: ErrorCode;
      readonly message: string;
      readonly reference: string;
    };

export type ErrorCode =
  | "bad-frame"
  | "empty"
  | "too-long"
  | "slow-down"
  | "limit-reached"
  | "not-stored"
  | "memory-unavailable"
  | "unknown-command";
