import { playTour } from "./support/tour/play-tour.ts";

// npm run tour                A short conversation through the real program, printed as people would see it
const patienceMs = 60_000;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
// As in `npm run tour | head`: nobody reads on.
process.stdout.once("error", () => process.exit(1));
process.exitCode = await playTour(process.stdout, patienceMs);
