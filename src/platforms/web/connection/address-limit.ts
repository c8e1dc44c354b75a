import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { UsageCounters } from "../../../ports/usage.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";

interface AddressLimitPorts {
  readonly usage: UsageCounters;
  readonly clock: Clock;
  readonly log: Log;
}

/** How much may be ordered from one address in a day (UTC), over all replicas: a new cookie makes a new person there. */
export class AddressLimit {
  readonly #ports: AddressLimitPorts;
  readonly #limit: number;
  readonly #log: SparseLog;

  /** `limit`: 0 for no limit. */
  constructor(ports: AddressLimitPorts, limit: number) {
    this.#ports = ports;
    this.#limit = limit;
    this.#log = new SparseLog(ports);
  }

  /** Counts one, before it is stored. False: that would be too many. @throws {StoreError} */
  async admit(address: string | undefined, signal: AbortSignal): Promise<boolean> {
    if (address === undefined || this.#limit === 0) return true;
    const charge = { counter: counterOf(address), amount: 1, limit: this.#limit };
    const { usage, clock } = this.#ports;
    const isAdmitted = (await usage.charge([charge], clock.nowMs(), signal)) === undefined;
    if (!isAdmitted)
      this.#log.warn("address", { limit: this.#limit }, "an address has had all that it may order in a day");
    return isAdmitted;
  }

  /** It was countedFrames before. @throws {StoreError} */
  async refund(address: string | undefined, signal: AbortSignal): Promise<void> {
    if (address === undefined || this.#limit === 0) return;
    const { usage, clock } = this.#ports;
    await usage.charge([{ counter: counterOf(address), amount: -1 }], clock.nowMs(), signal);
  }
}

/** Stores keep a counter's name as a digest. */
function counterOf(address: string): string {
  return `addressTurns:${JSON.stringify(["web", address])}`;
}
