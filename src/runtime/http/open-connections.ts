import type { Duplex } from "node:stream";

import { isAnswering } from "./one-at-a-time.ts";
import { networkIn } from "./proxies.ts";

/** A connection that was made to us. */
interface Connected extends Duplex {
  readonly remoteAddress?: string | undefined;
}

/**
 * The connections that are open, up to a number. Beyond it the one that goes is of the caller who has the most of them,
 * and of those the longest that asks nothing: a caller who takes all connections keeps no other out, and no liveness probe.
 */
export class OpenConnections {
  readonly #most: number;
  readonly #onFull: () => void;
  /** Of each caller; the oldest first. */
  readonly #byCaller = new Map<string, Set<Connected>>();
  #count = 0;

  constructor(most: number, onFull: () => void) {
    this.#most = most;
    this.#onFull = onFull;
  }

  add(socket: Connected): void {
    const caller = networkIn(socket.remoteAddress ?? "");
    const theirs = this.#byCaller.get(caller) ?? new Set();
    this.#byCaller.set(caller, theirs.add(socket));
    this.#count += 1;
    socket.once("close", () => this.leave(socket, caller));
    if (this.#count > this.#most) this.#makeRoom();
  }

  /** It is closed, or another's now. */
  leave(socket: Connected, caller = networkIn(socket.remoteAddress ?? "")): void {
    const theirs = this.#byCaller.get(caller);
    if (theirs?.delete(socket) !== true) return;
    this.#count -= 1;
    if (theirs.size === 0) this.#byCaller.delete(caller);
  }

  #makeRoom(): void {
    this.#onFull();
    let most: ReadonlySet<Connected> = new Set();
    for (const each of this.#byCaller.values()) if (each.size > most.size) most = each;
    const [oldest] = most;
    let gone = oldest;
    for (const each of most) {
      if (isAnswering(each)) continue;
      gone = each;
      break;
    }
    if (gone === undefined) return;
    this.leave(gone);
    gone.destroy();
  }
}
