import type { PlainReply } from "./plain-server.ts";

/** What servers answer to a request that is too long, in the form of their public reports, and what it says. */
export interface TooLongReply extends PlainReply {
  readonly server: string;
  /** Tokens of a prompt and its answer together. Missing: it does not say. */
  readonly windowTokens?: number;
  /** Tokens of the prompt, where it says so. */
  readonly promptTokens?: number;
  readonly requestTokens?: number;
}

const error = (message: string, more: object = {}): unknown => ({ error: { message, ...more } });
const flat = (message: string): unknown => ({
  object: "error",
  message,
  type: "BadRequestError",
  param: null,
  code: 400,
});
const litellm = (message: string): unknown =>
  error(`litellm.${message}`, { type: null, param: null, code: "400" });

export const tooLongReplies: readonly TooLongReply[] = [
  {
    server: "OpenAI",
    status: 400,
    json: error(
      "This model's maximum context length is 4097 tokens. However, your messages resulted in 4900 tokens. Please reduce the length of the messages.",
      { type: "invalid_request_error", param: "messages", code: "context_length_exceeded" },
    ),
    windowTokens: 4_097,
    promptTokens: 4_900,
  },
  {
    server: "OpenAI, Responses",
    status: 400,
    json: error(
      "Your input exceeds the context window of this model. Please adjust your input and try again.",
      {
        type: "invalid_request_error",
        param: "input",
        code: "context_length_exceeded",
      },
    ),
  },
  {
    server: "OpenAI, more than a minute's tokens",
    status: 429,
    json: error(
      "Request too large for gpt-4o in organization org-abc123 on tokens per min (TPM): Limit 30000, Requested 40211. The input or output tokens must be reduced in order to run successfully.",
      { type: "tokens", param: null, code: "rate_limit_exceeded" },
    ),
    windowTokens: 30_000,
    requestTokens: 40_211,
  },
  {
    server: "Groq, more than a minute's tokens",
    status: 413,
    json: error(
      "Request too large for model `llama-3.1-8b-instant` in organization `org_01` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 8044, please reduce your message size and try again. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing",
      { type: "tokens", code: "rate_limit_exceeded" },
    ),
    windowTokens: 6_000,
    requestTokens: 8_044,
  },
  {
    server: "Groq",
    status: 400,
    json: error("Please reduce the length of the messages or completion.", {
      type: "invalid_request_error",
      param: "messages",
      code: "context_length_exceeded",
    }),
  },
  {
    server: "vLLM",
    status: 400,
    json: flat(
      "This model's maximum context length is 4096 tokens. However, you requested 6900 tokens (900 in the messages, 6000 in the completion). Please reduce the length of the messages or completion.",
    ),
    windowTokens: 4_096,
    promptTokens: 900,
  },
  {
    server: "vLLM, the room",
    status: 400,
    json: error(
      "'max_tokens' or 'max_completion_tokens' is too large: 6000. This model's maximum context length is 8192 tokens and your request has 3021 input tokens (6000 > 8192 - 3021). None",
      { type: "BadRequestError", param: null, code: 400 },
    ),
    windowTokens: 8_192,
    promptTokens: 3_021,
  },
  {
    server: "vLLM, the prompt alone",
    status: 400,
    json: flat(
      "The decoder prompt (length 5012) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.",
    ),
    windowTokens: 4_096,
    promptTokens: 5_012,
  },
  {
    server: "SGLang",
    status: 400,
    json: flat(
      "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 6950 tokens: 950 tokens from the input messages and 6000 tokens for the completion. Please reduce the number of tokens in the input messages or the completion to fit within the limit.",
    ),
    windowTokens: 4_096,
    promptTokens: 950,
  },
  {
    server: "SGLang, the prompt alone",
    status: 400,
    json: flat("The input (5001 tokens) is longer than the model's context length (4096 tokens)."),
    windowTokens: 4_096,
    promptTokens: 5_001,
  },
  {
    server: "llama.cpp",
    status: 400,
    json: error("request (5345 tokens) exceeds the available context size (4096 tokens), try increasing it", {
      code: 400,
      type: "exceed_context_size_error",
      n_prompt_tokens: 5_345,
      n_ctx: 4_096,
    }),
    windowTokens: 4_096,
    promptTokens: 5_345,
  },
  {
    server: "llama.cpp, without numbers",
    status: 500,
    json: error(
      "the request exceeds the available context size. try increasing the context size or enable context shift",
      { code: 500, type: "server_error" },
    ),
  },
  {
    server: "LM Studio",
    status: 400,
    json: {
      error:
        "Trying to keep the first 5411 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input",
    },
    windowTokens: 4_096,
    promptTokens: 5_411,
  },
  {
    server: "LM Studio, without numbers",
    status: 400,
    json: {
      error:
        "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length, or provide a shorter input",
    },
  },
  {
    server: "Ollama",
    status: 400,
    json: error("prompt too long; exceeded max context length by 4 tokens", {
      type: "invalid_request_error",
    }),
  },
  {
    server: "Anthropic",
    status: 400,
    json: {
      type: "error",
      error: { type: "invalid_request_error", message: "prompt is too long: 205001 tokens > 200000 maximum" },
    },
    windowTokens: 200_000,
    promptTokens: 205_001,
  },
  {
    server: "Anthropic, the room",
    status: 400,
    json: {
      type: "error",
      error: {
        type: "invalid_request_error",
        message:
          "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again",
      },
    },
    windowTokens: 200_000,
  },
  {
    server: "Anthropic, the body",
    status: 413,
    json: {
      type: "error",
      error: { type: "request_too_large", message: "Request exceeds the maximum size" },
    },
  },
  {
    server: "Gemini",
    status: 400,
    json: [
      error("The input token count (1050000) exceeds the maximum number of tokens allowed (1048576).", {
        code: 400,
        status: "INVALID_ARGUMENT",
      }),
    ],
    windowTokens: 1_048_576,
    promptTokens: 1_050_000,
  },
  {
    server: "Mistral",
    status: 400,
    json: {
      object: "error",
      message:
        "Prompt contains 40211 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
      type: "invalid_request_prompt",
      param: null,
      code: "3051",
    },
    windowTokens: 32_768,
    promptTokens: 40_211,
  },
  {
    server: "OpenRouter",
    status: 400,
    json: error(
      'This endpoint\'s maximum context length is 131072 tokens. However, you requested about 142100 tokens (136000 of text input, 100 of tool input, 6000 in the output). Please reduce the length of either one, or use the "middle-out" transform to compress your prompt automatically.',
      { code: 400, metadata: { provider_name: null } },
    ),
    windowTokens: 131_072,
    promptTokens: 136_000,
  },
  {
    server: "OpenRouter, what its provider says",
    status: 400,
    json: error("Provider returned error", {
      code: 400,
      metadata: {
        raw: '{"error":{"message":"This model\'s maximum prompt length is 131072 but the request contains 151201 tokens."}}',
        provider_name: "xAI",
      },
    }),
    windowTokens: 131_072,
    promptTokens: 151_201,
  },
  {
    server: "xAI",
    status: 400,
    json: {
      code: "Client specified an invalid argument",
      error: "This model's maximum prompt length is 131072 but the request contains 151201 tokens.",
    },
    windowTokens: 131_072,
    promptTokens: 151_201,
  },
  {
    server: "DeepSeek",
    status: 400,
    json: error(
      "This model's maximum context length is 65536 tokens. However, you requested 70800 tokens (64800 in the messages, 6000 in the completion). Please reduce the length of the messages or completion.",
      { type: "invalid_request_error", param: null, code: "invalid_request_error" },
    ),
    windowTokens: 65_536,
    promptTokens: 64_800,
  },
  {
    server: "Together",
    status: 422,
    json: error(
      "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 4056 `inputs` tokens and 6000 `max_new_tokens`",
      { type: "invalid_request_error", param: "max_tokens", code: null },
    ),
    windowTokens: 8_193,
    promptTokens: 4_056,
  },
  {
    server: "Text Generation Inference",
    status: 422,
    json: {
      error: "Input validation error: `inputs` must have less than 4096 tokens. Given: 5012",
      error_type: "validation",
    },
    windowTokens: 4_096,
    promptTokens: 5_012,
  },
  {
    server: "Cerebras",
    status: 400,
    json: {
      message:
        "Please reduce the length of the messages or completion. Current length is 9321 while limit is 8192",
      type: "invalid_request_error",
      param: "messages",
      code: "context_length_exceeded",
    },
    windowTokens: 8_192,
  },
  {
    server: "Fireworks",
    status: 400,
    json: error("The prompt is too long: 9001, model maximum context length: 8191", {
      object: "error",
      type: "invalid_request_error",
    }),
    windowTokens: 8_191,
    promptTokens: 9_001,
  },
  {
    server: "GitHub Models",
    status: 413,
    json: error("Request body too large for gpt-4o model. Max size: 8000 tokens.", {
      code: "tokens_limit_reached",
      details: "Request body too large for gpt-4o model. Max size: 8000 tokens.",
    }),
    windowTokens: 8_000,
  },
  {
    server: "Copilot",
    status: 400,
    json: error("prompt token count of 68421 exceeds the limit of 64000", {
      code: "model_max_prompt_tokens_exceeded",
    }),
    windowTokens: 64_000,
    promptTokens: 68_421,
  },
  {
    server: "Moonshot",
    status: 400,
    json: error("Invalid request: Your request exceeded model token limit: 8192 (requested: 9120)", {
      type: "invalid_request_error",
    }),
    windowTokens: 8_192,
    requestTokens: 9_120,
  },
  {
    server: "DashScope",
    status: 400,
    json: error("<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]", {
      type: "invalid_request_error",
      code: "invalid_parameter_error",
    }),
    windowTokens: 30_720,
  },
  {
    server: "GLM",
    status: 400,
    json: error("Prompt 超长", { code: "1261" }),
  },
  {
    server: "Cohere",
    status: 400,
    json: {
      message:
        "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000. Try using a shorter prompt.",
    },
    windowTokens: 4_081,
  },
  {
    server: "LiteLLM over OpenAI",
    status: 400,
    json: litellm(
      "ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: OpenAIException - This model's maximum context length is 8192 tokens. However, your messages resulted in 10007 tokens. Please reduce the length of the messages.",
    ),
    windowTokens: 8_192,
    promptTokens: 10_007,
  },
  {
    server: "LiteLLM over Bedrock",
    status: 400,
    json: litellm('BadRequestError: BedrockException - {"message":"Input is too long for requested model."}'),
  },
  {
    server: "LiteLLM over Bedrock's Mistral",
    status: 400,
    json: litellm(
      'BadRequestError: BedrockException - {"message":"This model\'s maximum context length is 32768 tokens. Please reduce the length of the prompt"}',
    ),
    windowTokens: 32_768,
  },
  {
    server: "TensorRT-LLM",
    status: 400,
    json: flat("Prompt length (5012) exceeds maximum input length (4096)."),
    windowTokens: 4_096,
    promptTokens: 5_012,
  },
  {
    server: "MiniMax",
    status: 400,
    json: error("invalid params, context window exceeds limit (2013)", { type: "bad_request_error" }),
  },
  {
    server: "MiniMax, with numbers",
    status: 400,
    json: error("invalid params, chat content is too long (2013), tokens: 250000, limit 245760", {
      type: "bad_request_error",
    }),
    windowTokens: 245_760,
    promptTokens: 250_000,
  },
  {
    server: "Spark",
    status: 500,
    json: error("tokens数量超过上限(8192)", { code: "10907" }),
    windowTokens: 8_192,
  },
  {
    server: "TensorRT-LLM, the sum",
    status: 400,
    json: flat("The sum of prompt length (2100.0) and query length (0) max_num_tokens (2048)"),
    windowTokens: 2_048,
    promptTokens: 2_100,
  },
  {
    server: "TensorRT-LLM, what is left",
    status: 400,
    json: flat(
      "default_max_tokens (-904) should be greater than 0, default_max_tokens (-904) = max_seq_len (4096) - splited_prompt_len (5000) - query_token_len (0)",
    ),
    windowTokens: 4_096,
    promptTokens: 5_000,
  },
  {
    server: "a gateway, in a trace",
    status: 500,
    json: { error: "Failed to get response", trace: "Prompt tokens 9000 exceed maximum 8192" },
    windowTokens: 8_192,
    promptTokens: 9_000,
  },
  {
    server: "a gateway, beside the error",
    status: 400,
    json: {
      error: { code: "bad_request", message: "Bad request" },
      details: [{ reason: "Prompt tokens 9000 exceed maximum 8192" }],
    },
    windowTokens: 8_192,
    promptTokens: 9_000,
  },
  {
    server: "a gateway, as numbers",
    status: 400,
    json: {
      error: { code: "context_length_exceeded", message: "Too long" },
      metadata: { context_length: 8_192, prompt_tokens: 9_000 },
    },
    windowTokens: 8_192,
    promptTokens: 9_000,
  },
  {
    server: "vLLM, both alone",
    status: 400,
    json: error(
      "You passed 9001 input tokens and requested 6000 output tokens. However, the model's context length is only 8192 tokens, resulting in a maximum input length of 2192 tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=9001)",
      { type: "BadRequestError", param: "input_tokens", code: 400 },
    ),
    windowTokens: 8_192,
    promptTokens: 9_001,
  },
  {
    server: "Cohere, by how many",
    status: 400,
    json: {
      message:
        "too many tokens: size limit exceeded by 2000 tokens. Try using shorter inputs. The limit for this model is 128,000 tokens.",
    },
    windowTokens: 128_000,
  },
  {
    server: "Ollama's cloud",
    status: 400,
    json: error("prompt too long; exceeded max context length by 4123 tokens"),
  },
  {
    server: "Volcengine, with a request's id",
    status: 400,
    json: error("Total tokens of image and text exceed max message tokens. Request id: 0217456", {
      code: "OversizeText",
    }),
  },
  {
    server: "Hunyuan",
    status: 400,
    json: error("输入内容过长，请减少输入 (max_input_tokens: 28000)", { code: "2003" }),
    windowTokens: 28_000,
  },
  {
    server: "Lepton",
    status: 400,
    json: error("prompt token count 9000 and max_tokens 6000 exceed the limit 8192"),
    windowTokens: 8_192,
    promptTokens: 9_000,
  },
  {
    server: "Bailian",
    status: 400,
    json: error("Input length should be in [1, 129024]", { code: "InvalidParameter" }),
    windowTokens: 129_024,
  },
  {
    server: "Cloudflare",
    status: 413,
    json: {
      success: false,
      errors: [
        {
          message:
            "AiError: The estimated number of input and maximum output tokens (9100) exceeded this model context window limit (7968).",
          code: 5021,
        },
      ],
    },
    windowTokens: 7_968,
    promptTokens: 9_100,
  },
  {
    server: "a router, in thousands",
    status: 400,
    json: error("The total number of tokens (9001) exceeds the limit of 8k tokens"),
    windowTokens: 8_000,
  },
  {
    server: "a router, in thousands apart",
    status: 400,
    json: error("Prompt exceeds context window of 128 K tokens"),
    windowTokens: 128_000,
  },
  {
    server: "a router, in millions",
    status: 400,
    json: error("Prompt exceeds the model's maximum of 1M tokens"),
    windowTokens: 1_000_000,
  },
  ...[" ", "'", ".", ",", "_"].map((sign) => ({
    server: `a server that writes thousands as 32${sign}768`,
    status: 400,
    json: error(`maximum context length is 32${sign}768 tokens, your prompt has 40${sign}001 tokens`),
    windowTokens: 32_768,
    promptTokens: 40_001,
  })),
  {
    server: "llama.cpp's batches",
    status: 500,
    json: error("input is too large to process. increase the physical batch size (current batch size: 512)"),
  },
  {
    server: "a gateway's page",
    status: 413,
    json: "<html><head><title>413 Request Entity Too Large</title></head></html>",
  },
];

