import { hash } from "node:crypto";

import type { ImagePart } from "../../../domain/content.ts";
import type { Prompt } from "../../../domain/prompt.ts";
import type { WhyUnread } from "../../../domain/unread-file.ts";
import { ModelError, type ModelOutput } from "../../../ports/model.ts";
import { efforts, type Effort, type RequestFeature } from "../api/request-feature.ts";
import type { ModelCall } from "../api/model-call.ts";
import { RefusedRequestError } from "../failure/failure.ts";
import type { Suspicion } from "../failure/suspicion.ts";
import type { Api } from "../presets/preset.ts";
import { hasAdjacentRoles, shapePrompt } from "./shape-prompt.ts";
import { imageAt } from "./image-at.ts";
import { hasImages, imagesIn, withinImageLimits, withoutImage, withoutImages } from "./shown-images.ts";

const usualEffort = "low";
/** Suspicion after a refusal that names nothing. */
const unnamed = { steps: [], isGuess: true, isPassing: true } as const;
/** Efforts that are tried instead of a rejected one. */
const maxEfforts = 2;
/** Images that are left out one by one: each time, the others are sent again. */
const maxNamedImages = 2;

/** What had to be left out before the server answered. */
export interface Learned {
  readonly omitted: ReadonlySet<RequestFeature>;
  /** The effort that it accepted instead. */
  readonly effort: Effort | undefined;
  readonly isGuess: boolean;
}

/** Chooses the features for the requests of one answer, and leaves out what the server rejects. */
export class AnswerFeatures {
  readonly #given: readonly ImagePart[];
  #prompt: Prompt;
  #whyUnseen: WhyUnread;
  #toldUnseen = 0;
  #namedImages = 0;
  readonly #omitted: Set<RequestFeature>;
  readonly #learn: (learned: Learned) => void;
  readonly #omittedNow = new Set<RequestFeature>();
  readonly #refusedEfforts = new Set<Effort>();
  #effort: Effort | undefined;
  #newEffort: Effort | undefined;
  #isGuess = false;
  #firstError: unknown;

  constructor(
    prompt: Prompt,
    { omitted, effort }: { readonly omitted: Set<RequestFeature>; readonly effort: Effort | undefined },
    learn: (learned: Learned) => void,
  ) {
    this.#given = imagesIn(prompt);
    this.#prompt = this.#given.length === 0 ? prompt : withinImageLimits(prompt);
    this.#whyUnseen = omitted.has("images") ? "no-sight" : "too-large";
    this.#omitted = omitted;
    this.#effort = effort;
    this.#learn = learn;
  }

  /** The prompt with the images that the next request shows. */
  get prompt(): Prompt {
    return this.#omitted.has("images") ? withoutImages(this.#prompt) : this.#prompt;
  }

