import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { freePort } from "../redis-server.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const programs = programsOf();
const owner = ownerOf();

/** Why tests with their own Postgres can't run here. Undefined if they can. */
export const postgresServerIsMissing: string | undefined =
  programs === undefined
    ? "(skipped: no initdb: apt-get install postgresql)"
    : owner === "none"
      ? "(skipped: Postgres does not run as root, and there is no user postgres)"
      : undefined;

/** The user who runs the servers, if it is not the current one. */
export const postgresOwner = typeof owner === "object" ? owner : undefined;

/** A Postgres for one test, which may read its files and kill it. */
export interface PostgresServer extends AsyncDisposable {
  readonly url: string;
  /** Tables, indexes, log and all. */
  readonly folder: string;
  readonly start: () => Promise<void>;
  /** Like a power failure: what is not on the disk is lost. */
  readonly kill: () => Promise<void>;
}

/** `settings` as in postgresql.conf. */
export async function startPostgresServer(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const parent = temporaryFolder();
  const folder = join(parent.path, "data");
  const port = await freePort();
  mkdirSync(folder, { mode: 0o700 });
  if (postgresOwner !== undefined) {
    chmodSync(parent.path, 0o755);
    chownSync(folder, postgresOwner.uid, postgresOwner.gid);
  }
  run("initdb", [
    "--pgdata",
    folder,
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--no-locale",
    "--no-sync",
  ]);
  const all = { listen_addresses: "127.0.0.1", unix_socket_directories: "", fsync: "off", ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  let child: ChildProcess | undefined;
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const start = async (): Promise<void> => {
    child = spawn(programOf("postgres"), ["-D", folder, "-p", String(port), ...flags], {
      stdio: ["ignore", "ignore", "pipe"],
      ...postgresOwner,
    });
    await untilReady(child);
  };
  const end = async (signal: "SIGQUIT" | "SIGINT"): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  };
  await start();
  return {
    url,
    folder,
    start,
    kill: () => end("SIGQUIT"),
    [Symbol.asyncDispose]: async () => {
      await end("SIGQUIT");
      parent[Symbol.dispose]();
    },
  };
}

/** @throws {Error} with the server's output if it ends instead. */
async function untilReady({ stderr }: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = "";
  stderr?.on("data", (bytes: Buffer) => {
    said = `${said}${String(bytes)}`.slice(-10_000);
    if (said.includes("ready to accept connections")) resolve();
  });
  stderr?.on("end", () => reject(new Error(`postgres did not start: ${said}`)));
  await promise;
}

function run(program: string, values: readonly string[]): void {
  const { status, stderr } = spawnSync(programOf(program), values, {
    encoding: "utf8",
    ...postgresOwner,
  });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
}

function programOf(name: string): string {
  return join(programs ?? "", name);
}

/** Debian installs them outside of PATH. */
function programsOf(): string | undefined {
  const versions = "/usr/lib/postgresql";
  const candidates = [
    ...(process.env["PATH"] ?? "").split(":"),
    ...(spawnSync("ls", [versions], { encoding: "utf8" }).stdout ?? "")
      .split("\n")
      .filter(Boolean)
      .map((version) => join(versions, version, "bin")),
  ];
  const holds = (folder: string): boolean => {
    try {
      const names = new Set(readdirSync(folder));
      return names.has("initdb") && names.has("postgres");
    } catch {
      return false;
    }
  };
  return candidates.find(holds);
}

/** Undefined: the current user. */
function ownerOf(): { readonly uid: number; readonly gid: number } | "none" | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ["-u", "-g"].map((flag) =>
    Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout || Number.NaN),
  );
  return uid === undefined || gid === undefined || Number.isNaN(uid) ? "none" : { uid, gid };
}
