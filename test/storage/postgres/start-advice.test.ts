import { expect, test } from "vitest";

import { Primary } from "../../../src/storage/postgres/database/primary.ts";
import { isTransient, startFault } from "../../../src/storage/postgres/database/start-fault.ts";

const primary = new Primary(["postgres://ada:sesame@host/name"]);

/** An error as the driver throws it for a server's or a pooler's answer. */
function said(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}

// Recorded from pgbouncer 1.18, Postgres 13 and 17, and Node 24.
test.each([
  [said("08P01", "unsupported startup parameter: statement_timeout"), false, "ignore_startup_parameters"],
  [said("08P01", "unsupported startup parameter in options: search_path"), false, "leave options out"],
  [said("08P01", "password authentication failed"), false, "Check the user and the password"],
  [said("08P01", "no such user"), false, "Check the user and the password"],
  [said("XX000", "Tenant or user not found"), false, "Check the user and the password"],
  [said("08P01", "no such database: name"), false, "knows no such database or user"],
  [said("08P01", "bouncer config error"), false, "knows no such database or user"],
  [said("08P01", "transaction blocks not allowed in statement pooling mode"), false, "transaction mode"],
  [said("08P01", "no more connections allowed (max_client_conn)"), true, "no room for more connections"],
  [said("08P01", "server login has been failing, try again later"), true, "does not reach Postgres"],
  [said("08P01", "something new"), false, "A pooler in between refuses this"],
  [said("53300", "too many connections for role"), true, "no room for more connections"],
  [said("28000", 'role "ada" is not permitted to log in'), false, "ALTER ROLE … LOGIN"],
  [said("28000", 'role "ada" does not exist'), false, "There is no such user"],
  [said("28000", 'no pg_hba.conf entry for host "::1"'), false, "pg_hba.conf does not let this user in"],
  [said("28000", "no pg_hba.conf entry, no encryption"), false, "add ?sslmode=require to the address"],
  [said("55000", 'database "name" is not currently accepting connections'), false, "ALLOW_CONNECTIONS"],
  [said("57014", "canceling statement due to statement timeout"), true, "a longer statement_timeout"],
  [said("57P03", "the database system is starting up"), true, "It is starting"],
  [said("42501", "permission denied for schema threadkeeper"), false, "ALTER SCHEMA threadkeeper OWNER TO"],
  [said("ENOENT", "no such file", { syscall: "open" }), false, "A file that the address names"],
  [said("EISDIR", "is a directory", { syscall: "read" }), false, "A file that the address names"],
  [said("ENOENT", "connect ENOENT /run/x", { syscall: "connect" }), true, "There is no such socket"],
  [said("ECONNRESET", "read ECONNRESET", { syscall: "read" }), true, "Is it running there"],
  [said("ERR_OSSL_PEM_NO_START_LINE", "no start line"), false, "names is none, is damaged"],
])("%s is reported with what to do", (error, passes, advice) => {
  const { message } = startFault(primary, error);
  expect(message).toMatch(/^DATABASE_URL: Postgres can't be used \(/u);
  expect(message).toContain(advice);
  expect(message).not.toContain("sesame");
  expect(isTransient(error)).toBe(passes);
});

test("only the first line is shown of an error with a stack trace", () => {
  const { message } = startFault(
    primary,
    new Error("Unable to ensure tables: timeout\n    at query (x.js:1:1)"),
  );
  expect(message).not.toMatch(/\n|x\.js/u);
});
