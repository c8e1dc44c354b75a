import { SlackRefusal, textIn, type SlackArguments } from "./slack-arguments.ts";
import type { SlackBodies } from "./slack-bodies.ts";
import type { SlackDeliveries, SlackDelivery, SlackReceipt } from "./slack-deliveries.ts";
import type { SlackStandInSettings } from "./slack-settings.ts";
import type { SlackViews } from "./slack-views.ts";
import { asList, asRecord, asText } from "./untyped-json.ts";

type Json = Readonly<Record<string, unknown>>;

/** One version of a person's Home tab. */
export interface PublishedHome {
  readonly user: string;
  readonly view: Json;
  readonly hash: string;
}

interface HomePorts {
  readonly settings: SlackStandInSettings;
  readonly bodies: SlackBodies;
  readonly deliveries: SlackDeliveries;
  readonly views: SlackViews;
}

/** A press in the Home tab. */
export interface HomePressing {
  readonly user: string;
  readonly actionId: string;
  /** The chosen option of a menu. Missing: a button. */
  readonly value?: string;
  /** How often the press is delivered. Missing: once. */
  readonly times?: number;
  /** The person's program sends what its view does not have. */
  readonly isForged?: true;
}

const maxBytes = 250_000;

/** The Home tabs of people: https://docs.slack.dev/surfaces/app-home */
export class SlackHomes {
  /** All versions, oldest first. */
  readonly published: PublishedHome[] = [];
  /** As set in the app's settings. */
  isEnabled = true;
  readonly #ports: HomePorts;
  #count = 0;

  constructor(ports: HomePorts) {
    this.#ports = ports;
  }

  /** https://docs.slack.dev/reference/methods/views.publish */
  publish(args: SlackArguments, isPerson: (user: string) => boolean): Json {
    if (!this.isEnabled) throw new SlackRefusal("not_enabled");
    const user = textIn(args, "user_id");
    if (!isPerson(user)) throw new SlackRefusal("user_not_found");
    const view = asRecord(args["view"]);
    if (!isGoodHome(view)) throw new SlackRefusal("invalid_arguments");
    if (JSON.stringify(view).length > maxBytes) throw new SlackRefusal("view_too_large");
    const { hash: given } = args;
    if (given !== undefined && given !== this.of(user)?.hash) throw new SlackRefusal("hash_conflict");
    this.#count += 1;
    const home = { user, view, hash: `1700000000.h${this.#count}` };
    this.published.push(home);
    return this.#output(home);
  }

  /** What a person sees. Undefined: nothing was published. */
  of(user: string): PublishedHome | undefined {
    return this.published.findLast((each) => each.user === user);
  }

  /** All texts that a person sees, with the addresses of links. */
  textOf(user: string): string {
    return textsIn(this.of(user)?.view["blocks"]).join("\n");
  }

