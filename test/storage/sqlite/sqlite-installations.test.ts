import { describe } from "vitest";

import { openDatabase } from "../../../src/storage/sqlite/database/open-database.ts";
import { SqliteInstallations } from "../../../src/storage/sqlite/stores/sqlite-installations.ts";
import { installationsContract } from "../../contracts/installations-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

describe("installations on SQLite", () => {
  installationsContract(() => {
    const folder = temporaryFolder();
    const opened = openDatabase(folder.path, new RecordingLog());
    const { database } = opened;
    return {
      open: async (keys) => ({
        installations: new SqliteInstallations(database, keys),
        stored: async () => JSON.stringify(database.prepare("SELECT * FROM installation").all()),
        copy: async (from, to) => {
          database
            .prepare(
              "UPDATE installation SET sealed = (SELECT sealed FROM installation WHERE id = ?) WHERE id = ?",
            )
            .run(from, to);
        },
        [Symbol.asyncDispose]: async () => undefined,
      }),
      [Symbol.asyncDispose]: async () => {
        opened[Symbol.dispose]();
        folder[Symbol.dispose]();
      },
    };
  });
});
