import { asText } from "../../json.ts";

/** What a call carries, as JSON. Some servers give it as it is. */
export function argumentIn(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : asText(value);
}
