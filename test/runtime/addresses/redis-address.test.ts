import { expect, test } from "vitest";

import {
  redisAddress,
  redisAddressFault,
  printableAddress,
} from "../../../src/runtime/addresses/redis-address.ts";

test.each(["redis://127.0.0.1:6379", "rediss://user:secret@redis.example.com/2"])(
  "accepts %s unchanged",
  (url) => {
    expect(redisAddress(url)).toEqual({ kind: "server", url });
  },
);

test("leaves out the query after the ?", () => {
  const address = redisAddress("rediss://:secret@one:1/2?family=6&db=4");
  expect(address).toEqual({ kind: "server", url: "rediss://:secret@one:1/2" });
});

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

test("needs no user, password or database", () => {
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
  expect(address && printableAddress(address)).toBe(shown);
});

const escapes = "In the user and the password # is written %23";
const forms = "This is not redis://host:6379, rediss://host:6379 or redis+sentinel://host:26379";

test.each([
  ["redis://:ses#ame@host:6379", escapes],
  ["redis://:ses/ame@host", escapes],
  ["redis://:12/ame@host", escapes],
  ["redis://:ses?ame@host", escapes],
  ["redis://:s@ss/w:rd#@host:6379", escapes],
  ["redis://:100%sesame@host", escapes],
  ["redis://host:6379/first", "The database is a number: redis://host:6379/0"],
  ["redis://one:6379,two:6379", "Several hosts are supported only with redis+sentinel://"],
  ["redis://one,two/0", "Several hosts are supported only with redis+sentinel://"],
  ["redis://", forms],
  ["host:6379", forms],
  ["unix:///run/redis.sock", "Redis is reached over TCP only"],
  ["redis:///run/redis.sock", "Redis is reached over TCP only"],
  ["https://sesame@eu1.upstash.io", "HTTP interfaces are not supported"],
  ["valkeys://host", "Valkey's address begins with redis:// too"],
  ["rediss+sentinel://host/primary", "An address of Sentinels begins with redis+sentinel://"],
  ["redis+cluster://host", "Redis Cluster is not supported"],
  ["redis://::1:6379", "Write an IPv6 address in brackets"],
  ["redis://host:6379?db=5", "Write the database after the port"],
  ["redis://host?password=sesame", "Write user and password before the host"],
  ["redis://host:6379?tls=true", "For TLS, begin the address with rediss://"],
  ["redis+sentinel://host:26379", forms],
])("the fault in %s is reported without its password", (text, fault) => {
  const told = redisAddressFault(text) ?? "";
  expect(told).toContain(fault);
  expect(told).not.toMatch(/sesame|ses[#/?]|100/u);
});

test.each([
  "redis://:ses%23ame%40@host:6379/0",
  "redis://host/",
  "redis://:p@ss@host:6379",
  "rediss://ada:sesame@[::1]:6380/2",
  "redis+sentinel://:sesame@one:1,two:2/primary/3",
  "redis://:a:b:c@my-cluster:6379",
  "rediss://host:6379/2?family=6&ssl_cert_reqs=required&tls=false",
])("no fault is reported for %s", (text) => {
  expect(redisAddressFault(text)).toBeUndefined();
});
