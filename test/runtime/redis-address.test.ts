import { expect, test } from "vitest";

import { redisAddress, shownAddress } from "../../src/runtime/redis-address.ts";

test.each(["redis://127.0.0.1:6379", "rediss://user:secret@redis.example.com/2"])(
  "takes %s as it is",
  (url) => {
    expect(redisAddress(url)).toEqual({ kind: "server", url });
  },
);

test("reads the Sentinels, the primary's name, its user, password and database", () => {
  const address = redisAddress("redis+sentinel://bot:p%40ss@one.example.com,[::1]:26380/my%20primary/3");
  expect(address).toEqual({
    kind: "sentinel",
    primary: "my primary",
    sentinels: [
      { host: "one.example.com", port: 26_379 },
      { host: "::1", port: 26_380 },
    ],
    username: "bot",
    password: "p@ss",
    database: 3,
  });
});

test("needs neither user nor password nor database", () => {
  expect(redisAddress("redis+sentinel://:secret@one:1/primary")).toMatchObject({
    username: "",
    password: "secret",
  });
  expect(redisAddress("redis+sentinel://one/primary")).toMatchObject({ password: "", database: 0 });
});

test.each([
  "",
  "one:6379",
  "http://one:6379",
  "redis://",
  "redis+sentinel://one:26379",
  "redis+sentinel:///primary",
  "redis+sentinel://one:x/primary",
  "redis+sentinel://one/primary/first",
  "redis+sentinel://a:%zz@one/primary",
])("refuses %j", (url) => {
  expect(redisAddress(url)).toBeUndefined();
});

test.each([
  ["redis://user:secret@one:6379/2", "one:6379"],
  ["redis+sentinel://user:secret@one,two:2/primary", "primary by the Sentinels one:26379,two:2"],
])("shows no password of %s", (url, shown) => {
  const address = redisAddress(url);
  expect(address && shownAddress(address)).toBe(shown);
});
