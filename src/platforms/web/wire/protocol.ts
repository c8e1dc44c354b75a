import { z } from "zod";

import type { ActionForm } from "../../../domain/action-form.ts";
import type { CommandDefinition } from "../../../domain/command.ts";
import type { Verdict } from "../../../domain/feedback.ts";
import type { Choice, Offer } from "../../../domain/offer.ts";
import { fileIds, type FileFrame, type ShownFile } from "./files.ts";
import type { ShownAction } from "./shown-actions.ts";
import type { ReplyButtons, ShownMessage } from "./shown-message.ts";

/** The longest text that a person may send, in UTF-16 code units. */
export const maxTextChars = 100_000;
/** The longest argument of a command, in UTF-16 code units. */
export const maxArgumentChars = 4_000;

/** Chosen by the client. No line breaks, spaces or separators: ids are parts of the stores' keys and lists. */
const id = z.string().regex(/^[\w.:-]{1,128}$/u);
const conversation = z.string().regex(/^[\w-]{1,64}$/u);
const text = z.string();

/**
 * A client's frame: one JSON object per text frame. `id`: the client's own; makes a repeat idempotent. `say`: `files` are ids
 * of uploads in the same conversation; with one, the text may be empty. `older`:
 * requests messages before an ordinal; see `more` in a history. `rename` and `remove`: change the list of
 * conversations; `remove` erases one. `press`: a button; `action`, `on` and `value` are what the server sent with it. For the
 * buttons of a finished reply, see ReplyButtons. `stop`: `on` is the turn that writes the answer; missing: whichever answer runs.
 */
export const frameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("say"), id, conversation, text, files: fileIds.exactOptional() }),
  z.object({
    type: z.literal("command"),
    id,
    conversation,
    name: z.string().regex(/^[\w-]{1,32}$/u),
    argument: z.string().default(""),
  }),
  z.object({
    type: z.literal("press"),
    id,
    conversation,
    action: z.string().regex(/^[\w-]{1,32}$/u),
    on: id.exactOptional(),
    value: z.string().exactOptional(),
  }),
  z.object({ type: z.literal("stop"), conversation, on: id.exactOptional() }),
  z.object({ type: z.literal("open"), conversation }),
  z.object({ type: z.literal("older"), conversation, before: z.int().positive() }),
  z.object({ type: z.literal("list") }),
  z.object({ type: z.literal("edit"), id, conversation, message: id, text }),
  z.object({ type: z.literal("delete"), id, conversation, message: id }),
  z.object({ type: z.literal("rename"), id, conversation, title: z.string().trim().min(1).max(80) }),
  z.object({ type: z.literal("remove"), id, conversation }),
]);

export type ClientFrame = z.output<typeof frameSchema>;

/** A command as menus show it. */
export interface MenuCommand extends Omit<CommandDefinition, "text"> {
  /** The free text after the name. */
  readonly text?: Omit<NonNullable<CommandDefinition["text"]>, "pattern" | "whenMissing">;
}

interface ShownChoice extends Choice {
  /** Missing: the line comes from a replica of an older version; send a `command`. */
  readonly value?: string;
}

interface ShownOffer extends Pick<Offer, "id"> {
  readonly choices: readonly ShownChoice[];
}

/** Whether older messages exist. */
interface OlderPart {
  /** Older messages may exist before this ordinal. Missing: this is the beginning. */
  readonly more?: number;
  /** Older messages could not be read now. */
  readonly incomplete?: true;
}

/** A frame of the server. */
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
      /** The person can sign out with `POST /sign-out`. */
      readonly signOut?: true;
      /** Recordings that are sent as files are listened to. */
      readonly voice?: true;
      /** By action: the form that opens at its press. Its text is sent as a second `press`, with the text as the value. */
      readonly forms: Readonly<Record<string, ActionForm>>;
    }
  /** The newest messages of a conversation in their current form. A draft that the page shows is outdated. */
  | (OlderPart & {
      readonly type: "history";
      readonly conversation: string;
      readonly messages: readonly ShownMessage[];
      /** The current chapter; the next message belongs to it. */
      readonly chapter: number;
      /** The first chapter that still counts; less than `chapter` after an undone reset. */
      readonly since: number;
      /** Replies before this ordinal can't be given again. */
      readonly window: number;
    })
  /** The messages between `more` and `before`, oldest first. */
  | (OlderPart & {
      readonly type: "older";
      readonly conversation: string;
      readonly before: number;
      readonly messages: readonly ShownMessage[];
    })
  /** The message is stored, so an answer will come even if this process ends. */
  | {
      readonly type: "accepted";
      readonly id: string;
      readonly conversation: string;
      /** The files of the message. Missing: it has none. */
      readonly files?: readonly ShownFile[];
    }
  /**
   * An answer is being prepared. `words`: what is being looked up. `makes`: what is being made. Neither: the model is thinking.
   * `by`: the turn, which a `stop` can name; missing: a replica of an older version does it.
   */
  | {
      readonly type: "working";
      readonly conversation: string;
      readonly words?: string;
      readonly makes?: "image";
      readonly by?: string;
    }
  /**
   * `text` may be empty. `covers`: the messages that it answers, if known. `actions`: the buttons under the answer from now
   * on; missing: as before, and none under another answer. They end with `done`. `by`: the turn that writes it, if `turn`
   * is the reply that it replaces.
   */
  | {
      readonly type: "piece";
      readonly conversation: string;
      readonly turn: string;
      readonly by?: string;
      readonly text: string;
      readonly covers?: readonly string[];
      readonly actions?: readonly ShownAction[];
    }
  /** It replaces a message that has the turn's id. */
  | (ReplyButtons & {
      readonly type: "done";
      readonly conversation: string;
      readonly turn: string;
      readonly text: string;
      readonly covers: readonly string[];
      readonly role?: "notice";
      /** Its images. Missing: it has none. */
      readonly files?: readonly ShownFile[];
    })
  /** The person gave a verdict on a reply, on any page. */
  | { readonly type: "rated"; readonly conversation: string; readonly on: string; readonly verdict: Verdict }
  /**
   * For the person alone. `offer`: buttons, of which the first press counts. It is sent as a `press` whose `id` and `on` are
   * the offer's id, with the action `give-command` and the choice's `value`; or as a `command` with the offer's id.
   */
  | {
      readonly type: "notice";
      readonly conversation: string;
      readonly text: string;
      readonly offer?: ShownOffer;
    }
  | FileFrame
  | { readonly type: "renamed"; readonly conversation: string; readonly title: string }
  | { readonly type: "removed"; readonly conversation: string }
  /** The conversation is empty and leaves the list. A new message lists it again. */
  | { readonly type: "unlisted"; readonly conversation: string }
  | {
      readonly type: "error";
      readonly id?: string;
      readonly code: ErrorCode;
      readonly message: string;
      readonly reference: string;
      /** Of `file-gone`: the ids that can't be sent. */
      readonly files?: readonly string[];
    };

export type ErrorCode =
  | "bad-frame"
  | "empty"
  | "too-long"
  | "too-many-files"
  | "file-gone"
  | "file-with-command"
  | "slow-down"
  | "limit-reached"
  | "switched-off"
  | "not-stored"
  | "memory-unavailable"
  | "unknown-command";
