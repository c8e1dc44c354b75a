import type { Client } from "discord.js";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";

/**
 * discord.js builds its own objects of every event, and throws at a form that it doesn't know, which would end the
 * process. We listen to the events themselves, which come first: what it keeps of such a one is not worth that.
 */
export function ignoreUnreadableEvents(
  { ws }: Client,
  ports: { readonly log: Log; readonly clock: Clock },
): void {
  const log = new SparseLog(ports);
  const handle: unknown = Reflect.get(ws, "handlePacket");
  if (typeof handle !== "function") throw new Error("This discord.js takes events in another way");
  Reflect.set(ws, "handlePacket", (...given: readonly unknown[]): unknown => {
    try {
      return Reflect.apply(handle, ws, given);
    } catch (error) {
      log.warn("odd-event", { err: error }, "discord.js could not understand a Discord event");
      return false;
    }
  });
}