  /** A person opens a tab of the app. `view`: as the person's program has it; missing: the newest. */
  async open(
    user: string,
    { tab = "home", hash }: { tab?: string; hash?: string } = {},
  ): Promise<SlackReceipt> {
    const { bodies, deliveries, settings } = this.#ports;
    const home = this.of(user);
    const shown = home === undefined ? {} : { view: this.#output({ ...home, hash: hash ?? home.hash }) };
    const event = {
      type: "app_home_opened",
      user,
      channel: `D${user.slice(1)}`,
      event_ts: `17000000000000${String(this.#count).padStart(2, "0")}`,
      tab,
      ...(tab === "home" ? shown : {}),
    };
    return deliveries.send({ type: "events_api", retry: 0, body: bodies.event(settings.team, event) });
  }

  /** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
  async press({ user, actionId, value, times = 1, isForged }: HomePressing): Promise<SlackReceipt> {
    const { bodies, deliveries, settings, views } = this.#ports;
    const home = this.of(user);
    if (home === undefined) throw new Error(`${user} sees no Home tab`);
    if (isForged !== true && !hasElement(home.view, actionId, value))
      throw new Error(`The Home tab of ${user} has no ${actionId} ${value ?? ""}`);
    const { team, organisation } = settings;
    const isOrganisation = organisation !== "";
    const chosen = {
      type: "static_select",
      selected_option: { text: { type: "plain_text", text: "?" }, value },
    };
    const body = {
      type: "block_actions",
      user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: team },
      api_app_id: "ASTANDIN",
      token: "legacy-verification-token",
      container: { type: "view", view_id: `VH${user}` },
      trigger_id: views.trigger(bodies.id("trigger."), user, team),
      team: isOrganisation ? null : { id: team, domain: "stand-in" },
      enterprise: isOrganisation ? { id: organisation, name: "Stand-in" } : null,
      is_enterprise_install: isOrganisation,
      view: this.#output(home),
      actions: [
        {
          ...(value === undefined ? { type: "button" } : chosen),
          action_id: actionId,
          block_id: "block",
          action_ts: "1700000000.1",
        },
      ],
    };
    const delivery: SlackDelivery = { type: "interactive", retry: 0, body };
    for (let again = 1; again < times; again += 1) await deliveries.send(delivery);
    return deliveries.send(delivery);
  }

  #output({ user, view, hash }: PublishedHome): Json {
    const { team, botId, organisation } = this.#ports.settings;
    return {
      id: `VH${user}`,
      team_id: team,
      ...view,
      private_metadata: view["private_metadata"] ?? "",
      callback_id: view["callback_id"] ?? "",
      external_id: "",
      state: { values: {} },
      hash,
      root_view_id: `VH${user}`,
      previous_view_id: null,
      app_id: "ASTANDIN",
      bot_id: botId,
      app_installed_team_id: organisation === "" ? team : organisation,
    };
  }
}

function hasElement(view: Json, actionId: string, value: string | undefined): boolean {
  return elementsOf(view).some((element) => {
    const isChoice = asList(element["options"]).some((option) => asRecord(option)["value"] === value);
    return element["action_id"] === actionId && (value === undefined || isChoice);
  });
}

function elementsOf(view: Json): readonly Json[] {
  const blocks = asList(view["blocks"]).map(asRecord);
  const lists = [blocks.map(({ accessory }) => accessory), ...blocks.map(({ elements }) => asList(elements))];
  return lists.flat().map(asRecord);
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  const { text, elements, accessory, options, placeholder } = asRecord(value);
  return [text, elements, accessory, options, placeholder].flatMap((each) =>
    each == null ? [] : textsIn(each),
  );
}

/** Slack's limits: https://docs.slack.dev/reference/views/home-tab-views */
function isGoodHome(view: Json): boolean {
  const { type, private_metadata: metadata, callback_id: callback } = view;
  const blocks = asList(view["blocks"]).map(asRecord);
  const ids = blocks.flatMap(({ block_id: id }) => (id === undefined ? [] : [id]));
  return (
    type === "home" &&
    asText(metadata).length <= 3_000 &&
    asText(callback).length <= 255 &&
    blocks.length > 0 &&
    blocks.length <= 100 &&
    new Set(ids).size === ids.length &&
    ids.every((id) => typeof id === "string" && id.length <= 255) &&
    blocks.every(isGoodBlock)
  );
}

function isGoodBlock({ type, text, elements, accessory }: Json): boolean {
  const list = asList(elements);
  switch (type) {
    case "header":
      return isPlainText(text, 150);
    case "divider":
      return true;
    case "section":
      return isText(text, 3_000) && (accessory === undefined || isGoodElement(accessory));
    case "context":
      return list.length > 0 && list.length <= 10 && list.every((each) => isText(each, 3_000));
    case "actions":
      return list.length > 0 && list.length <= 25 && list.every(isGoodElement);
    default:
      return false;
  }
}

function isGoodElement(element: unknown): boolean {
  const {
    type,
    action_id: id,
    text,
    value,
    options,
    initial_option: initial,
    placeholder,
  } = asRecord(element);
  if (typeof id !== "string" || id.length > 255) return false;
  if (type === "button") return isPlainText(text, 75) && asText(value).length <= 2_000;
  const lines = asList(options);
  return (
    type === "static_select" &&
    lines.length >= 1 &&
    lines.length <= 100 &&
    lines.every(isGoodOption) &&
    (placeholder === undefined || isPlainText(placeholder, 150)) &&
    (initial === undefined || lines.some((line) => JSON.stringify(line) === JSON.stringify(initial)))
  );
}

/** https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
function isGoodOption(option: unknown): boolean {
  const { text, value } = asRecord(option);
  return isPlainText(text, 75) && typeof value === "string" && value !== "" && value.length <= 150;
}

function isPlainText(value: unknown, most: number): boolean {
  return asRecord(value)["type"] === "plain_text" && isText(value, most);
}

function isText(value: unknown, most: number): boolean {
  const text = asText(asRecord(value)["text"]);
  return text !== "" && text.length <= most;
}
