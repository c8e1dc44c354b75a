import { expect, test } from "vitest";

import {
  asksForTls,
  connectionString,
  postgresAddressFault,
} from "../../../src/runtime/addresses/postgres-address.ts";
import { addressPerHost, hostIn } from "../../../src/runtime/addresses/postgres-hosts.ts";

test.each([
  "postgres://ada:sesame@127.0.0.1:5432/name",
  "postgresql://ada@host/name?sslmode=no-verify",
  "postgres://ada:pa%23s%2Fs%401%252x@host/name?sslmode=require&application_name=x",
  "postgres://ada:sesame@/name?host=/var/run/postgresql&port=5433",
  "postgresql:///name?host=/var/run/postgresql&user=ada&password=sesame",
  "postgres://ada:sesame@%2Fvar%2Frun%2Fpostgresql:5433/name",
  "postgres://ada:ses@me@host/name",
  "postgres://ada%40server:sesame@server.postgres.database.azure.com/name",
  "postgres://[::1]:5432/name?user=ada@server",
  "postgres://ada:sesame@host/name?options=-c%20search_path%3Dtenant",
  "postgres://ada:sesame@one:5432,two:5433/name?target_session_attrs=read-write",
  "postgres://ada:ses,ame@one,two/name?sslmode=require&target_session_attrs=primary",
  "postgres://ada:sesame@/name?host=/one,/two",
])("a Postgres address may look like %s", (text) => {
  expect(postgresAddressFault(text)).toBeUndefined();
});

const escapes = "In the user and the password # is written %23";

test.each([
  ["postgres://ada:ses#ame@host/name", escapes],
  ["postgres://ada:sesame#@host:5432/name", escapes],
  ["postgres://ada:ses/ame@host/name", escapes],
  ["postgres://ada:12/ame@host/name", escapes],
  ["postgres://ada:ses?ame@host/name", escapes],
  [
    "postgres://ada:sesame@one,two/name?target_session_attrs=standby",
    "target_session_attrs is not one of any",
  ],
  ["postgres://ada:sesame@/name?host=one,two&port=1,2,3", "It names several hosts, and not as many ports"],
  ["postgres://ada:sesame@one:5432,two:port/name", "This is not like postgres://user:password@host:5432/"],
  ["postgres://ada:ses#ame@one,two/name", escapes],
  ["postgres://ada:sesame@host:port/name", "This is not like postgres://user:password@host:5432/database"],
  ["postgres://ada:sesame@host/name?sslmode=on", "sslmode is not one of disable, prefer, require"],
  ["postgresql+asyncpg://ada:sesame@host/name", "Leave out the + and the driver's name"],
  ["postgresql:///name?service=prod", "A service file is not read here"],
  ["jdbc:postgresql://host/name", "This is not a URL that begins with postgres:// or postgresql://"],
  ["host=localhost dbname=name password=sesame", "This is not a URL that begins with postgres://"],
])("the fault in %s is reported without its password", (text, fault) => {
  const told = postgresAddressFault(text) ?? "";
  expect(told.startsWith(fault)).toBe(true);
  expect(told).not.toMatch(/sesame|ses[#/?]ame|12/u);
});

test.each([
  ["u:a,b@one:1/n", ["u:a,b@one:1/n"]],
  ["u:a,b@one:1,[::1]:2/n?x=1", ["u:a,b@one:1/n?x=1", "u:a,b@[::1]:2/n?x=1"]],
  ["one,two/n?port=6", ["one/n?port=6", "two/n?port=6"]],
  ["u@/n?host=%2Fone,/two&port=1,2", ["u@/n?host=%2Fone&port=1", "u@/n?host=%2Ftwo&port=2"]],
  ["/n?host=/run/postgresql", ["/n?host=/run/postgresql"]],
])("postgres://%s is parsed into its servers", (text, parts) => {
  expect(addressPerHost(`postgres://${text}`)).toEqual(parts.map((part) => `postgres://${part}`));
});

test.each([
  ["ada:sesame@one:1/n", "one:1"],
  ["ada:sesame@/n?host=/run/pg&port=5433", "/run/pg:5433"],
  ["/n", "this machine"],
])("postgres://%s is shown as %s", (text, shown) => {
  expect(hostIn(`postgres://${text}`)).toBe(shown);
});

test("certificates are checked as before, and no driver warns", () => {
  const at = "postgres://ada:sslmode=require@host/name";
  for (const mode of ["prefer", "require", "verify-ca"])
    expect(connectionString(`${at}?x=1&sslmode=${mode}&y=2`)).toBe(`${at}?x=1&sslmode=verify-full&y=2`);
  expect(connectionString("postgres://h/n?sslrootcert=system&x=1")).toBe(
    "postgres://h/n?sslmode=verify-full&x=1",
  );
  expect(connectionString("postgres://h/n?sslmode=require&sslrootcert=system")).toBe(
    "postgres://h/n?sslmode=verify-full&",
  );
  for (const same of [at, `${at}?sslmode=no-verify`, `${at}?uselibpqcompat=true&sslmode=require`])
    expect(connectionString(same)).toBe(same);
  expect(
    ["", "?sslmode=disable", "?sslmode=require", "?ssl=true", "?host=/run"].map((end) =>
      asksForTls(at + end),
    ),
  ).toEqual([false, false, true, true, false]);
});
