import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Page } from "playwright-core";

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** The faults that axe finds on a page as it is now. `rules`: changes to its rules. */
export function faultsOn(page: Page, rules = {}): Promise<readonly string[]> {
  return page.evaluate(`(async () => {
    if (typeof axe === "undefined") (0, eval)(${JSON.stringify(axe)});
    const { violations } = await axe.run(document, { rules: ${JSON.stringify(rules)} });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 200)));
  })()`);
}
