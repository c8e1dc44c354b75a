import type { Action } from "../../domain/action.ts";

/** The two buttons of a request. */
export function requestActions(request: string): readonly Action[] {
  return [
    { id: "approve", label: "Approve", style: "button", emphasis: "primary", on: request },
    { id: "decline", label: "Decline", style: "button", on: request },
  ];
}
