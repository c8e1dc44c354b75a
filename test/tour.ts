import { playTour } from "./support/tour/play-tour.ts";

// npm run tour                A short conversation through the real program, printed as people would see it
const patienceMs = 15_000;

process.exitCode = await playTour(process.stdout, patienceMs);
