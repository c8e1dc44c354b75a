import { openDatabase } from "../../../src/storage/sqlite/database/open-database.ts";
import { SqliteUsage } from "../../../src/storage/sqlite/stores/sqlite-usage.ts";
import { usageContract } from "../../contracts/usage-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

usageContract(async () => {
  const folder = temporaryFolder();
  const opened = openDatabase(folder.path, new RecordingLog());
  return {
    usage: new SqliteUsage(opened.database, new RecordingLog()),
    [Symbol.asyncDispose]: async () => {
      opened[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
});
