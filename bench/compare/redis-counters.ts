import { once } from "node:events";
import { connect } from "node:net";

import { Redis } from "ioredis";

/** What a Redis server has done since it started. */
export interface RedisCounters {
  /** Those that scripts call included. */
  readonly commands: number;
  /** Reads from clients' sockets: about one for each round trip. */
  readonly reads: number;
  /** Received and sent. */
  readonly bytes: number;
  readonly receivedBytes: number;
  readonly cpuMs: number;
}

export async function readRedisCounters(url: string): Promise<RedisCounters> {
  const redis = new Redis(url);
  try {
    return redisCountersIn(`${await redis.info("stats")}\n${await redis.info("cpu")}`);
  } finally {
    redis.disconnect();
  }
}

function redisCountersIn(info: string): RedisCounters {
  const value = (name: string): number => Number(new RegExp(`^${name}:(.*)$`, "mu").exec(info)?.[1] ?? 0);
  return {
    commands: value("total_commands_processed"),
    reads: value("total_reads_processed"),
    bytes: value("total_net_input_bytes") + value("total_net_output_bytes"),
    receivedBytes: value("total_net_input_bytes"),
    cpuMs: (value("used_cpu_user") + value("used_cpu_sys")) * 1_000,
  };
}

/** What was counted between two looks. */
export function countedBetween(before: RedisCounters, after: RedisCounters): RedisCounters {
  return {
    commands: after.commands - before.commands,
    reads: after.reads - before.reads,
    bytes: after.bytes - before.bytes,
    receivedBytes: after.receivedBytes - before.receivedBytes,
    cpuMs: after.cpuMs - before.cpuMs,
  };
}

/**
 * One line for each command that the server runs while `work` runs, those of scripts included. It tells each one to the
 * listener: measure no times.
 */
export async function commandsDuring(
  url: string,
  work: () => Promise<unknown>,
): Promise<readonly MonitoredCommand[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let heard = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => (heard += text));
  socket.write("MONITOR\r\n");
  // From its +OK on.
  await once(socket, "data");
  await work();
  // It tells everything first, then closes.
  socket.end("QUIT\r\n");
  await once(socket, "close");
  return commandsIn(heard);
}

/** A command as MONITOR tells it. */
export interface MonitoredCommand {
  readonly isInScript: boolean;
  /** The command's name in capitals, its key, and its further arguments. */
  readonly words: readonly string[];
}

/** The lines that MONITOR writes. Each byte that is no plain letter is escaped there, so that each word has a char for a byte. */
function commandsIn(heard: string): readonly MonitoredCommand[] {
  return [...heard.matchAll(/^\+\d+\.\d+ \[\d+ (?<by>\S+)\] (?<said>.*?)\r?$/gmu)].map(({ groups }) => {
    const [name = "", ...more] = [...(groups?.["said"] ?? "").matchAll(/"(?<word>(?:[^"\\]|\\.)*)"/gu)].map(
      (each) => (each.groups?.["word"] ?? "").replaceAll(/\\(?:x[\da-f]{2}|.)/gu, "?"),
    );
    return { isInScript: groups?.["by"] === "lua", words: [name.toUpperCase(), ...more] };
  });
}

export function shareOfScripts(commands: readonly MonitoredCommand[]): number {
  return commands.filter(({ isInScript }) => isInScript).length / Math.max(1, commands.length);
}

const memoryKey = /^threadkeeper:(?::memory|pages):/u;
const ofOneKey = new Set(["SET", "SETEX", "SETRANGE", "APPEND", "HSET", "SADD", "SREM", "RPUSH", "ZADD"]);
const ofMoreKeys = new Set(["DEL", "UNLINK", "MSET"]);

/** What was written to the memories of conversations: the bytes of keys and values. */
export function memoryBytesIn(commands: readonly MonitoredCommand[]): number {
  return commands
    .flatMap(({ words: [name = "", ...more] }) => {
      if (ofOneKey.has(name)) return [more];
      if (!ofMoreKeys.has(name)) return [];
      const [every, step] = name === "MSET" ? [more.length / 2, 2] : [more.length, 1];
      return Array.from({ length: every }, (_, index) => more.slice(index * step, (index + 1) * step));
    })
    .filter(([key = ""]) => memoryKey.test(key))
    .reduce((total, written) => total + written.join("").length, 0);
}
