import type { ShownAction } from "../../../src/platforms/web/wire/shown-actions.ts";
import type { WebClient } from "./web-client.ts";

/** What a page shows under the answer that is being written, by the frames so far. */
export function actionsOn({ frames }: WebClient): readonly ShownAction[] {
  let shown: { readonly turn: string; readonly actions: readonly ShownAction[] } | undefined;
  for (const frame of frames) {
    if (frame.type === "piece") {
      const before = shown?.turn === frame.turn ? shown.actions : [];
      shown = { turn: frame.turn, actions: frame.actions ?? before };
    } else if (frame.type === "history" || frame.type === "done") shown = undefined;
  }
  return shown?.actions ?? [];
}
