// Opens each given data folder as a user without rights, and prints the faults as JSON. See folder-rights.test.ts.
import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openSqliteArchive } from "../../../src/storage/sqlite/sqlite-archive.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { RecordingLog } from "../core/recording-log.ts";

const [uid, ...folders] = process.argv.slice(2);
process.setgroups?.([]);
process.setgid?.(Number(uid));
process.setuid?.(Number(uid));
const log = new RecordingLog();
const faults: string[] = [];
for (const folder of folders) faults.push(await faultOf(folder));
process.stdout.write(JSON.stringify(faults));

async function faultOf(folder: string): Promise<string> {
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  try {
    await using stores = await openSqliteStores(folder, { ids, inbounds, log, listeners });
    await using archive = await openSqliteArchive(folder, { log });
    return [stores, archive].map((each) => each.health().why).join("");
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
}
