import type { PrivateMessage } from "./conversation-picker.ts";

/** Lines under the fields of a modal, by block id. The modal stays open. https://docs.slack.dev/surfaces/modals */
export interface FormErrors {
  readonly response_action: "errors";
  readonly errors: Readonly<Record<string, string>>;
}

/** The body of an acknowledgement. Undefined: an empty one, which also closes a modal. */
export type Acknowledgement = PrivateMessage | FormErrors | undefined;
