/** Tells the bench that events are welcome, and ends the process when it says so. */
export function announceReady(): void {
  process.once("SIGTERM", () => process.exit(0));
  process.stdout.write("ready\n");
}
