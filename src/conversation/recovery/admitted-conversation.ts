import type { Watch } from "../../ports/turn-scheduler.ts";
import type { ClaimedConversation } from "../planning/claimed-conversation.ts";
import type { Admission } from "./crash-suspects.ts";

/** A claimed conversation whose turn may run now. */
export interface AdmittedConversation extends ClaimedConversation {
  readonly watch: Watch;
  readonly admission: Admission;
  /** See Claim. */
  readonly newestSeq: number;
}
