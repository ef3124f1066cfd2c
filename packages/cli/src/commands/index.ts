import type { AnyCommand, CommandDefinition } from "../command/definition.ts";

/** Every command, in the order help shows them. Each file loads only when it is needed. */
export const commands: Readonly<Record<string, () => Promise<AnyCommand>>> = {
  chat: () => import("./chat.ts"),
  start: () => import("./start.ts"),
  status: () => import("./status.ts"),
  verify: () => import("./verify.ts"),
  logs: () => import("./logs.ts"),
  "config show": () => import("./config/show.ts"),
  "config get": () => import("./config/get.ts"),
  "config set": () => import("./config/set.ts"),
  "config unset": () => import("./config/unset.ts"),
  "config validate": () => import("./config/validate.ts"),
  "config path": () => import("./config/path.ts"),
  "config seal": () => import("./config/seal.ts"),
  "config rekey": () => import("./config/rekey.ts"),
  "secrets list": () => import("./secrets/list.ts"),
  "secrets where": () => import("./secrets/where.ts"),
  "secrets get": () => import("./secrets/get.ts"),
  "secrets set": () => import("./secrets/set.ts"),
  "secrets rm": () => import("./secrets/rm.ts"),
  "outbox list": () => import("./outbox/list.ts"),
  "outbox send": () => import("./outbox/send.ts"),
  "outbox retry": () => import("./outbox/retry.ts"),
  "outbox drop": () => import("./outbox/drop.ts"),
  "task create": () => import("./task/create.ts"),
  "task list": () => import("./task/list.ts"),
  "task get": () => import("./task/get.ts"),
  "task cancel": () => import("./task/cancel.ts"),
  "task retry": () => import("./task/retry.ts"),
  "task resume": () => import("./task/resume.ts"),
  "task update": () => import("./task/update.ts"),
  "task watch": () => import("./task/watch.ts"),
  "cron add": () => import("./cron/add.ts"),
  "cron list": () => import("./cron/list.ts"),
  "cron edit": () => import("./cron/edit.ts"),
  "cron rm": () => import("./cron/rm.ts"),
  "cron run": () => import("./cron/run.ts"),
  "cron history": () => import("./cron/history.ts"),
  "hooks list": () => import("./hooks/list.ts"),
  "hooks add": () => import("./hooks/add.ts"),
  "hooks test": () => import("./hooks/test.ts"),
  "hooks log": () => import("./hooks/log.ts"),
  doctor: () => import("./doctor.ts"),
  support: () => import("./support.ts"),
  backup: () => import("./backup/backup.ts"),
  restore: () => import("./backup/restore.ts"),
  reset: () => import("./backup/reset.ts"),
  "import carapace": () => import("./import/carapace.ts"),
  "state rekey": () => import("./state/rekey.ts"),
  "audit tail": () => import("./audit/tail.ts"),
  "audit verify": () => import("./audit/verify.ts"),
  "audit export": () => import("./audit/export.ts"),
  completion: () => import("./completion.ts"),
  version: () => import("./version.ts"),
  help: () => import("./help.ts"),
};

/** What the first words stand for that group others. */
export const groups: Readonly<Record<string, string>> = {
  audit: "Read and check the audit log",
  config: "Read and change the configuration",
  cron: "Let the assistant do things at set times",
  hooks: "Let other programs call the assistant",
  outbox: "Look after messages on their way out",
  state: "Look after the stored data",
  import: "Take over what another program kept",
  task: "Give the assistant tasks that it carries out by itself",
  secrets: "Set secrets, and see where each is kept",
};

/** The definitions of all commands, in the table's order. */
export async function allDefinitions(): Promise<readonly CommandDefinition[]> {
  const loaded = await Promise.all(Object.values(commands).map((load) => load()));
  return loaded.map((command) => command.definition);
}
