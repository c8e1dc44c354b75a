import { cpus } from "node:os";

import { chosen } from "../contestants.ts";
import { endedBySignal } from "../ended-by-signal.ts";
import { installPackages } from "../install-packages.ts";
import { saveJson } from "../save-json.ts";
import { scenarioOptions, scenarioText, type Scenario } from "./scenario.ts";

/** Measures one scenario and prints its table. */
export async function runScenario<Size extends string>(
  scenario: Scenario<Size>,
  args: readonly string[],
): Promise<void> {
  const { sizes, only, jsonFile } = scenarioOptions(scenario, args);
  if (chosen(only).some(({ needsPackages }) => needsPackages)) installPackages();
  await using opened = new AsyncDisposableStack();
  using _ = endedBySignal(opened);
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  const report = await scenario.measure({ sizes, only, opened, note });
  process.stdout.write(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}, ${new Date().toISOString().slice(0, 10)}.\n\n` +
      `${scenarioText(scenario.title, report)}\n`,
  );
  if (jsonFile !== "") saveJson(jsonFile, { scenario: scenario.title, sizes, ...report });
}
