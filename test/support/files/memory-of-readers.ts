import { readdirSync, readFileSync } from "node:fs";

const pageBytes = 4_096;

/** The largest memory that a reading process of this one has now. Linux only. */
export function memoryOfReaders(): number {
  return Math.max(0, ...readingProcesses().map((id) => residentBytes(id)));
}

/** The ids of the reading processes that this process has started. */
export function readingProcesses(): readonly string[] {
  const tasks = `/proc/${process.pid}/task`;
  const children = readdirSync(tasks).flatMap((task) =>
    readProc(`${tasks}/${task}/children`).trim().split(" "),
  );
  return children.filter((id) => id !== "" && readProc(`/proc/${id}/cmdline`).includes("reading-process.ts"));
}

function residentBytes(id: string): number {
  return Number(readProc(`/proc/${id}/statm`).split(" ")[1] ?? 0) * pageBytes;
}

/** Empty when the process has ended. */
function readProc(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
