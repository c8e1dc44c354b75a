import { describe, expect, test } from "vitest";

import { modelErrorMessage } from "../../../src/conversation/text/model-error-message.ts";
import { ModelError, type ModelErrorKind } from "../../../src/ports/model.ts";
import { startRawServer } from "../../support/openai/raw-server.ts";
import { hear, openModel, prompt } from "./open-model.ts";

interface Refusal {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What providers answer, and what it is; the last is what the operator reads of it. */
const refusals: readonly (readonly [string, Refusal, ModelErrorKind, RegExp])[] = [
  [
    "an input that was flagged, with a 403",
    {
      status: 403,
      body: {
        error: {
          code: 403,
          message: "x/y requires moderation. Your input was flagged.",
          metadata: { reasons: ["violence"] },
        },
      },
    },
    "refused",
    /requires moderation\. Your input was flagged\. · violence/u,
  ],
  [
    "a wrong key, with a 400",
    {
      status: 400,
      body: [
        {
          error: {
            code: 400,
            message: "API key not valid. Please pass a valid API key.",
            status: "INVALID_ARGUMENT",
          },
        },
      ],
    },
    "bad-key",
    /API key not valid/u,
  ],
  [
    "a key without rights",
    {
      status: 401,
      body: {
        error: {
          message: "You have insufficient permissions for this operation. Missing scopes: model.request.",
          code: null,
        },
      },
    },
    "not-allowed",
    /insufficient permissions/u,
  ],
  [
    "a region",
    {
      status: 403,
      body: {
        error: {
          code: "unsupported_country_region_territory",
          message: "Country, region, or territory not supported",
        },
      },
    },
    "region",
    /territory not supported/u,
  ],
  [
    "a location, with a 400",
    {
      status: 400,
      body: {
        error: {
          code: 400,
          message: "User location is not supported for the API use.",
          status: "FAILED_PRECONDITION",
        },
      },
    },
    "region",
    /location is not supported/u,
  ],
  [
    "an organisation that is not verified",
    {
      status: 400,
      body: {
        error: {
          message:
            "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings",
          type: "invalid_request_error",
          param: "stream",
          code: "unsupported_value",
        },
      },
    },
    "unverified",
    /must be verified to stream this model/u,
  ],
  [
    "a model that was not pulled",
    {
      status: 404,
      body: { error: { message: 'model "gpt-6-luna" not found, try pulling it first', type: "api_error" } },
    },
    "not-installed",
    /model "gpt-6-luna" not found, try pulling it first/u,
  ],
  [
    "a server without a model",
    {
      status: 400,
      body: { error: { message: "No models loaded. Please load a model in the developer page." } },
    },
    "not-installed",
    /No models loaded/u,
  ],
  [
    "a model that does not exist, with a 400",
    { status: 400, body: { error: { message: "gpt-6-luna is not a valid model ID", code: 400 } } },
    "unknown-model",
    /gpt-6-luna is not a valid model ID/u,
  ],
  [
    "a deployment that does not exist",
    {
      status: 404,
      body: {
        error: {
          code: "DeploymentNotFound",
          message: "The API deployment for this resource does not exist.",
        },
      },
    },
    "unknown-model",
    /deployment for this resource does not exist/u,
  ],
  [
    "no credit, with a 400",
    {
      status: 400,
      body: {
        error: {
          type: "invalid_request_error",
          message: "Your credit balance is too low to access the API.",
        },
      },
    },
    "out-of-quota",
    /credit balance is too low/u,
  ],
  [
    "no balance",
    {
      status: 402,
      body: {
        error: { message: "Insufficient Balance", type: "unknown_error", code: "invalid_request_error" },
      },
    },
    "out-of-quota",
    /Insufficient Balance/u,
  ],
  [
    "a day's quota",
    {
      status: 429,
      body: {
        error: {
          code: 429,
          message: "You exceeded your current quota.",
          status: "RESOURCE_EXHAUSTED",
          details: [{ violations: [{ quotaId: "GenerateRequestsPerDayPerProject-FreeTier" }] }],
        },
      },
    },
    "daily-quota",
    /PerDay/u,
  ],
  [
    "no credit, with a 403",
    {
      status: 403,
      body: { code: "No permission", error: "Your newly created team doesn't have any credits yet." },
    },
    "out-of-quota",
    /any credits yet/u,
  ],
  [
    "a spending limit, with a 412",
    {
      status: 412,
      body: {
        error: {
          code: "PRECONDITION_FAILED",
          message: "Account x is suspended, possibly due to reaching the monthly spending limit.",
        },
      },
    },
    "out-of-quota",
    /spending limit/u,
  ],
  [
    "a balance, with a 403",
    {
      status: 403,
      body: { code: 30001, message: "Sorry, your account balance is insufficient", data: null },
    },
    "out-of-quota",
    /balance is insufficient/u,
  ],
  [
    "a budget of the gateway",
    {
      status: 400,
      body: { error: { message: "Budget has been exceeded! Current cost: 1.2", type: "budget_exceeded" } },
    },
    "out-of-quota",
    /Budget has been exceeded/u,
  ],
  [
    "an overdue account, with a 401",
    { status: 401, body: { message: "Inactive subscription or usage limit reached" } },
    "out-of-quota",
    /usage limit reached/u,
  ],
  [
    "a free plan that has none",
    {
      status: 429,
      body: {
        error: {
          status: "RESOURCE_EXHAUSTED",
          message:
            "You exceeded your current quota, please check your plan and billing details. Quota exceeded for metric: free_tier_requests, limit: 0, model: x",
        },
      },
    },
    "out-of-quota",
    /limit: 0/u,
  ],
  [
    "a role that is missing, with a 401",
    {
      status: 401,
      body: {
        error: {
          code: "PermissionDenied",
          message: "The principal lacks the required data action to perform the operation.",
        },
      },
    },
    "not-allowed",
    /required data action/u,
  ],
  [
    "a closed network",
    {
      status: 403,
      body: {
        error: { code: "403", message: "Public access is disabled. Please configure private endpoint." },
      },
    },
    "not-allowed",
    /Public access is disabled/u,
  ],
  [
    "a service that is not enabled",
    {
      status: 403,
      body: [
        {
          error: {
            code: 403,
            message: "The API has not been used in this project before or it is disabled.",
            status: "PERMISSION_DENIED",
          },
        },
      ],
    },
    "not-allowed",
    /it is disabled/u,
  ],
  [
    "a key that was leaked, with a 403",
    {
      status: 403,
      body: [
        {
          error: { code: 403, message: "Your API key was reported as leaked.", status: "PERMISSION_DENIED" },
        },
      ],
    },
    "bad-key",
    /reported as leaked/u,
  ],
  [
    "terms that were not accepted",
    {
      status: 400,
      body: { error: { message: "The model requires terms acceptance.", code: "model_terms_required" } },
    },
    "not-allowed",
    /terms acceptance/u,
  ],
  [
    "an organisation that is restricted",
    {
      status: 400,
      body: { error: { message: "Organization has been restricted.", code: "organization_restricted" } },
    },
    "not-allowed",
    /has been restricted/u,
  ],
  [
    "a firewall's page",
    { status: 403, body: "<html><head><title>Attention Required! | Cloudflare</title></head></html>" },
    "not-allowed",
    /Attention Required! \| Cloudflare/u,
  ],
  [
    "a model that is no more",
    {
      status: 400,
      body: {
        error: {
          message: "The model has been decommissioned and is no longer supported.",
          code: "model_decommissioned",
        },
      },
    },
    "unknown-model",
    /has been decommissioned/u,
  ],
  [
    "a model that has reached its end, with a 410",
    { status: 410, body: { title: "Gone", status: 410, detail: "The model has reached its end of life." } },
    "unknown-model",
    /end of life/u,
  ],
  [
    "a model that is not offered",
    {
      status: 400,
      body: { success: false, errors: [{ message: "AiError: No such model or task", code: 5007 }] },
    },
    "unknown-model",
    /No such model or task/u,
  ],
  [
    "a server that could not load the model",
    {
      status: 500,
      body: {
        error: {
          message: "model requires more system memory (8.4 GiB) than is available (5.6 GiB)",
          type: "api_error",
        },
      },
    },
    "not-installed",
    /more system memory/u,
  ],
  [
    "sensitive words",
    {
      status: 400,
      body: {
        error: {
          message: "The request failed because the input text may contain sensitive information.",
          code: "InputTextSensitiveContentDetected",
        },
      },
    },
    "refused",
    /may contain/u,
  ],
  [
    "a day's allocation",
    {
      status: 429,
      body: {
        success: false,
        errors: [
          { message: "AiError: you have used up your daily free allocation of 10,000 neurons", code: 4006 },
        ],
      },
    },
    "daily-quota",
    /daily/u,
  ],
  [
    "a quota by the day, in one word",
    {
      status: 429,
      body: {
        error: {
          message: "Rate limit of 50 per 86400s exceeded for UserByModelByDay.",
          code: "RateLimitReached",
        },
      },
    },
    "daily-quota",
    /UserByModelByDay/u,
  ],
  [
    "a wrong key behind a gateway",
    {
      status: 500,
      body: {
        error: {
          message:
            "litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided: sk-abc.",
          type: null,
          code: "500",
        },
      },
    },
    "bad-key",
    /Incorrect API key provided/u,
  ],
  [
    "a wrong key behind a gateway, without its name",
    { status: 502, body: { error: { message: "Upstream said: Invalid API key." } } },
    "bad-key",
    /Invalid API key/u,
  ],
  [
    "a wrong key behind a gateway, by its status",
    { status: 500, body: { error: { message: "Error code: 401 - {'detail': 'No'}" } } },
    "bad-key",
    /Error code: 401/u,
  ],
  [
    "no credit behind a gateway",
    {
      status: 500,
      body: {
        error: {
          message: "litellm.RateLimitError: OpenAIException - You have insufficient quota.",
          code: "429",
        },
      },
    },
    "out-of-quota",
    /insufficient quota/u,
  ],
  [
    "no model behind a gateway",
    {
      status: 500,
      body: { error: { message: "litellm.NotFoundError: VertexAIException - it is not found", code: null } },
    },
    "unknown-model",
    /NotFoundError/u,
  ],
  [
    "a busy provider behind a gateway",
    {
      status: 502,
      body: { error: { message: "upstream status_code=429, wait a little" } },
      headers: { "retry-after": "60" },
    },
    "rate-limited",
    /status_code=429/u,
  ],
  [
    "a gateway that is at fault itself",
    { status: 502, body: { error: { message: "Bad gateway: model x is not available" } } },
    "unreachable",
    /Bad gateway/u,
  ],
  [
    "an overloaded server",
    {
      status: 529,
      body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
      headers: { "retry-after": "60" },
    },
    "unreachable",
    /Overloaded/u,
  ],
  [
    "a model that is loading",
    {
      status: 503,
      body: { error: { code: 503, message: "Loading model", type: "unavailable_error" } },
      headers: { "retry-after": "60" },
    },
    "loading",
    /Loading model/u,
  ],
];

describe("a refusal is recognised that is for", () => {
  test.each(refusals)("%s", async (_, refusal, kind, says) => {
    const { error, lines } = await refusedWith(refusal);
    expect(error).toMatchObject({ name: "ModelError", kind });
    expect(lines).toEqual([expect.stringMatching(says)]);
  });

  test("too little credit for the size of an answer, whatever follows", async () => {
    const message =
      "This request requires more credits, or fewer max_tokens. You requested up to 6000 tokens, but can only afford 2666.";
    const { lines } = await refusedWith({ status: 402, body: { error: { message, code: 402 } } });
    expect(lines.at(-1)).toContain("can only afford 2666");
  });
});

describe("the time to ask again is found", () => {
  const inTwoHours = Math.floor(Date.now() / 1_000) + 7_200;
  test.each([
    ["a header in seconds", { "retry-after": "7200" }, {}],
    ["a header in milliseconds", { "retry-after-ms": "7200000" }, {}],
    [
      "the reset of the limit that is used up",
      {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "2h0m0s",
        "x-ratelimit-remaining-tokens": "50",
        "x-ratelimit-reset-tokens": "6ms",
      },
      {},
    ],
    ["the IETF's header", { ratelimit: "limit=100, remaining=0, reset=7200" }, {}],
    [
      "the IETF's newer header",
      { ratelimit: '"burst";r=5;t=20000, "default";r=0;t=7200', "ratelimit-policy": '"default";q=9;w=86400' },
      {},
    ],
    ["the IETF's older headers", { "ratelimit-remaining": "0", "ratelimit-reset": "7200" }, {}],
    ["a moment", { "x-ratelimit-reset": String(inTwoHours * 1_000) }, {}],
    ["a date", { "anthropic-ratelimit-requests-reset": new Date(inTwoHours * 1_000).toISOString() }, {}],
    [
      "the body's delay",
      {},
      { details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "7200s" }] },
    ],
    [
      "headers in the body",
      {},
      { metadata: { headers: { "X-RateLimit-Reset": String(inTwoHours * 1_000) } } },
    ],
    ["its words", {}, { message: "Rate limit reached. Please try again in 2h0m0.5s." }],
    ["other words", {}, { message: "The rate limit is exceeded. Please retry after 7200 seconds." }],
    ["words about waiting", {}, { message: "Too many requests, please wait 120 minutes before retrying." }],
    [
      "a date in its words",
      {},
      { message: `Try again at ${new Date(inTwoHours * 1_000).toISOString().slice(0, 19)}Z.` },
    ],
  ])("in %s", async (_, headers, fields) => {
    const { error } = await refusedWith({
      status: 429,
      body: { error: { message: "Rate limit", ...fields } },
      headers,
    });
    expect(error.retryAfterMs).toBeGreaterThan(7_000_000);
    expect(error.retryAfterMs).toBeLessThan(7_210_000);
    expect(modelErrorMessage(error, "r1")).toMatch(
      /^My language model is busy right now\. Please try again in about \d hours\. \(Reference: r1\)$/u,
    );
  });

