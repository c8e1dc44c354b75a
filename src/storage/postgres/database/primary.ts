import { Client } from "pg";

import { hostIn } from "../../../runtime/addresses/postgres-hosts.ts";
import { connectionOf } from "./connection-of.ts";
import { isTransient, startReason } from "./start-fault.ts";

/** Finds the server of an address that accepts writes. After a failover it is another one. */
export class Primary {
  readonly #addresses: readonly [string, ...string[]];
  #address: string;

  /** @param addresses one per server, in the order in which they are tried. */
  constructor(addresses: readonly [string, ...string[]]) {
    this.#addresses = addresses;
    this.#address = addresses[0];
  }

  /** The server found last; the first one before that. */
  get address(): string {
    return this.#address;
  }

  get isOneOfSeveral(): boolean {
    return this.#addresses.length > 1;
  }

  /** For log lines and errors. */
  get host(): string {
    return hostIn(this.#address);
  }

  /**
   * Finds the first server that accepts writes, or else the first that answers. A single server is not asked. Returns
   * whether it searched.
   * @throws {AggregateError} if none answers, or the fault of one that waiting can't cure.
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
    const reasons = faults.map(({ address, error }) => `${hostIn(address)}: ${startReason(error)}`);
    throw new AggregateError(
      faults.map(({ error }) => error),
      reasons.join(", "),
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
