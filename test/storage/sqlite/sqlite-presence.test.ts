import { describe } from "vitest";

import { openDatabase } from "../../../src/storage/sqlite/database/open-database.ts";
import { SqlitePresence } from "../../../src/storage/sqlite/stores/sqlite-presence.ts";
import { presenceContract } from "../../contracts/presence-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

describe("the presence on SQLite", () => {
  presenceContract(() => {
    const folder = temporaryFolder();
    return {
      open: async () => {
        const opened = openDatabase(folder.path, new RecordingLog());
        return {
          presence: new SqlitePresence(opened.database),
          [Symbol.asyncDispose]: async () => opened[Symbol.dispose](),
        };
      },
      [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
    };
  });
});
