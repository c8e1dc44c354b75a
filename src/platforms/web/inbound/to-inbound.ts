import { formOf } from "../../../domain/action-form.ts";
import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Inbound, Pressed } from "../../../domain/inbound.ts";
import type { Attachment } from "../../../domain/message.ts";
import type { TimeZone } from "../../../domain/time-zone.ts";
import { keyFor } from "../wire/keys.ts";
import { permalinkTo } from "../wire/permalink.ts";
import type { ClientFrame } from "../wire/protocol.ts";

type InboundFrame = Extract<
  ClientFrame,
  { readonly type: "say" | "command" | "press" | "stop" | "edit" | "delete" | "remove" }
>;

/** The sender of a frame. */
interface WebAuthor {
  readonly user: string;
  /** The browser's time zone, if it names one. */
  readonly timeZone?: TimeZone | undefined;
}

/** What the frame does not say itself. */
interface Arrival {
  /** The frame's id, or a new one if it has none. */
  readonly id: string;
  readonly nowMs: number;
  /** Of a message. */
  readonly attachments: readonly Attachment[];
}

/** Converts a frame to an inbound. */
export function toInbound(
  frame: InboundFrame,
  { user, timeZone }: WebAuthor,
  { id, nowMs, attachments }: Arrival,
): Inbound {
  const conversation = keyFor({ user, conversation: frame.conversation });
  const base = {
    conversation,
    dedupeId: `${conversation}:${dedupeType(frame)}:${id}`,
    platform: "web",
    place: user,
  };
  const author = { id: user, name: "User", ...(timeZone === undefined ? {} : { timeZone }) };
  const replyTo = { platform: "web", target: { user, conversation: frame.conversation } };
  switch (frame.type) {
    case "say": {
      const permalink = permalinkTo(frame, id);
      const message = { id, author, text: frame.text, saidAtMs: nowMs, attachments, permalink };
      return { ...base, kind: "said", addressing: "direct", replyTo, message };
    }
    case "command": {
      const { name, argument } = frame;
      const order = { name, argument: argument.trim(), by: author, saidAtMs: nowMs };
      return { ...base, kind: "commanded", ...order, replyTo };
    }
    case "press":
    case "stop":
      return { ...base, ...pressOf(frame, conversation), by: author, pressedAtMs: nowMs, replyTo };
    case "edit":
      return { ...base, kind: "edited", message: frame.message, text: frame.text, replyTo };
    case "delete":
      return { ...base, kind: "deleted", message: frame.message, replyTo };
    case "remove":
      return { ...base, kind: "erased" };
  }
}

/** Of a press and a command with the id of one offer, the first counts. */
function dedupeType(frame: InboundFrame): string {
  return frame.type === "press" && frame.action === "give-command" ? "command" : frame.type;
}

function pressOf(
  frame: Extract<InboundFrame, { readonly type: "press" | "stop" }>,
  conversation: ConversationKey,
): Pick<Pressed, "kind" | "action" | "on" | "value"> {
  if (frame.type === "stop") return { kind: "pressed", action: "stop", on: frame.on ?? conversation };
  const { action, on = conversation } = frame;
  const hasForm = formOf(action) !== undefined;
  const value = hasForm ? frame.value?.trim() : frame.value;
  // An empty form says nothing.
  const isMissing = value === undefined || (hasForm && value === "");
  return { kind: "pressed", action, on, ...(isMissing ? {} : { value }) };
}
