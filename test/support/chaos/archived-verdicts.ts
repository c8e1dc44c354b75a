import { openSqliteTurnRecords } from "../../../src/storage/sqlite/sqlite-turn-records.ts";
import { openPostgresTurnRecords } from "../../../src/storage/postgres/postgres-turn-records.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { RecordingLog } from "../core/recording-log.ts";

/** What a person thinks of the answer of a turn. */
export interface ArchivedVerdict {
  readonly turn: string;
  readonly by: string;
  readonly action: string;
}

/** All verdicts in the archive: of Postgres, or of all replicas' files together. */
export async function readVerdicts(
  folders: readonly string[],
  postgresUrl: string | undefined,
): Promise<readonly ArchivedVerdict[]> {
  await using opened = new AsyncDisposableStack();
  const archives =
    postgresUrl === undefined
      ? folders.map((folder) => opened.use(openSqliteTurnRecords(folder)))
      : [opened.use(openPostgresTurnRecords(postgresUrl, { clock, log: new RecordingLog() }))];
  const range = { limit: 100_000 };
  const signal = AbortSignal.timeout(60_000);
  const rated = await Promise.all(archives.map((each) => each.newestFeedback(range, signal)));
  return rated
    .flat()
    .map(({ author: by, verdict, record }) => ({ turn: record.id, by, action: `thumbs-${verdict}` }));
}
