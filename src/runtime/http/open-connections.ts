import type { Duplex } from "node:stream";

import { isAnswering } from "./no-pipelining.ts";
import { callerNetwork } from "./proxies.ts";

/** An incoming connection. */
interface Connected extends Duplex {
  readonly remoteAddress?: string | undefined;
}

/**
 * Limits the open connections. Beyond the limit, the caller with the most connections loses its oldest idle one. So no caller
 * can keep others or a liveness probe out.
 */
export class OpenConnections {
  readonly #max: number;
  readonly #onFull: () => void;
  /** Connections by caller, oldest first. */
  readonly #byCaller = new Map<string, Set<Connected>>();
  #count = 0;

  constructor(max: number, onFull: () => void) {
    this.#max = max;
    this.#onFull = onFull;
  }

  add(socket: Connected): void {
    const caller = callerNetwork(socket.remoteAddress ?? "");
    const theirs = this.#byCaller.get(caller) ?? new Set();
    this.#byCaller.set(caller, theirs.add(socket));
    this.#count += 1;
    socket.once("close", () => this.remove(socket, caller));
    if (this.#count > this.#max) this.#makeRoom();
  }

  /** Stops counting a connection that closed or was upgraded. */
  remove(socket: Connected, caller = callerNetwork(socket.remoteAddress ?? "")): void {
    const theirs = this.#byCaller.get(caller);
    if (theirs?.delete(socket) !== true) return;
    this.#count -= 1;
    if (theirs.size === 0) this.#byCaller.delete(caller);
  }

  #makeRoom(): void {
    this.#onFull();
    let largest: ReadonlySet<Connected> = new Set();
    for (const each of this.#byCaller.values()) if (each.size > largest.size) largest = each;
    const [oldest] = largest;
    let victim = oldest;
    for (const each of largest) {
      if (isAnswering(each)) continue;
      victim = each;
      break;
    }
    if (victim === undefined) return;
    this.remove(victim);
    victim.destroy();
  }
}
