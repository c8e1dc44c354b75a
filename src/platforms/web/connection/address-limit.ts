import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { UsageCounters } from "../../../ports/usage.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";

interface AddressLimitPorts {
  readonly usage: UsageCounters;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Limits the frames of one address per day (UTC), over all replicas. A limit per person is not enough: a new cookie
 * makes a new person.
 */
export class AddressLimit {
  readonly #ports: AddressLimitPorts;
  readonly #limit: number;
  readonly #log: SparseLog;

  /** `limit`: frames per day; 0: no limit. */
  constructor(ports: AddressLimitPorts, limit: number) {
    this.#ports = ports;
    this.#limit = limit;
    this.#log = new SparseLog(ports);
  }

  /** Counts one frame before it is stored. False: the limit is reached. @throws {StoreError} */
  async admit(address: string | undefined, signal: AbortSignal): Promise<boolean> {
    if (address === undefined || this.#limit === 0) return true;
    const charge = { counter: counterOf(address), amount: 1, limit: this.#limit };
    const { usage, clock } = this.#ports;
    const isAdmitted = (await usage.charge([charge], clock.nowMs(), signal)) === undefined;
    if (!isAdmitted)
      this.#log.warn(
        "address",
        { limit: this.#limit },
        "an address has reached its daily limit; raise LIMIT_ADDRESS_TURNS if it should have more",
      );
    return isAdmitted;
  }

  /** Takes back the count of a repeated frame. @throws {StoreError} */
  async refund(address: string | undefined, signal: AbortSignal): Promise<void> {
    if (address === undefined || this.#limit === 0) return;
    const { usage, clock } = this.#ports;
    await usage.charge([{ counter: counterOf(address), amount: -1 }], clock.nowMs(), signal);
  }
}

/** Stores keep only a hash of the counter's name. */
function counterOf(address: string): string {
  return `addressTurns:${JSON.stringify(["web", address])}`;
}
