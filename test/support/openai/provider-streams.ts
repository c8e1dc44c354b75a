/** One stream in the form that a provider's public recordings have. */
export interface ProviderStream {
  readonly provider: string;
  readonly api: "chat" | "responses";
  readonly body: string;
  /** Whether it ends in a call of recall in place of more text. */
  readonly calls?: true;
}

/** What each of them says, beside what nobody is to read. */
export const said = "The launch is on **14 May**, at 9:00 – 🚀.";
export const calledWith = '{"words":"launch date"}';
const [one, two, three] = ["The launch is ", "on **14 May**, at", " 9:00 – 🚀."] as const;
const thought = "The person asks for a date. ";

type Fields = Readonly<Record<string, unknown>>;

const frame = {
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_790_000_000,
  model: "some-model",
};
const sse = (json: unknown): string => `data: ${JSON.stringify(json)}\n\n`;
const done = "data: [DONE]\n\n";
const usage = { prompt_tokens: 20, completion_tokens: 12, total_tokens: 32 };

function chunk(delta: Fields, reason: string | null = null, choice: Fields = {}, more: Fields = {}): string {
  return sse({ ...frame, ...more, choices: [{ index: 0, delta, finish_reason: reason, ...choice }] });
}

function spoken(more: (text: string) => Fields = () => ({})): string {
  return [one, two, three].map((content) => chunk({ content }, null, more(content))).join("");
}

const openAi =
  chunk({ role: "assistant", content: "", refusal: null }, null, { logprobs: null }, { obfuscation: "x7" }) +
  spoken(() => ({ logprobs: null })) +
  chunk({}, "stop", { logprobs: null }) +
  sse({ ...frame, choices: [], usage, service_tier: "default" }) +
  done;

const filtered = { content_filter_results: { hate: { filtered: false, severity: "safe" } } };
const azure =
  sse({ ...frame, id: "", choices: [], prompt_filter_results: [{ prompt_index: 0, ...filtered }] }) +
  chunk({ role: "assistant", content: "", refusal: null }, null, { content_filter_results: {} }) +
  spoken(() => filtered) +
  chunk({}, "stop", { content_filter_results: {} }) +
  done;

const xai =
  chunk({ role: "assistant", reasoning_content: thought }, null, {}, { usage }) +
  [one, two, three].map((content) => chunk({ content, role: "assistant" }, null, {}, { usage })).join("") +
  chunk({ content: "" }, "stop") +
  sse({ ...frame, choices: [], usage }) +
  done;

const mistral =
  chunk({ role: "assistant", content: "" }) +
  chunk({ content: [{ type: "thinking", thinking: [{ type: "text", text: thought }] }] }) +
  chunk({
    content: [
      { type: "thinking", thinking: [{ type: "text", text: thought }], closed: true },
      { type: "text", text: one },
    ],
  }) +
  chunk({ content: two }) +
  chunk({ content: three }, "stop", {}, { usage }) +
  done;

const deepSeek =
  ": keep-alive\n\n" +
  chunk({ role: "assistant", content: null, reasoning_content: "" }) +
  chunk({ content: null, reasoning_content: thought }) +
  [one, two, three]
    .map((content) => chunk({ content, reasoning_content: null }, null, { logprobs: null }))
    .join("") +
  chunk(
    { content: "", reasoning_content: null },
    "stop",
    {},
    { usage: { ...usage, prompt_cache_hit_tokens: 0 } },
  ) +
  done;

const groq =
  chunk({ role: "assistant", content: "" }, null, { logprobs: null }, { x_groq: { id: "req_1" } }) +
  chunk({ reasoning: thought, channel: "analysis" }) +
  spoken() +
  chunk({}, "stop", { logprobs: null }, { x_groq: { id: "req_1", usage } }) +
  done;

const perplexity = [one, one + two, said]
  .map((content, index) =>
    sse({
      ...frame,
      citations: ["https://example.org"],
      usage,
      choices: [
        {
          index: 0,
          finish_reason: index === 2 ? "stop" : null,
          message: { role: "assistant", content },
          delta: { role: "assistant", content: [one, two, three][index] },
        },
      ],
    }),
  )
  .join("")
  .replaceAll("\n", "\r\n");

const cerebras =
  chunk({ role: "assistant" }, null, {}, { system_fingerprint: "fp" }) +
  chunk({ reasoning: thought }) +
  spoken() +
  chunk({}, "stop", {}, { usage, time_info: { total_time: 0.1 } }) +
  done;

const moonshot =
  chunk({ role: "assistant", content: "" }) +
  chunk({ reasoning_content: thought }) +
  spoken() +
  chunk({}, "stop", { usage }) +
  done;

const alibaba =
  chunk({ content: null, role: "assistant", reasoning_content: "" }, null, {}, { usage: null }) +
  chunk({ content: null, reasoning_content: thought }, null, {}, { usage: null }) +
  [one, two, three]
    .map((content) => chunk({ content, reasoning_content: null }, null, {}, { usage: null }))
    .join("") +
  chunk({ content: "", reasoning_content: null }, "stop", {}, { usage: null }) +
  sse({ ...frame, choices: [], usage }) +
  done;