  test("in no response that does not state it", async () => {
    const error = new ModelError("daily-quota", "no");
    expect(modelErrorMessage(error, "r1")).toContain("Please try again tomorrow.");
  });
});

test("the operator's log contains no text of people, no accounts and no keys", async () => {
  const message =
    'Your prompt “Grace: when is the launch?” by ada@example.org of org-abc123 with sk-proj-abcdefgh was flagged: Grace launch when, "any other words", user_id 4711, key AbCdEf0123456789AbCdEf01';
  const { lines } = await refusedWith({ status: 400, body: { error: { message } } });
  expect(lines).toHaveLength(1);
  for (const word of ["Grace", "launch", "ada@", "abc123", "sk-", "any other", "AbCdEf"]) {
    expect(lines[0]).not.toContain(word);
  }
  expect(lines[0]).toContain("was flagged");
});

async function refusedWith({ status, body, headers = {} }: Refusal) {
  await using server = await startRawServer((response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  const { model, log } = openModel(server, { api: "chat" });
  const { error } = await hear(model, undefined, prompt);
  if (!(error instanceof ModelError)) throw new TypeError("It was not refused", { cause: error });
  const lines = log.lines.flatMap(({ facts }) => ("says" in facts ? [String(facts["says"])] : []));
  return { error, lines };
}
