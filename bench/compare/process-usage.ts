import { readFileSync } from "node:fs";

const clockTicksPerS = 100;

/** CPU time that a process has used with all its threads, in s. 0 where there is no /proc. */
export function cpuSecondsOf(pid: number): number {
  return ticksIn(read(`/proc/${pid}/stat`)) / clockTicksPerS;
}

/** `utime` and `stime` of a line of /proc/PID/stat. The name of the process may hold spaces and brackets. */
function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" ");
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** The most memory that a process ever had, in MiB. */
export function peakMiBOf(pid: number): number {
  const kib = /VmHWM:\s+(?<kib>\d+)/u.exec(read(`/proc/${pid}/status`))?.groups?.["kib"];
  return Number(kib ?? 0) / 1_024;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
