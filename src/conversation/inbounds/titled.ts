import type { Titled } from "../../domain/own-inbounds.ts";
import { applyTitle } from "../memory/apply-title.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** The model was asked for a title. */
export const titled: InboundKind<Titled> = {
  fields: { from: "texts", revision: "count", title: "text?" },
  origin: "own",
  opens: () => false,
  concernsArchived: false,
  expectsAnswer: false,
  mayQuote: () => "any",
  changeMemory: (changing, change) => ({ ...changing, memory: applyTitle(changing.memory, change) }),
  mayRemove: () => false,
  // A title that came too late may quote removed text.
  noLongerQuoted: ({ from, title }, { titledFrom }) =>
    title !== undefined && from !== titledFrom ? from : [],
};