/** Refusals that speak of lengths or of tokens, and not of too long a prompt. */
export const otherReplies: readonly (PlainReply & { readonly server: string })[] = [
  {
    server: "a key's length",
    status: 400,
    json: error(
      "Invalid 'prompt_cache_key': string too long. Expected a string with maximum length 64, but got a string with length 80 instead.",
      { type: "invalid_request_error", param: "prompt_cache_key", code: "string_above_max_length" },
    ),
  },
  {
    server: "a minute's tokens",
    status: 429,
    json: error(
      "Rate limit reached for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.",
      { type: "tokens", code: "rate_limit_exceeded" },
    ),
  },
  {
    server: "a wrong key",
    status: 401,
    json: error("The token is longer than the maximum of 4096 characters"),
  },
  {
    server: "a name",
    status: 400,
    json: error(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      {
        param: "max_tokens",
        code: "unsupported_parameter",
      },
    ),
  },
  {
    server: "roles",
    status: 400,
    json: error("Conversation roles must alternate user/assistant/user/assistant/..."),
  },
  {
    server: "what is too small",
    status: 400,
    json: error("max_completion_tokens must be at least 256 for this model", {
      param: "max_completion_tokens",
    }),
  },
  {
    server: "a budget for thoughts",
    status: 400,
    json: error("`max_tokens` must be greater than `thinking.budget_tokens`."),
  },
  {
    server: "a number of functions",
    status: 400,
    json: error("Your request exceeds the maximum number of tools (128)", { param: "tools" }),
  },
  { server: "nothing", status: 400, json: error("Bad words") },
  { server: "temperature", status: 400, json: error("temperature must be at most 2") },
];
