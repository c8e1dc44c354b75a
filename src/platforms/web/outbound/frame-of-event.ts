import type { LiveEvent } from "../wire/live-events.ts";
import type { ServerFrame } from "../wire/protocol.ts";

/** The frame for an event that pages get unchanged. */
export function frameOf(
  event: Extract<LiveEvent, { readonly kind: "renamed" | "working" | "noticed" | "offered" }>,
): ServerFrame {
  const { conversation } = event;
  if (event.kind === "renamed") return { type: "renamed", conversation, title: event.title };
  if (event.kind === "noticed") {
    const { text, offer } = event;
    return { type: "notice", conversation, text, ...(offer === undefined ? {} : { offer }) };
  }
  if (event.kind === "offered") {
    const { name, mediaType, bytes, url } = event;
    return { type: "file", conversation, name, mediaType, bytes, url };
  }
  return { type: "working", conversation, ...(event.words === undefined ? {} : { words: event.words }) };
}
