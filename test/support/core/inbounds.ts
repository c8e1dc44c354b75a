import type {
  Downtime,
  Addressing,
  CommandInbound,
  Deleted,
  Edited,
  Erased,
  Pressed,
  Said,
  Stopped,
} from "../../../src/domain/inbound.ts";
import type { Delegated } from "../../../src/domain/own-inbounds.ts";
import { backgroundInboxOf, type ConversationKey } from "../../../src/domain/conversation.ts";
import type { Author, Message } from "../../../src/domain/message.ts";

const base = { conversation: "fake:room:1", platform: "fake", place: "room" } as const;
let count = 0;
const dedupeId = (): string => `fake:${(count += 1)}`;

interface Somewhere {
  readonly conversation?: ConversationKey;
  readonly place?: string;
}

/** A message from Ada to the bot, unless overridden. */
export function said(
  id: string,
  text: string,
  options: Somewhere & {
    readonly addressing?: Addressing;
    readonly by?: string;
    readonly saidAtMs?: number;
    readonly missed?: Downtime;
    /** What it replies to. */
    readonly quoted?: Message;
    /** Of what it replies to. Missing: of `quoted`. */
    readonly inReplyTo?: string;
  } = {},
): Said {
  const { conversation = base.conversation, place = base.place, quoted } = options;
  const inReplyTo = options.inReplyTo ?? quoted?.id;
  return {
    ...base,
    kind: "said",
    conversation,
    place,
    dedupeId: dedupeId(),
    addressing: options.addressing ?? "mention",
    message: {
      id,
      text,
      author: authorOf(options.by),
      saidAtMs: options.saidAtMs ?? 1_000,
      attachments: [],
      ...(quoted === undefined ? {} : { quoted }),
      ...(inReplyTo === undefined ? {} : { inReplyTo }),
    },
    replyTo: { platform: "fake", target: { room: "1", message: id } },
    ...(options.missed === undefined ? {} : { missed: options.missed }),
  };
}

export function edited(message: string, text: string, options: Somewhere = {}): Edited {
  return { ...base, ...options, kind: "edited", dedupeId: dedupeId(), message, text };
}

/** An edit as platforms send it, with a reply address. */
export function reworded(message: string, text: string, options: Somewhere = {}): Edited {
  return { ...edited(message, text, options), replyTo: { platform: "fake", target: { room: "1", message } } };
}

export function deleted(message: string, options: Somewhere = {}): Deleted {
  return { ...base, ...options, kind: "deleted", dedupeId: dedupeId(), message };
}

/** A deletion as platforms send it, with a reply address. */
export function removed(message: string, options: Somewhere = {}): Deleted {
  return { ...deleted(message, options), replyTo: { platform: "fake", target: { room: "1", message } } };
}

export function command(
  name: string,
  argument = "",
  { by, ...options }: Somewhere & { readonly by?: string; readonly saidAtMs?: number } = {},
): CommandInbound {
  return {
    ...base,
    saidAtMs: 1_000,
    ...options,
    kind: "commanded",
    dedupeId: dedupeId(),
    name,
    argument,
    by: authorOf(by),
    replyTo: { platform: "fake", target: { room: "1" } },
  };
}

/** A person added 🔇 to a message, or removed it. */
export function muteReaction(
  message: string,
  change: "added" | "removed",
  somewhere: Parameters<typeof command>[2] = {},
): CommandInbound {
  return { ...command(change === "added" ? "mute" : "unmute", "", somewhere), reactedTo: message };
}

/** Ada pressed a button. */
export function pressed(action: string, value: string, pressedAtMs: number): Pressed {
  const replyTo = { platform: "fake", target: { room: "1" } };
  const about = { on: "offer", by: authorOf(), value, pressedAtMs, replyTo };
  return { ...base, kind: "pressed", dedupeId: dedupeId(), action, ...about };
}

/** A person pressed a button under a request for approval. */
export function answerPress(action: "approve" | "decline", on: string, by = "ada"): Pressed {
  const { value: _, ...press } = pressed(action, "", 1_000);
  return { ...press, on, by: authorOf(by) };
}

/** A person pressed a thumb under the answer of a turn, or sent the form with a reason. */
export function rated(
  on: string,
  verdict: "up" | "down",
  {
    by,
    reason,
    atMs = 1_000,
    ...somewhere
  }: Somewhere & { readonly by?: string; readonly reason?: string; readonly atMs?: number } = {},
): Pressed {
  const { value: _, ...press } = pressed(`thumbs-${verdict}`, "", atMs);
  return {
    ...press,
    ...somewhere,
    on,
    by: authorOf(by),
    ...(reason === undefined ? {} : { value: reason }),
  };
}

/** A person pressed a button under an answer of this turn. */
export function againPress(
  action: "regenerate" | "continue",
  on: string,
  more: { readonly by?: string; readonly rights?: Pressed["rights"] } = {},
): Pressed {
  const { value: _, ...press } = pressed(action, "", 1_000);
  const rights = more.rights === undefined ? {} : { rights: more.rights };
  return { ...press, ...rights, on, by: authorOf(more.by) };
}

function authorOf(id = "ada"): Author {
  return { id, name: `${id.slice(0, 1).toUpperCase()}${id.slice(1)}` };
}

/** A command that runs in the background of its conversation. */
export function delegated(commanded: CommandInbound): Delegated {
  const conversation = backgroundInboxOf(commanded.conversation);
  return {
    kind: "delegated",
    conversation,
    dedupeId: dedupeId(),
    platform: "",
    place: "",
    command: commanded,
    chapter: 1,
  };
}

/** Missing `turn`: it names none. */
export function stopped(which: Somewhere & Pick<Stopped, "turn" | "pressedAtMs"> = {}): Stopped {
  return { ...base, kind: "stopped", dedupeId: dedupeId(), ...which };
}

export function erased(): Erased {
  return { ...base, kind: "erased", dedupeId: dedupeId() };
}
