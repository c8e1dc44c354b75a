import { text } from "node:stream/consumers";

import { ConfigError, readConfig, settingNames, type Config } from "./config/config.ts";
import { loadSettingsFile } from "./config/settings-file.ts";
import { installable } from "./open-platforms.ts";
import type { Installations } from "./ports/installations.ts";
import { installProxy } from "./runtime/addresses/outbound-proxy.ts";
import { openLog } from "./runtime/logging/log.ts";
import { makeFilesPrivate } from "./runtime/private-by-default.ts";

const usage =
  "Usage: npm run installations -- list | add PLATFORM (the token on standard input) | remove PLATFORM ID | reseal";
const deadlineMs = 20_000;
// Standard output belongs to the answer.
const log = openLog("fatal");

makeFilesPrivate();
const file = loadSettingsFile(".env", process.env, settingNames);
process.exitCode = await run(process.argv.slice(2)).catch(fail);

/** Also while the bot runs: it notices a change within a minute. Gives the exit code. */
async function run([order, platform, id, ...more]: readonly string[]): Promise<number> {
  const given = [platform, id, ...more].filter((each) => each !== undefined).length;
  const expected = { list: 0, add: 1, remove: 2, reseal: 0 }[order ?? ""];
  if (given !== expected) return complain(usage);
  if (platform !== undefined && !installable.has(platform))
    return complain(`PLATFORM is one of: ${[...installable.keys()].join(", ")}`);
  const config = readConfig(process.env, file.faults);
  if (order !== "list" && order !== "remove" && config.SECRET_KEY.length === 0)
    return complain("SECRET_KEY: set it first; installations are stored sealed with it");
  await using opened = await openInstallations(config);
  const { installations } = opened;
  // Awaited here, while the store is open.
  if (order === "add") return await add(config, installations, platform ?? "");
  if (order === "remove") return await remove(installations, platform ?? "", id ?? "");
  return await (order === "list" ? list(installations) : reseal(installations));
}

async function list({ list: all }: Installations): Promise<number> {
  for (const platform of installable.keys())
    for (const entry of await all(platform, timeout())) print({ platform, ...entry });
  return 0;
}

/** Replaces the stored token of the same workspace. */
async function add(config: Config, { put }: Installations, platform: string): Promise<number> {
  installProxy(config, log);
  const token = (await text(process.stdin)).trim();
  if (token === "") return complain("There is no token on standard input");
  const installation = await installable.get(platform)?.(token, { config, log });
  if (installation === undefined) return complain(usage);
  await put(installation, timeout());
  print({ platform, id: installation.id, done: "add" });
  return 0;
}

async function remove(installations: Installations, platform: string, id: string): Promise<number> {
  if (!(await installations.remove(platform, id, timeout())))
    return complain(`There is no installation ${id}`);
  print({ platform, id, done: "remove" });
  return 0;
}

/** Seals all installations with the first key, so that the other keys can be dropped. */
async function reseal({ list: all, find, put }: Installations): Promise<number> {
  for (const platform of installable.keys()) {
    for (const { id } of await all(platform, timeout())) {
      const installation = await find(platform, id, timeout());
      if (installation === undefined) continue;
      await put(installation, timeout());
      print({ platform, id, done: "reseal" });
    }
  }
  return 0;
}

interface Opened extends AsyncDisposable {
  readonly installations: Installations;
}

async function openInstallations(config: Config): Promise<Opened> {
  if (config.REDIS_URL === undefined) {
    const { openSqliteInstallations } = await import("./storage/sqlite/stores/sqlite-installations.ts");
    return openSqliteInstallations(config.DATA_DIR, config.SECRET_KEY);
  }
  const { openRedisInstallations } = await import("./storage/redis/stores/redis-installations.ts");
  return openRedisInstallations(config.REDIS_URL, config.SECRET_KEY, log);
}

function timeout(): AbortSignal {
  return AbortSignal.timeout(deadlineMs);
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function complain(line: string): number {
  process.stderr.write(`${line}\n`);
  return 1;
}

function fail(error: unknown): number {
  if (error instanceof ConfigError) return complain(error.faults.join("\n"));
  return complain(error instanceof Error ? error.message : String(error));
}
