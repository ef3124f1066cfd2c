export { type ScriptedReply, scriptedProvider } from "@carapace/agent/testing";
export type { Reply, TestLink } from "./link.ts";
export { openLink } from "./link.ts";
export type { TestGateway, TestGatewayOptions } from "./test-gateway.ts";
export { startTestGateway } from "./test-gateway.ts";
