import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { readOrMakeKey } from "../../../src/storage/sqlite/disk/key-file.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("a new key never overwrites another user's file in its place", () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "web-cookie.key");
  const elsewhere = join(folder.path, "elsewhere");
  writeFileSync(elsewhere, "kept");
  symlinkSync(elsewhere, `${file}.new`);
  const key = readOrMakeKey(file);
  expect(readFileSync(elsewhere, "utf8")).toBe("kept");
  expect(readFileSync(file)).toEqual(key);

  const other = join(folder.path, "other.key");
  writeFileSync(`${other}.new`, "read by all");
  chmodSync(`${other}.new`, 0o666);
  expect(readOrMakeKey(other)).toHaveLength(32);
  expect(statSync(other).mode & 0o777).toBe(0o600);
});
