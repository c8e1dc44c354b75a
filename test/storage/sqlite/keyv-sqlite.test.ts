import { DatabaseSync } from "node:sqlite";

import keyvTestSuite, { keyvIteratorTests } from "@keyv/test-suite";
import { Keyv } from "keyv";
import { describe, expect, test } from "vitest";
import * as vitest from "vitest";

import { KeyvSqlite } from "../../../src/storage/sqlite/stores/keyv-sqlite.ts";

const database = new DatabaseSync(":memory:");

describe("Keyv's published suite on SQLite", () => {
  keyvTestSuite(vitest, Keyv, () => new KeyvSqlite(database));
  keyvIteratorTests(vitest, Keyv, () => new KeyvSqlite(database));
});

describe("a namespace on SQLite", () => {
  test("is cleared without touching its neighbours, whatever wildcards its name has", async () => {
    const names = ["a_", "ab", "a%", "a"];
    const keyvs = names.map((namespace) => new Keyv({ store: new KeyvSqlite(database), namespace }));
    for (const [index, keyv] of keyvs.entries()) await keyv.set("key", index);
    await keyvs[0]?.clear();
    await keyvs[2]?.clear();
    expect(await Promise.all(keyvs.map((keyv) => keyv.get("key")))).toEqual([undefined, 1, undefined, 3]);
  });
});
