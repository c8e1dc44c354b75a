import { z } from "zod";

import type { Broadcast } from "../../../ports/broadcast.ts";
import type { PageConnections } from "./page-connections.ts";

const channel = "web-sign-outs";
const liveEventSchema = z.object({ user: z.string() });

/** Closes a person's pages on all replicas when the person signs out. */
export class SignOuts implements Disposable {
  readonly #broadcast: Broadcast;
  readonly #listening: Disposable;

  constructor(broadcast: Broadcast, pages: PageConnections) {
    this.#broadcast = broadcast;
    this.#listening = broadcast.listen(channel, (received) => {
      const { success, data } = liveEventSchema.safeParse(received);
      if (!success) return;
      for (const connection of pages.of(data.user)) connection.close(1008, "signed out");
    });
  }

  readonly publish = (user: string): void => {
    this.#broadcast.send(channel, { user });
  };

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}
