// Loaded with `--import`: from its start on the process may not write a byte to any file.
import { execFileSync } from "node:child_process";

execFileSync("prlimit", ["--pid", String(process.pid), "--fsize=0:"]);
