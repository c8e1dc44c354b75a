import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { freePort } from "../redis-server.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { postgresOwner } from "./postgres-server.ts";

/** Why tests with a pooler can't run here. Undefined if they can. */
export const pgbouncerIsMissing: string | undefined =
  spawnSync("pgbouncer", ["--version"]).status === 0
    ? undefined
    : "(skipped: no pgbouncer: apt-get install pgbouncer)";

/**
 * A pooler in transaction mode, in which a client's transactions share no session. Returns the address through it.
 */
export async function startPgbouncer(
  url: string,
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  const { hostname, port, username } = new URL(url);
  const listenPort = await freePort();
  const all = {
    listen_addr: "127.0.0.1",
    listen_port: String(listenPort),
    unix_socket_dir: "",
    auth_type: "any",
    pool_mode: "transaction",
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  const file = join(folder.path, "pgbouncer.ini");
  const database = `* = host=${hostname} port=${port} user=${username}`;
  writeFileSync(file, ["[databases]", database, "[pgbouncer]", ...lines, ""].join("\n"));
  const child = spawn("pgbouncer", [file], {
    stdio: ["ignore", "ignore", "pipe"],
    ...postgresOwner,
  });
  let said = "";
  for await (const bytes of child.stderr) {
    said += String(bytes);
    if (said.includes("process up")) break;
  }
  if (!said.includes("process up")) throw new Error(`pgbouncer did not start: ${said}`);
  const pooled = new URL(url);
  pooled.port = String(listenPort);
  return {
    url: pooled.href,
    [Symbol.asyncDispose]: async () => {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
      folder[Symbol.dispose]();
    },
  };
}
