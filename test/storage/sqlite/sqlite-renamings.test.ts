import { describe } from "vitest";

import { openDatabase } from "../../../src/storage/sqlite/database/open-database.ts";
import { SqliteRenamings } from "../../../src/storage/sqlite/stores/sqlite-renamings.ts";
import { renamingsContract } from "../../contracts/renamings-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

describe("renamings on SQLite", () => {
  renamingsContract(() => {
    const folder = temporaryFolder();
    return {
      open: async () => {
        const opened = openDatabase(folder.path, new RecordingLog());
        return {
          renamings: new SqliteRenamings(opened.database),
          [Symbol.asyncDispose]: async () => opened[Symbol.dispose](),
        };
      },
      [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
    };
  });
});
