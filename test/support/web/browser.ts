import { existsSync } from "node:fs";

import { chromium, type Browser } from "playwright-core";

const executablePath = "/usr/bin/chromium";
/** Each person's window would otherwise start two more processes for its address bar. */
const ofWindows = [
  "InitialWebUI",
  "WebUIToolbarProcessOverheadExperiment",
  "PreloadTopChromeWebUI",
  "WebUIOmniboxPopup",
  "WebUIOmniboxAimPopup",
];
/** The last list counts: what Playwright switches off for pages stays off. */
const ofPages = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsFirstBalancedModeAutoEnable",
  "HttpsUpgrades",
  "MediaRouter",
  "OptimizationHints",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
];
const args = [
  "--disable-gpu",
  "--disable-quic",
  // A microphone that beeps.
  "--use-fake-device-for-media-stream",
  `--disable-features=${[...ofWindows, ...ofPages].join(",")}`,
];

/** Why browser tests can't run here; undefined when they can. */
export const browserIsMissing: string | undefined = existsSync(executablePath)
  ? undefined
  : `there is no ${executablePath} (apt-get install chromium)`;

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args });
}
