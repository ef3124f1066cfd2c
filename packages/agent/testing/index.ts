export { type ScriptedProvider, type ScriptedReply, scriptedProvider } from "./scripted.ts";
export type { AnthropicBlock, AnthropicReply } from "./vendors/anthropic.ts";
export { anthropicError, anthropicEvents, anthropicReply, event } from "./vendors/anthropic.ts";
export type { BedrockReply, BedrockTool } from "./vendors/bedrock.ts";
export {
  awsFrame,
  bedrockError,
  bedrockEvent,
  bedrockEvents,
  bedrockException,
  bedrockReply,
  bedrockStream,
} from "./vendors/bedrock.ts";
export type { GooglePart, GoogleReply } from "./vendors/google.ts";
export { googleError, googleEvent, googleEvents, googleReply } from "./vendors/google.ts";
export { ollamaError, ollamaTags } from "./vendors/ollama.ts";
export type { OpenAIDelta, OpenAIReply, OpenAIToolDelta } from "./vendors/openai.ts";
export { callArguments, callStart, chunk, openaiError, openaiEvents, openaiReply } from "./vendors/openai.ts";
export { eventStream, jsonReply, type StreamStyle } from "./vendors/sse.ts";
export type { ReceivedRequest, Reply, VendorServer } from "./vendors/wire.ts";
export { startVendorServer } from "./vendors/wire.ts";