  /** Leaves the images out, this once. False if there are none. */
  omitImages(): boolean {
    if (this.#omitted.has("images") || !hasImages(this.#prompt)) return false;
    this.#omitted.add("images");
    this.#whyUnseen = "too-large";
    return true;
  }

  /** Tells which images of its prompt the answer is made without, when that changed since the last time. */
  unseen(): readonly ModelOutput[] {
    if (this.#given.length === 0) return [];
    const sent = new Set(imagesIn(this.prompt));
    const images = this.#given.filter((image) => !sent.has(image));
    if (images.length <= this.#toldUnseen) return [];
    this.#toldUnseen = images.length;
    return [{ kind: "unseen", images, why: this.#whyUnseen }];
  }

  /** The features of the next request. */
  requestFor(api: Api): Pick<ModelCall, "prompt" | "cacheKey" | "effort" | "omitted"> {
    const effort = this.#effortOver(api);
    const isEffortSent = effort !== undefined && !this.#omitted.has("effort");
    return {
      prompt: shapePrompt(this.#prompt, this.#omitted),
      ...(this.#omitted.has("cacheKey") ? {} : { cacheKey: cacheKeyOf(this.#prompt) }),
      ...(isEffortSent ? { effort } : {}),
      omitted: this.#omitted,
    };
  }

  /** Leaves out what the failure may be about. False if that would change nothing. */
  omitAfter(error: unknown, api: Api): boolean {
    const suspicion = this.#suspicionOf(error);
    if (suspicion === undefined) return false;
    if (this.#omitNamedImage(suspicion, api)) return true;
    for (const step of suspicion.steps) {
      const sent = step.filter((feature) => this.#isSent(feature, api));
      if (sent.length === 0) continue;
      this.#firstError ??= error;
      this.#leaveOut(sent, suspicion, api);
      return true;
    }
    return false;
  }

  /** The error of the original request, which is reported when nothing helped. */
  firstErrorFor(error: unknown): unknown {
    return error instanceof RefusedRequestError ? (this.#firstError ?? error) : error;
  }

  /** Call it when the server answers: it saves what had to be left out. */
  saveOmitted(): void {
    if (this.#omittedNow.size === 0 && this.#newEffort === undefined) return;
    this.#learn({ omitted: new Set(this.#omittedNow), effort: this.#newEffort, isGuess: this.#isGuess });
    this.#omittedNow.clear();
    this.#newEffort = undefined;
  }

  #omitNamedImage({ imageAt: place }: Suspicion, api: Api): boolean {
    if (place === undefined || this.#namedImages === maxNamedImages) return false;
    const image = imageAt(shapePrompt(this.#prompt, this.#omitted), place, api);
    if (image === undefined) return false;
    this.#namedImages += 1;
    this.#prompt = withoutImage(this.#prompt, image);
    this.#whyUnseen = "refused";
    return true;
  }

  #leaveOut(
    sent: readonly RequestFeature[],
    { isGuess, isPassing, efforts: known }: Suspicion,
    api: Api,
  ): void {
    const nearest = sent.includes("effort") ? this.#effortAfter(this.#effortOver(api), known) : undefined;
    if (nearest !== undefined) {
      this.#effort = nearest;
      this.#newEffort = nearest;
      return;
    }
    // With calls, only their messages can be blamed for sure.
    const isOfCalls = sent.length === 1 && sent[0] === "toolMessages";
    for (const feature of sent) {
      const isSure = isOfCalls || feature === "images";
      this.#omitted.add(feature);
      if (feature === "effort") this.#newEffort = undefined;
      if (feature === "images") this.#whyUnseen = "refused";
      // The cause may be this one image.
      if (feature === "images" && isGuess) continue;
      if (!isPassing && (isSure || this.#prompt.calls === undefined)) this.#omittedNow.add(feature);
    }
    this.#isGuess ||= isGuess;
  }

  /** Undefined after too many attempts: some servers name efforts that they reject too. */
  #effortAfter(refused: Effort | undefined, known: readonly Effort[]): Effort | undefined {
    if (refused === undefined || this.#refusedEfforts.size === maxEfforts) return undefined;
    this.#refusedEfforts.add(refused);
    return nearestTo(
      refused,
      known.filter((each) => !this.#refusedEfforts.has(each)),
    );
  }

  #suspicionOf(error: unknown): Suspicion | undefined {
    const hasSuspicion = error instanceof RefusedRequestError;
    // It is about what was said, not about its form.
    if (hasSuspicion && error.kind === "refused") return error.suspicion;
    const isRefusal = error instanceof ModelError && ["rejected", "unknown-model"].includes(error.kind);
    // The server made a call, so it supports tools: it rejects the results, this once.
    if (this.#prompt.calls !== undefined && (hasSuspicion || isRefusal)) {
      const { steps, isGuess, isPassing, ...more } = hasSuspicion ? error.suspicion : unnamed;
      const asText: readonly RequestFeature[] = ["tools", "toolMessages"];
      const inOrder = isGuess ? [asText, ...steps] : [...steps, asText];
      return { ...more, steps: inOrder, isGuess: false, isPassing: isGuess || isPassing, efforts: [] };
    }
    return hasSuspicion ? error.suspicion : undefined;
  }

  #isSent(feature: RequestFeature, api: Api): boolean {
    if (this.#omitted.has(feature)) return false;
    const hasTools = this.#prompt.tools !== undefined && !this.#omitted.has("tools");
    switch (feature) {
      case "tools":
      case "strictTools":
        return hasTools;
      case "images":
        return hasImages(this.#prompt);
      case "toolMessages":
        return this.#prompt.calls !== undefined;
      case "thoughts":
        return api === "responses" && hasTools;
      case "effort":
        return this.#effortOver(api) !== undefined;
      case "store":
        return api === "responses";
      case "usage":
      case "maxCompletionTokens":
        return api === "chat";
      case "maxTokens":
        return api === "responses" || this.#omitted.has("maxCompletionTokens");
      case "neighbours":
        return hasAdjacentRoles(shapePrompt(this.#prompt, this.#omitted));
      case "cacheKey":
      case "systemRole":
        return true;
    }
  }

  #effortOver(api: Api): Effort | undefined {
    return this.#effort ?? (api === "responses" ? usualEffort : undefined);
  }
}

/** The next higher effort, else the highest known. */
function nearestTo(effort: Effort, known: readonly Effort[]): Effort | undefined {
  const at = efforts.indexOf(effort);
  return known.find((each) => efforts.indexOf(each) > at) ?? known.at(-1);
}

/** A hash: providers accept 64 characters, and a conversation's key contains people's ids. */
function cacheKeyOf({ payer }: Prompt): string {
  return hash("sha256", payer.conversation);
}
