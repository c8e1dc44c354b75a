import type { Clock } from "../../../ports/clock.ts";
import type { Charge, UsageCounters } from "../../../ports/usage.ts";
import { maxFileBytes } from "../wire/files.ts";

const mib = 1_024 ** 2;
/** Of one person, and of one address. */
const atOnce = { person: 4, address: 40 };
/** Of all uploads that are under way: a store may hold them in memory. */
const maxBytesAtOnce = 6 * maxFileBytes;
/** In a day. An address may be a whole office; a new cookie makes a new person. */
const perDay = { person: { files: 300, bytes: 300 * mib }, address: { files: 3_000, bytes: 1_024 * mib } };

interface AllowancePorts {
  readonly usage: UsageCounters;
  readonly clock: Clock;
}

/** Who uploads. `address`: undefined for a caller on this machine, which has no limit per address. */
export interface Uploader {
  readonly user: string;
  readonly address: string | undefined;
}

/** An upload that may go on. */
interface Admitted {
  /** Call it with the bytes that were stored; 0 if it failed. */
  readonly end: (storedBytes: number) => void;
}

/** Limits uploads: those at once in this process, and those of a day over all replicas. */
export class UploadAllowance {
  readonly #ports: AllowancePorts;
  readonly #running = new Map<string, number>();
  #bytes = 0;

  constructor(ports: AllowancePorts) {
    this.#ports = ports;
  }

  /** `busy`: later there may be room. `used-up`: the day's allowance is. @throws {StoreError} */
  async admit(who: Uploader, bytes: number, signal: AbortSignal): Promise<Admitted | "busy" | "used-up"> {
    const holders = holdersOf(who);
    const isFull = holders.some(({ name, most }) => (this.#running.get(name) ?? 0) >= most);
    if (isFull || this.#bytes + bytes > maxBytesAtOnce) return "busy";
    this.#enter(holders, bytes, 1);
    try {
      const { usage, clock } = this.#ports;
      const refusal = await usage.charge(chargesOf(who, bytes), clock.nowMs(), signal);
      if (refusal !== undefined) {
        this.#enter(holders, bytes, -1);
        return "used-up";
      }
    } catch (error) {
      this.#enter(holders, bytes, -1);
      throw error;
    }
    return {
      end: (storedBytes) => {
        this.#enter(holders, bytes, -1);
        const used = storedBytes === 0 ? [] : chargesOf(who, storedBytes);
        const refunds = chargesOf(who, bytes).map(({ counter, amount }, index) => ({
          counter,
          amount: (used[index]?.amount ?? 0) - amount,
        }));
        this.#ports.usage.adjust(refunds, this.#ports.clock.nowMs());
      },
    };
  }

  #enter(holders: readonly { readonly name: string }[], bytes: number, by: 1 | -1): void {
    this.#bytes += by * bytes;
    for (const { name } of holders) {
      const count = (this.#running.get(name) ?? 0) + by;
      if (count === 0) this.#running.delete(name);
      else this.#running.set(name, count);
    }
  }
}

function holdersOf({ user, address }: Uploader): readonly { readonly name: string; readonly most: number }[] {
  const person = { name: `person ${user}`, most: atOnce.person };
  return address === undefined ? [person] : [person, { name: `address ${address}`, most: atOnce.address }];
}

/** Stores keep only a hash of a counter's name. */
function chargesOf({ user, address }: Uploader, bytes: number): readonly Charge[] {
  const of = (kind: keyof typeof perDay, who: string): readonly Charge[] => [
    { counter: `uploads:${JSON.stringify([kind, who])}`, amount: 1, limit: perDay[kind].files },
    { counter: `uploadBytes:${JSON.stringify([kind, who])}`, amount: bytes, limit: perDay[kind].bytes },
  ];
  return [...of("person", user), ...(address === undefined ? [] : of("address", address))];
}