const copilot =
  sse({ choices: [], created: 0, id: "", prompt_filter_results: [{ prompt_index: 0, ...filtered }] }) +
  chunk({ content: "", role: "assistant", reasoning_text: thought }, null, {
    content_filter_offsets: { start_offset: 0 },
  }) +
  spoken(() => ({ content_filter_offsets: { start_offset: 0, end_offset: 9 }, ...filtered })) +
  chunk({ content: null }, "stop", {}, { usage }) +
  done;

const openRouter =
  ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n" +
  chunk(
    {
      role: "assistant",
      content: "",
      reasoning: thought,
      reasoning_details: [{ type: "reasoning.text", text: thought }],
    },
    null,
    { native_finish_reason: null },
  ) +
  spoken(() => ({ native_finish_reason: null, logprobs: null })) +
  chunk({ role: "assistant", content: "" }, "stop", { native_finish_reason: "completed" }) +
  sse({
    ...frame,
    choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }],
    usage: { ...usage, cost: 0.001 },
  }) +
  done;

const gemini =
  chunk({ role: "assistant", content: one }) +
  chunk({ role: "assistant", content: two }) +
  chunk(
    { role: "assistant", content: three, extra_content: { google: { thought_signature: "c2ln" } } },
    "stop",
    {},
    { usage },
  ) +
  done;

const llamaCpp =
  chunk({ role: "assistant", content: null }) +
  chunk({ reasoning_content: thought }) +
  spoken() +
  chunk({}, "stop") +
  sse({ ...frame, choices: [], usage, timings: { prompt_n: 20, predicted_n: 12 } }) +
  done;

const ollama =
  chunk(
    { role: "assistant", content: "", reasoning: thought },
    null,
    {},
    { system_fingerprint: "fp_ollama" },
  ) +
  [one, two, three].map((content) => chunk({ role: "assistant", content })).join("") +
  chunk({ role: "assistant", content: "" }, "stop") +
  sse({ ...frame, choices: [], usage }) +
  done;

const vllm =
  chunk({ role: "assistant", content: "", reasoning_content: null }, null, {
    logprobs: null,
    token_ids: null,
  }) +
  chunk({ content: null, reasoning_content: thought, tool_calls: [] }) +
  spoken(() => ({ stop_reason: null })) +
  chunk({ content: "" }, "stop", { stop_reason: null }) +
  sse({ ...frame, choices: [], usage }) +
  done;

const vllmWithoutParser =
  chunk({ role: "assistant", content: "" }) +
  chunk({ content: `<think>\n${thought}\n</th` }) +
  chunk({ content: "ink>\n\n" }) +
  spoken() +
  chunk({}, "stop") +
  done;

const sglang =
  chunk({ role: "assistant", content: "" }, "", { matched_stop: null }) +
  [one, two, three].map((content) => chunk({ role: null, content, tool_calls: null }, "")).join("") +
  chunk({ content: null }, "stop", { matched_stop: 151_645 }) +
  done;

const gptOss =
  chunk({
    role: "assistant",
    content: `<|channel|>analysis<|message|>${thought}<|end|><|start|>assistant<|chan`,
  }) +
  chunk({ content: "nel|>final<|message|>" }) +
  spoken() +
  chunk({}, "stop") +
  done;

const functionOf = (name: string | null, argument: string): Fields => ({
  ...(name === null ? {} : { name }),
  arguments: argument,
});
const callStart = { id: "call_1", type: "function", index: 0 };
const callsInParts =
  chunk({
    role: "assistant",
    content: null,
    tool_calls: [{ ...callStart, function: functionOf("recall", "") }],
  }) +
  chunk({ tool_calls: [{ index: 0, function: functionOf(null, calledWith.slice(0, 9)) }] }) +
  chunk({ tool_calls: [{ index: 0, function: functionOf(null, calledWith.slice(9)) }] }) +
  chunk({}, "tool_calls") +
  done;
const callAtOnce = (call: Fields, reason: string): string =>
  chunk({
    role: "assistant",
    content: "",
    tool_calls: [{ ...call, function: functionOf("recall", calledWith) }],
  }) +
  chunk({ content: "" }, reason) +
  done;

function event(type: string, fields: Fields = {}): string {
  return `event: ${type}\n${sse({ type, sequence_number: 1, ...fields })}`;
}

const response = (status: string, output: readonly Fields[], more: Fields = {}): Fields => ({
  response: { id: "resp_1", object: "response", status, error: null, output, usage: null, ...more },
});
const responseUsage = { usage: { input_tokens: 20, output_tokens: 12, total_tokens: 32 } };
const message = {
  id: "msg_1",
  type: "message",
  status: "completed",
  role: "assistant",
  content: [{ type: "output_text", text: said, annotations: [] }],
};
const reasoning = { id: "rs_1", type: "reasoning", summary: [] };
const at = { item_id: "msg_1", output_index: 1, content_index: 0 };
const deltas = (more: Fields = {}): string =>
  [one, two, three]
    .map((delta) => event("response.output_text.delta", { ...at, delta, logprobs: [], ...more }))
    .join("");
