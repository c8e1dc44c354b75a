import { Client } from "pg";
import { expect } from "vitest";

interface Change {
  readonly state: "on" | "off";
  /** Whether the program under test has noticed. */
  readonly isNoticed: () => boolean | Promise<boolean>;
}

/**
 * Lets the database take no writes, or takes that back, and ends the sessions that began before: as a failover to a replica
 * looks to those who are connected. A session that is just being opened has read its settings, and is not listed yet: so old
 * sessions are looked for until the change is noticed.
 */
export async function setReadOnly(url: string, { state, isNoticed }: Change): Promise<void> {
  const client = new Client({ connectionString: url, options: "-c default_transaction_read_only=off" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const name = client.escapeIdentifier(new URL(url).pathname.slice(1));
    await client.query(`ALTER DATABASE ${name} SET default_transaction_read_only = ${state}`);
    const { rows } = await client.query("SELECT clock_timestamp()::text AS at");
    const isDone = async (): Promise<boolean> => {
      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_start < $1`,
        [rows[0]?.at],
      );
      return isNoticed();
    };
    await expect.poll(isDone, { timeout: 60_000, interval: 100 }).toBe(true);
  } finally {
    await client.end();
  }
}
