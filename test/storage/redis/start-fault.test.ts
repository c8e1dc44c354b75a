import { expect, test } from "vitest";

import { redisAddress, type RedisAddress } from "../../../src/runtime/addresses/redis-address.ts";
import { isTransient, startFault } from "../../../src/storage/redis/connection/start-fault.ts";

function addressOf(text: string): RedisAddress {
  const address = redisAddress(text);
  if (address === undefined) throw new TypeError(text);
  return address;
}

const server = "redis://:sesame@host:6379";
const sentinel = "redis+sentinel://:sesame@host/main";

// Recorded from Redis 7 and OpenSSL 3.
test.each([
  [server, "NOAUTH Authentication required.", "It wants a password: redis://:password@host", false],
  [sentinel, "NOAUTH Authentication required.", "The Sentinels require a password of their own", false],
  ["redis+sentinel://host/main", "NOAUTH Authentication required.", "redis+sentinel://:password@host", false],
  [sentinel, "ERR No such master with that name", "know no primary of that name", false],
  [sentinel, "ERR unknown command 'SENTINEL', with args", "These are not Sentinels", false],
  [server, "LOADING Redis is loading the dataset in memory", "It is still loading its data", true],
  [server, "MASTERDOWN Link with MASTER is down", "It is waiting for its other servers", true],
  [server, "ERR max number of clients reached", "It takes no more connections", true],
  [server, "DENIED Redis is running in protected mode\r\nand so on", "protected mode", false],
  [
    server,
    "ssl3_read_bytes:tlsv13 alert certificate required:SSL",
    "It requires a client certificate",
    false,
  ],
  [server, "NOPERM this user has no permissions to run the 'select' command", "ACL SETUSER … +select", false],
  [server, "ERR something new", "Its own log may say more.", false],
])("the answer of %s is reported with what to do: %s", (address, said, advice, passes) => {
  const { message } = startFault(addressOf(address), new Error(said), 15_000);
  expect(message).toMatch(/^REDIS_URL: can't use Redis at /u);
  expect(message).toContain(advice);
  expect(message).not.toMatch(/sesame|\n/u);
  expect(isTransient(new Error(said))).toBe(passes);
});
