import type { Client } from "discord.js";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";

/**
 * Keeps the process alive when discord.js throws on an event of an unknown shape. Our own listeners get each raw
 * event before discord.js builds its objects, so only its cache misses something.
 */
export function ignoreUnreadableEvents(
  { ws }: Client,
  ports: { readonly log: Log; readonly clock: Clock },
): void {
  const log = new SparseLog(ports);
  const handle: unknown = Reflect.get(ws, "handlePacket");
  if (typeof handle !== "function") throw new Error("This version of discord.js handles events differently");
  Reflect.set(ws, "handlePacket", (...given: readonly unknown[]): unknown => {
    try {
      return Reflect.apply(handle, ws, given);
    } catch (error) {
      log.warn(
        "unreadable-event",
        { err: error },
        "discord.js could not read a Discord event; an update of discord.js may help",
      );
      return false;
    }
  });
}
