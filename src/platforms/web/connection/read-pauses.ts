import type { WebSocket } from "ws";

import type { Clock } from "../../../ports/clock.ts";

/** With more frames waiting, the socket is not read. */
const maxWaiting = 32;

/** Pauses reading from a socket while its frames wait, its sender is too fast, or it is being closed. */
export class ReadPauses {
  readonly #socket: Pick<WebSocket, "isPaused" | "pause" | "resume">;
  readonly #clock: Clock;
  readonly #closed: AbortSignal;
  #waiting = 0;
  #isThrottled = false;
  #isStopped = false;

  /** `closed` fires when the socket is closed. */
  constructor(socket: Pick<WebSocket, "isPaused" | "pause" | "resume">, clock: Clock, closed: AbortSignal) {
    this.#socket = socket;
    this.#clock = clock;
    this.#closed = closed;
  }

  /** A frame begins (1) or ends (-1) to wait. */
  addWaiting(change: 1 | -1): void {
    this.#waiting += change;
    this.#pauseOrResume();
  }

  /** Reads nothing for a while; ignored during an earlier throttle. Never rejects. */
  async throttle(ms: number): Promise<void> {
    if (ms <= 0 || this.#isThrottled) return;
    this.#isThrottled = true;
    this.#pauseOrResume();
    await this.#clock.sleep(ms, this.#closed).catch(() => undefined);
    this.#isThrottled = false;
    this.#pauseOrResume();
  }

  /** Reads nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#pauseOrResume();
  }

  #pauseOrResume(): void {
    const isPaused = this.#waiting > maxWaiting || this.#isThrottled || this.#isStopped;
    if (isPaused && !this.#socket.isPaused) this.#socket.pause();
    else if (!isPaused && this.#socket.isPaused) this.#socket.resume();
  }
}
