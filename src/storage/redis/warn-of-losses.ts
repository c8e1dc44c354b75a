import type { Log } from "../../ports/log.ts";

interface Asked {
  readonly sendCommand: (command: string[]) => Promise<unknown>;
}

/** Checks at start that the server keeps what it is given, and says what to change when it may not. */
export async function warnOfLosses(client: Asked, log: Log): Promise<void> {
  const [policy, appendOnly] = await Promise.all([
    setting(client, "maxmemory-policy"),
    setting(client, "appendonly"),
  ]);
  if (policy !== undefined && policy !== "noeviction") {
    log.warn({ policy }, "Redis may throw memories away when it is full: set maxmemory-policy to noeviction");
  }
  if (appendOnly === "no") {
    log.warn({}, "Redis loses memories when it restarts: set appendonly to yes");
  }
}

/** Undefined where the server doesn't tell, as managed ones often don't. */
async function setting(client: Asked, name: string): Promise<string | undefined> {
  const reply = await client.sendCommand(["CONFIG", "GET", name]).catch(() => undefined);
  const value: unknown = Array.isArray(reply) ? reply[1] : undefined;
  return typeof value === "string" ? value : undefined;
}
