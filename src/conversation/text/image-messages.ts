import { ModelError } from "../../ports/model.ts";
import { withReference } from "./user-messages.ts";

/** Stands where an image will be. */
export const makingImage = "_Making an image…_";

/** The order does not say what the image shows. */
export const whatToShow = "What should the image show? Example: `/imagine a fox in the snow`";

/** The description is longer than providers take. */
export function descriptionTooLong(chars: number): string {
  return `That description is too long (${chars} characters at most). Try a shorter one.`;
}

/** An image could not be made. `error`: the provider's, or that of the file store. */
export function imageFailed(error: unknown, reference: string): string {
  if (error instanceof ModelError && error.kind === "refused")
    return "The image service declined to make that. Try describing it differently.";
  const isSettings =
    error instanceof ModelError &&
    ["bad-key", "not-allowed", "unverified", "unknown-model", "not-a-model", "out-of-quota"].includes(
      error.kind,
    );
  return withReference(
    isSettings
      ? "I can't make images right now: my image service isn't set up correctly. Please tell your admin."
      : "I couldn't make that image right now. Please try again in a few minutes.",
    reference,
  );
}