const begun =
  event("response.created", response("in_progress", [])) +
  event("response.in_progress", response("in_progress", []));
const closed =
  event("response.output_text.done", { ...at, text: said }) +
  event("response.content_part.done", { ...at, part: message.content[0] }) +
  event("response.output_item.done", { output_index: 1, item: message }) +
  event("response.completed", response("completed", [reasoning, message], responseUsage));

const openAiResponses =
  begun +
  event("response.output_item.added", { output_index: 0, item: reasoning }) +
  event("response.output_item.done", { output_index: 0, item: reasoning }) +
  event("response.output_item.added", { output_index: 1, item: { ...message, content: [] } }) +
  event("response.content_part.added", { ...at, part: { type: "output_text", text: "" } }) +
  deltas({ obfuscation: "h3" }) +
  closed;
const azureResponses =
  begun.replaceAll('"usage":null', '"usage":null,"content_filters":null') + deltas() + closed;
const xaiResponses =
  begun +
  event("response.reasoning_summary_text.delta", { ...at, delta: thought }) +
  event("response.reasoning_summary_text.done", { ...at, text: thought }) +
  deltas() +
  closed +
  done;
const lmStudioResponses =
  begun +
  event("response.reasoning_text.delta", { ...at, delta: thought }) +
  event("response.reasoning_text.done", { ...at, text: thought }) +
  deltas() +
  closed;
const copilotResponses =
  begun +
  event("response.output_item.done", { output_index: 0, item: { ...reasoning, encrypted_content: "c2Vj" } }) +
  deltas() +
  closed;
const call = {
  id: "fc_1",
  type: "function_call",
  status: "completed",
  call_id: "call_1",
  name: "recall",
  arguments: calledWith,
};
const responsesCall =
  begun +
  event("response.output_item.added", { output_index: 0, item: { ...call, arguments: "" } }) +
  event("response.function_call_arguments.delta", { item_id: "fc_1", delta: calledWith }) +
  event("response.output_item.done", { output_index: 0, item: call }) +
  event("response.completed", response("completed", [call], responseUsage));

export const providerStreams: readonly ProviderStream[] = [
  { provider: "OpenAI", api: "chat", body: openAi },
  { provider: "OpenAI, a call", api: "chat", body: callsInParts, calls: true },
  { provider: "OpenAI", api: "responses", body: openAiResponses },
  { provider: "OpenAI, a call", api: "responses", body: responsesCall, calls: true },
  { provider: "Azure", api: "chat", body: azure },
  { provider: "Azure", api: "responses", body: azureResponses },
  { provider: "xAI", api: "chat", body: xai },
  {
    provider: "xAI, a call",
    api: "chat",
    body: callAtOnce({ ...callStart, index: undefined }, "tool_calls"),
    calls: true,
  },
  { provider: "xAI", api: "responses", body: xaiResponses },
  { provider: "Mistral, reasoning", api: "chat", body: mistral },
  {
    provider: "Mistral, a call",
    api: "chat",
    body: callAtOnce({ id: "Xy12Ab34Z", index: 0 }, "tool_calls"),
    calls: true,
  },
  { provider: "DeepSeek", api: "chat", body: deepSeek },
  { provider: "Groq", api: "chat", body: groq },
  { provider: "Perplexity", api: "chat", body: perplexity },
  { provider: "Cerebras", api: "chat", body: cerebras },
  { provider: "Moonshot", api: "chat", body: moonshot },
  { provider: "Alibaba", api: "chat", body: alibaba },
  { provider: "LM Studio", api: "responses", body: lmStudioResponses },
  { provider: "Copilot", api: "chat", body: copilot },
  { provider: "Copilot", api: "responses", body: copilotResponses },
  { provider: "OpenRouter", api: "chat", body: openRouter },
  { provider: "Gemini", api: "chat", body: gemini },
  {
    provider: "Gemini, a call",
    api: "chat",
    body: callAtOnce({ id: "", index: 0, type: "function" }, "stop"),
    calls: true,
  },
  { provider: "llama.cpp", api: "chat", body: llamaCpp },
  { provider: "Ollama", api: "chat", body: ollama },
  { provider: "Ollama, a call", api: "chat", body: callAtOnce(callStart, "tool_calls"), calls: true },
  { provider: "vLLM", api: "chat", body: vllm },
  { provider: "vLLM, without a reasoning parser", api: "chat", body: vllmWithoutParser },
  { provider: "vLLM, gpt-oss without a parser", api: "chat", body: gptOss },
  { provider: "SGLang", api: "chat", body: sglang },
];
