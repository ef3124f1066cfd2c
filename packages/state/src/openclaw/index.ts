export type { OpenClawAgentDatabase, OpenClawEntry, OpenClawSession } from "./agent-database.ts";
export type { OpenClawDatabase } from "./open.ts";
export { openOpenClawDatabase } from "./open.ts";
export type { OpenClawJobRow } from "./state-database.ts";
