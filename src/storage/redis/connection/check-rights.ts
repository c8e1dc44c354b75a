import { prefix } from "../commands/keys.ts";
import { RedisError } from "./redis-error.ts";

interface Asked {
  readonly sendCommand: (command: string[]) => Promise<unknown>;
}

const key = `${prefix}start`;
const noScript = "0".repeat(40);

/** Every command of the stores, of BullMQ and of the scripts. They touch only one key that nothing reads. */
const commandsToTry: readonly (readonly string[])[] = [
  ["INFO", "server"],
  ["PING"],
  ["TIME"],
  ["EVAL", "return 1", "0"],
  ["EVALSHA", noScript, "0"],
  ["PUBLISH", key, ""],
  ["SET", key, "1", "PX", "10000"],
  ["GET", key],
  ["MSET", key, "1"],
  ["GETRANGE", key, "0", "0"],
  ["MGET", key],
  ["EXISTS", key],
  ["INCR", key],
  ["EXPIRE", key, "10"],
  ["PEXPIRE", key, "10000"],
  ["PTTL", key],
  ["PERSIST", key],
  ["DEL", key],
  ["HSET", key, "field", "1"],
  ["HMSET", key, "field", "1"],
  ["HSETNX", key, "field", "1"],
  ["HINCRBY", key, "field", "1"],
  ["HGET", key, "field"],
  ["HMGET", key, "field"],
  ["HGETALL", key],
  ["HLEN", key],
  ["HKEYS", key],
  ["HEXISTS", key, "field"],
  ["HSCAN", key, "0", "COUNT", "1"],
  ["HDEL", key, "field"],
  ["ZADD", key, "1", "member"],
  ["ZCARD", key],
  ["ZCOUNT", key, "0", "0"],
  ["ZSCORE", key, "member"],
  ["ZRANGE", key, "0", "0"],
  ["ZRANGEBYSCORE", key, "0", "0"],
  ["ZREVRANGEBYSCORE", key, "0", "0"],
  ["ZREMRANGEBYSCORE", key, "0", "0"],
  ["ZREMRANGEBYRANK", key, "0", "0"],
  ["ZPOPMIN", key],
  ["ZREM", key, "member"],
  ["BZPOPMIN", key, "0.01"],
  ["LPUSH", key, "item"],
  ["RPUSH", key, "item"],
  ["RPOPLPUSH", key, key],
  ["LLEN", key],
  ["LRANGE", key, "0", "0"],
  ["LTRIM", key, "1", "1"],
  ["LREM", key, "1", "item"],
  ["DEL", key],
  ["SADD", key, "member"],
  ["SCARD", key],
  ["SMEMBERS", key],
  ["SISMEMBER", key, "member"],
  ["SREM", key, "member"],
  ["XADD", key, "MAXLEN", "1", "*", "field", "1"],
  ["XREAD", "COUNT", "1", "STREAMS", key, "0"],
  ["XREVRANGE", key, "+", "-", "COUNT", "1"],
  ["XTRIM", key, "MAXLEN", "0"],
  ["SCAN", "0", "MATCH", key, "COUNT", "1"],
  ["DEL", key],
];

/** What the server refused. */
interface Missing {
  readonly commands: Set<string>;
  readonly unknown: Set<string>;
  lacksKeys: boolean;
  lacksChannels: boolean;
}

/**
 * Sends every command once, so that a missing right is found at start. About sixty commands in one round trip.
 * @throws {RedisError} that names what is missing, and how to grant it.
 */
export async function refuseMissingRights(client: Asked, user: string): Promise<void> {
  const missing: Missing = {
    commands: new Set(),
    unknown: new Set(),
    lacksKeys: false,
    lacksChannels: false,
  };
  await Promise.all(
    commandsToTry.map(([command = "", ...rest]) =>
      client
        .sendCommand([command, ...rest])
        .catch((error: unknown) => recordRefusal(missing, command, error)),
    ),
  );
  const fault = faultIn(missing, user);
  if (fault !== undefined) throw new RedisError(fault);
}

/**
 * For a command that can't be tried at start because it can't be undone. @throws {RedisError} if a right is missing,
 * or else the error.
 */
export function refuseMissingRight(command: string, user: string, error: unknown): never {
  const missing: Missing = {
    commands: new Set(),
    unknown: new Set(),
    lacksKeys: false,
    lacksChannels: false,
  };
  recordRefusal(missing, command, error);
  const fault = faultIn(missing, user);
  throw fault === undefined ? error : new RedisError(fault, { cause: error });
}

function recordRefusal(missing: Missing, command: string, error: unknown): void {
  const message = error instanceof Error ? error.message : "";
  if (/^(?:ERR )?unknown command/iu.test(message)) missing.unknown.add(command);
  if (!message.startsWith("NOPERM")) return;
  if (/\bto run\b/u.test(message)) missing.commands.add(command);
  else if (/\bchannels?\b/u.test(message)) missing.lacksChannels = true;
  else missing.lacksKeys = true;
}

function faultIn({ commands, unknown, lacksKeys, lacksChannels }: Missing, user: string): string | undefined {
  if (unknown.size > 0) {
    return `REDIS_URL: this Redis does not know ${listOf(unknown)}, which may be renamed or disabled. Restore the original names`;
  }
  const what = [
    ...(commands.size > 0 ? [listOf(commands)] : []),
    ...(lacksKeys ? [`the keys ${prefix}*`] : []),
    ...(lacksChannels ? [`the channels ${prefix}*`] : []),
  ];
  if (what.length === 0) return undefined;
  // SUBSCRIBE comes later, on its own connection.
  const wanted = commands.has("PUBLISH") ? [...commands, "SUBSCRIBE"] : [...commands];
  const grants = [
    ...wanted.map((command) => `+${command.toLowerCase()}`),
    ...(lacksKeys ? [`~${prefix}*`] : []),
    ...(lacksChannels ? [`&${prefix}*`] : []),
  ];
  return `REDIS_URL: the user "${user}" may not use ${what.join(", nor ")}. Grant it: ACL SETUSER ${user} ${grants.join(" ")}`;
}

function listOf(commands: ReadonlySet<string>): string {
  return `${commands.size === 1 ? "the command" : "the commands"} ${[...commands].join(", ")}`;
}
