import { DatabaseSync } from "node:sqlite";

import { expect, test } from "vitest";

import { KeyvSqlite } from "../../../src/storage/sqlite/stores/keyv-sqlite.ts";

const lastCharacter = "\u{10FFFF}";

async function keysOf(store: KeyvSqlite): Promise<readonly unknown[]> {
  const keys: unknown[] = [];
  for await (const [key] of store.iterator()) keys.push(key);
  return keys;
}

test("clears every key of a namespace, up to its very end, and no others", async () => {
  using database = new DatabaseSync(":memory:");
  const store = new KeyvSqlite(database);
  for (const key of ["a:", `a:${lastCharacter}z`, "a;", "a", "b:1"]) await store.set(key, "{}");
  store.namespace = "a";
  await store.clear();
  delete store.namespace;
  expect(await keysOf(store)).toEqual(["a", "a;", "b:1"]);
});

test("clears everything without a namespace", async () => {
  using database = new DatabaseSync(":memory:");
  const store = new KeyvSqlite(database);
  for (const key of ["", "a:1", `${lastCharacter}${lastCharacter}z`]) await store.set(key, "{}");
  await store.clear();
  expect(await keysOf(store)).toEqual([]);
});
