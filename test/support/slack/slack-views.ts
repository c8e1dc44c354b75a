import { asList, asRecord, asText } from "./untyped-json.ts";
import { SlackRefusal, textIn, type SlackArguments } from "./slack-arguments.ts";
import type { SlackReceipt } from "./slack-deliveries.ts";
import type { SlackStandInSettings } from "./slack-settings.ts";

type Json = Readonly<Record<string, unknown>>;

interface Trigger {
  readonly user: string;
  readonly team: string;
  readonly madeAtMs: number;
  isUsed: boolean;
}

/** A modal on a person's screen. */
export interface OpenView {
  readonly id: string;
  readonly user: string;
  /** The person's workspace. */
  readonly team: string;
  readonly view: Json;
  /** The lines under its fields since the last submission, by block id. */
  errors: Json;
}

const triggerLivesMs = 3_000;

/** Modals: opened by a trigger_id, which is good for one call within 3 seconds. */
export class SlackViews {
  /** The open ones, oldest first. */
  readonly shown: OpenView[] = [];
  readonly #settings: SlackStandInSettings;
  readonly #triggers = new Map<string, Trigger>();
  #passedMs = 0;
  #count = 0;

  constructor(settings: SlackStandInSettings) {
    this.#settings = settings;
  }

  /** The trigger_id of what a person has done. It ages only by `pass`. */
  trigger(id: string, user: string, team: string): string {
    this.#triggers.set(id, { user, team, madeAtMs: this.#passedMs, isUsed: false });
    return id;
  }

  pass(ms: number): void {
    this.#passedMs += ms;
  }

  /** https://docs.slack.dev/reference/methods/views.open */
  open(args: SlackArguments): Json {
    const trigger = this.#triggers.get(textIn(args, "trigger_id"));
    if (trigger === undefined) throw new SlackRefusal("invalid_trigger_id");
    if (trigger.isUsed) throw new SlackRefusal("exchanged_trigger_id");
    if (this.#passedMs - trigger.madeAtMs >= triggerLivesMs) throw new SlackRefusal("expired_trigger_id");
    const view = asRecord(args["view"]);
    if (!isGoodView(view)) throw new SlackRefusal("invalid_arguments");
    trigger.isUsed = true;
    this.#count += 1;
    const { user, team } = trigger;
    const opened = { id: `V${this.#count}`, user, team, view, errors: {} };
    this.shown.push(opened);
    return this.#output(opened, []);
  }

  /** The newest modal on a person's screen. */
  of(user: string): OpenView {
    const found = this.shown.findLast((each) => each.user === user);
    if (found === undefined) throw new Error(`No modal is open for ${user}`);
    return found;
  }

  /** Closes a modal. Slack tells the app only if it wants to know. */
  close(view: OpenView): void {
    this.shown.splice(this.shown.indexOf(view), 1);
  }

  /** What Slack does with the acknowledgement of a submission: without one the modal stays, and says so. */
  settle(view: OpenView, { isAcked, answer }: SlackReceipt): void {
    const { response_action: action, errors } = asRecord(answer);
    if (!isAcked) view.errors = { "": "We had some trouble connecting. Try again?" };
    else if (action === "errors") view.errors = asRecord(errors);
    else this.close(view);
  }

  /** https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
  submission(view: OpenView, text: string, triggerId: string): Json {
    const { organisation } = this.#settings;
    const block = asList(view.view["blocks"])
      .map(asRecord)
      .find(({ type }) => type === "input");
    const actionId = asText(asRecord(block?.["element"])["action_id"]);
    const state = { type: "plain_text_input", value: text === "" ? null : text };
    const isOrganisation = organisation !== "";
    return {
      type: "view_submission",
      // Null where the app is installed for an organisation.
      team: isOrganisation ? null : { id: view.team, domain: "stand-in" },
      user: {
        id: view.user,
        username: view.user.toLowerCase(),
        name: view.user.toLowerCase(),
        team_id: view.team,
      },
      api_app_id: "ASTANDIN",
      token: "legacy-verification-token",
      trigger_id: this.trigger(triggerId, view.user, view.team),
      view: this.#output(view, { values: { [asText(block?.["block_id"])]: { [actionId]: state } } }),
      response_urls: [],
      is_enterprise_install: isOrganisation,
      enterprise: isOrganisation ? { id: organisation, name: "Stand-in" } : null,
    };
  }

  #output({ id, team, view }: OpenView, state: unknown): Json {
    const { team: installed, botId, organisation } = this.#settings;
    return {
      id,
      team_id: team,
      ...view,
      private_metadata: view["private_metadata"] ?? "",
      callback_id: view["callback_id"] ?? "",
      external_id: "",
      state,
      hash: `1700000000.${id}`,
      clear_on_close: false,
      notify_on_close: false,
      previous_view_id: null,
      root_view_id: id,
      app_id: "ASTANDIN",
      bot_id: botId,
      app_installed_team_id: organisation === "" ? installed : organisation,
    };
  }
}

/** Slack's limits: https://docs.slack.dev/reference/views/modal-views */
function isGoodView(view: Json): boolean {
  const { type, title, submit, close, private_metadata: metadata, callback_id: callback } = view;
  const blocks = asList(view["blocks"]);
  const titles = [title, submit, close ?? { type: "plain_text", text: "Cancel" }];
  return (
    type === "modal" &&
    titles.every((each) => isPlainText(each, 24)) &&
    asText(metadata).length <= 3_000 &&
    asText(callback).length <= 255 &&
    blocks.length > 0 &&
    blocks.length <= 100 &&
    blocks.every((block) => isGoodInput(block) || isGoodSection(block))
  );
}

/** https://docs.slack.dev/reference/block-kit/blocks/input-block */
function isGoodInput(block: unknown): boolean {
  const { type, label, element } = asRecord(block);
  const { type: elementType, max_length: most } = asRecord(element);
  return (
    type === "input" &&
    isPlainText(label, 2_000) &&
    elementType === "plain_text_input" &&
    (most === undefined || (typeof most === "number" && most >= 1 && most <= 3_000))
  );
}

/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
function isGoodSection(block: unknown): boolean {
  const { type, text } = asRecord(block);
  return type === "section" && isPlainText(text, 3_000);
}

function isPlainText(value: unknown, most: number): boolean {
  const { type, text } = asRecord(value);
  return type === "plain_text" && asText(text) !== "" && asText(text).length <= most;
}
