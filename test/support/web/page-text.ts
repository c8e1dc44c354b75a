import type { WebClient } from "./web-client.ts";

/** What a page shows of a conversation after all the frames so far. */
export interface PageText {
  /** Oldest first. */
  readonly messages: readonly string[];
  /** Missing: nothing is being written. */
  readonly running?: string;
}

/** Does with the frames what the page does. */
export function pageText(client: WebClient, conversation = "c1"): PageText {
  const messages = new Map<string, string>();
  let running: { readonly turn: string; readonly text: string } | undefined;
  for (const frame of client.frames) {
    if (!("conversation" in frame) || frame.conversation !== conversation) continue;
    if (frame.type === "history") {
      messages.clear();
      for (const { id, text } of frame.messages) messages.set(id, text);
      running = undefined;
    } else if (frame.type === "piece") {
      const { turn, text } = frame;
      running = { turn, text: running?.turn === turn ? running.text + text : text };
    } else if (frame.type === "done") {
      messages.set(frame.turn, frame.text);
      running = undefined;
    }
  }
  const shown = [...messages.values()];
  return running === undefined ? { messages: shown } : { messages: shown, running: running.text };
}
