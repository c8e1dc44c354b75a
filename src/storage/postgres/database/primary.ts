import { Client } from "pg";

import { hostIn } from "../../../runtime/addresses/postgres-hosts.ts";
import { connectionOf } from "./connection-of.ts";
import { isTransient, startReason } from "./start-fault.ts";

/** Which of the servers that an address names takes writes: after a failover it is another one. */
export class Primary {
  readonly #addresses: readonly [string, ...string[]];
  #address: string;

  /** @param addresses one for each server, in the order in which they are tried. */
  constructor(addresses: readonly [string, ...string[]]) {
    this.#addresses = addresses;
    this.#address = addresses[0];
  }

  /** The one that was found last, and before that the first. */
  get address(): string {
    return this.#address;
  }

  get isOneOfSeveral(): boolean {
    return this.#addresses.length > 1;
  }

  /** For people to read. */
  get host(): string {
    return hostIn(this.#address);
  }

  /**
   * Looks for the first that takes writes, or else for the first that answers. A single one is not asked. Gives whether it was
   * looked for. @throws {AggregateError} when none answers, or what one says that would be the same at each try.
   */
  async find(): Promise<boolean> {
    if (this.isOneOfSeveral) this.#address = await this.#firstThatTakesWrites();
    return this.isOneOfSeveral;
  }

  async #firstThatTakesWrites(): Promise<string> {
    const faults: { readonly address: string; readonly error: unknown }[] = [];
    let answering: string | undefined;
    for (const address of this.#addresses) {
      try {
        if (await takesWrites(address)) return address;
        answering ??= address;
      } catch (error) {
        faults.push({ address, error });
      }
    }
    if (answering !== undefined) return answering;
    const final = faults.find(({ error }) => !isTransient(error));
    if (final !== undefined) {
      this.#address = final.address;
      throw final.error;
    }
    const told = faults.map(({ address, error }) => `${hostIn(address)}: ${startReason(error)}`);
    throw new AggregateError(
      faults.map(({ error }) => error),
      told.join(", "),
    );
  }
}

async function takesWrites(address: string): Promise<boolean> {
  const client = new Client(connectionOf(address));
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query("SHOW transaction_read_only");
    return rows[0]?.transaction_read_only === "off";
  } finally {
    await client.end().catch(() => undefined);
  }
}
