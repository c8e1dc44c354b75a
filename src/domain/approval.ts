/** What ended a request before its time: a press, or something that was written or changed in the meantime. */
export type ApprovalAnswer = "approved" | "declined" | "withdrawn";

/** A request to a person to approve one writing call, before the call starts. */
export interface Approval {
  /** Names the request in its buttons. Random: the same call, asked again, has another one. Contains no colon. */
  readonly id: string;
  /** What the call does, for people: "add milk to the list". */
  readonly says: string;
  /** The Author's id of the person who may answer: the one who asked the question. */
  readonly person: string;
  /** When it was shown; before that, when it was made. */
  readonly askedAtMs: number;
  /** A press that is accepted later changes nothing. A request that was never shown does not expire. */
  readonly expiresAtMs: number;
  /** It was shown, so its time runs. Missing: not yet, or a record of an older version. */
  readonly wasShown?: true;
  /** Missing: it is open, or it expired. */
  readonly answer?: ApprovalAnswer;
}
