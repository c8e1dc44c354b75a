import type {
  Absence,
  Addressing,
  Commanded,
  Deleted,
  Edited,
  Erased,
  Said,
  Stopped,
} from "../../../src/domain/inbound.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";

const conversation: ConversationKey = "fake:room:1";
const base = { conversation, platform: "fake", place: "room" } as const;
let count = 0;
const dedupeId = (): string => `fake:${(count += 1)}`;

interface Somewhere {
  readonly conversation?: ConversationKey;
}

/** Something that Ada said to the bot, unless told otherwise. */
export function said(
  id: string,
  text: string,
  options: {
    readonly addressing?: Addressing;
    readonly by?: string;
    readonly conversation?: ConversationKey;
    readonly saidAtMs?: number;
    readonly missed?: Absence;
  } = {},
): Said {
  const by = options.by ?? "ada";
  return {
    ...base,
    kind: "said",
    conversation: options.conversation ?? conversation,
    dedupeId: dedupeId(),
    addressing: options.addressing ?? "mention",
    message: {
      id,
      text,
      author: { id: by, name: `${by.slice(0, 1).toUpperCase()}${by.slice(1)}` },
      saidAtMs: options.saidAtMs ?? 1_000,
      attachments: [],
    },
    replyTo: { platform: "fake", target: { room: "1", message: id } },
    ...(options.missed === undefined ? {} : { missed: options.missed }),
  };
}

export function edited(message: string, text: string, options: Somewhere = {}): Edited {
  return { ...base, ...options, kind: "edited", dedupeId: dedupeId(), message, text };
}

export function deleted(message: string): Deleted {
  return { ...base, kind: "deleted", dedupeId: dedupeId(), message };
}

export function command(
  name: string,
  argument = "",
  options: Somewhere & { readonly saidAtMs?: number } = {},
): Commanded {
  return {
    ...base,
    saidAtMs: 1_000,
    ...options,
    kind: "commanded",
    dedupeId: dedupeId(),
    name,
    argument,
    by: { id: "ada", name: "Ada" },
    replyTo: { platform: "fake", target: { room: "1" } },
  };
}

export function stopped(): Stopped {
  return { ...base, kind: "stopped", dedupeId: dedupeId() };
}

export function erased(): Erased {
  return { ...base, kind: "erased", dedupeId: dedupeId() };
}
