export type { OpenClawAgentDatabase, OpenClawSession } from "./agent-database.ts";
export type { OpenClawDatabase } from "./open.ts";
export { openOpenClawDatabase } from "./open.ts";
