import { once } from "node:events";
import { connect } from "node:net";

import { Redis } from "ioredis";

/** What a Redis server has done since it started. */
export interface RedisCounters {
  /** Those that scripts call included. */
  readonly commands: number;
  /** Reads from clients' sockets: about one for each round trip. */
  readonly reads: number;
  readonly bytes: number;
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
    cpuMs: (value("used_cpu_user") + value("used_cpu_sys")) * 1_000,
  };
}

/** The share of commands that scripts call, while `work` runs. Redis tells each command to the listener: measure no times. */
export async function shareInScripts(url: string, work: () => Promise<unknown>): Promise<number> {
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
  return shareOfScriptsIn(heard);
}

/** Of the lines that MONITOR writes. A command's arguments hold no line breaks there. */
function shareOfScriptsIn(heard: string): number {
  const lines = heard.match(/^\+\d+\.\d+ \[\d+ \S+\]/gmu) ?? [];
  return lines.filter((line) => line.endsWith(" lua]")).length / Math.max(1, lines.length);
}
