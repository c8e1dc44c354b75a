import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

// Loaded before the bot by `node --import`: writes the URL of each module that it loads, a line each, to this file.
const file = process.env["LIST_MODULES_TO"] ?? "";

registerHooks({
  load: (url, context, nextLoad) => {
    appendFileSync(file, `${url}\n`);
    return nextLoad(url, context);
  },
});
