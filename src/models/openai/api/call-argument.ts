import { asText } from "../../json.ts";

/** The arguments of a call as JSON. Some servers send them as an object. */
export function argumentIn(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : asText(value);
}
