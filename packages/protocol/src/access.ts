import { type Refusal, refuse } from "./failures.ts";
import type { ConnectionRole } from "./handshake/connect.ts";
import type { MethodAccess } from "./methods/contract.ts";

/** Who may call what (websocket.md §7), for every method of the contract, those of later versions too. */
export const methodAccess = {
  health: "read",
  status: "read",
  "logs.tail": "read",
  "channels.status": "read",
  "agent.identity.get": "read",
  "chat.history": "read",
  "sessions.list": "read",
  "sessions.preview": "read",
  "sessions.load": "read",
  "tts.status": "read",
  "tts.providers": "read",
  "tts.voices": "read",
  "voicewake.get": "read",
  "voicewake.keywords": "read",
  "talk.status": "read",
  "talk.devices": "read",
  "models.list": "read",
  "agents.list": "read",
  "plugins.status": "read",
  "plugins.bins": "read",
  "cron.status": "read",
  "cron.list": "read",
  "cron.runs": "read",
  "node.list": "read",
  "node.describe": "read",
  "node.pair.list": "read",
  "device.pair.list": "read",
  "exec.approvals.get": "read",
  "exec.approvals.node.get": "read",
  "usage.status": "read",
  "usage.cost": "read",
  "usage.session": "read",
  "usage.providers": "read",
  "usage.daily": "read",
  "usage.monthly": "read",
  "last-heartbeat": "read",
  "system-presence": "read",
  "system.info": "read",
  agent: "write",
  "agent.wait": "write",
  "chat.send": "write",
  "chat.abort": "write",
  "tts.enable": "write",
  "tts.disable": "write",
  "tts.convert": "write",
  "tts.setProvider": "write",
  "tts.setVoice": "write",
  "tts.configure": "write",
  "tts.speak": "write",
  "tts.stop": "write",
  "voicewake.set": "write",
  "voicewake.enable": "write",
  "voicewake.disable": "write",
  "voicewake.test": "write",
  "talk.mode": "write",
  "talk.start": "write",
  "talk.stop": "write",
  "talk.configure": "write",
  "node.invoke": "write",
  "usage.enable": "write",
  "usage.disable": "write",
  "usage.reset": "write",
  "set-heartbeats": "write",
  wake: "write",
  send: "write",
  "config.get": "admin",
  "config.set": "admin",
  "config.apply": "admin",
  "config.patch": "admin",
  "config.validate": "admin",
  "config.schema": "admin",
  "config.reload": "admin",
  "sessions.create": "admin",
  "sessions.fork": "admin",
  "sessions.rename": "admin",
  "sessions.switch": "admin",
  "sessions.patch": "admin",
  "sessions.reset": "admin",
  "sessions.delete": "admin",
  "sessions.compact": "admin",
  "sessions.archive": "admin",
  "sessions.restore": "admin",
  "sessions.archives": "admin",
  "sessions.archive.delete": "admin",
  "sessions.export_user": "admin",
  "sessions.purge_user": "admin",
  "wizard.start": "admin",
  "wizard.next": "admin",
  "wizard.back": "admin",
  "wizard.cancel": "admin",
  "wizard.status": "admin",
  "wizard.list": "admin",
  "update.run": "admin",
  "update.status": "admin",
  "update.check": "admin",
  "update.setChannel": "admin",
  "update.configure": "admin",
  "update.install": "admin",
  "update.dismiss": "admin",
  "update.releaseNotes": "admin",
  "plugins.install": "admin",
  "plugins.update": "admin",
  "cron.add": "admin",
  "cron.update": "admin",
  "cron.remove": "admin",
  "cron.run": "admin",
  "channels.logout": "admin",
  // Ours.
  "outbox.list": "read",
  "hooks.log": "read",
  "hooks.test": "admin",
  "outbox.retry": "admin",
  "outbox.drop": "admin",
  "audit.tail": "admin",
  "audit.verify": "admin",
  "audit.note": "admin",
  "system-event": "admin",
  "device.pair.approve": "pairing",
  "device.pair.reject": "pairing",
  // Beyond the reference: OpenClaw's name for it.
  "device.pair.remove": "pairing",
  "device.token.rotate": "pairing",
  "device.token.revoke": "pairing",
  "node.pair.request": "pairing",
  "node.pair.approve": "pairing",
  "node.pair.reject": "pairing",
  "node.pair.verify": "pairing",
  "node.rename": "pairing",
  "exec.approvals.set": "approvals",
  "exec.approvals.node.set": "approvals",
  "exec.approval.request": "approvals",
  "exec.approval.resolve": "approvals",
  "node.invoke.result": "node",
  "node.event": "node",
} as const satisfies Record<string, MethodAccess>;

/** A method the contract knows, available in this version or not. */
export type KnownMethod = keyof typeof methodAccess;

export function isKnownMethod(name: string): name is KnownMethod {
  return Object.hasOwn(methodAccess, name);
}

/** What a connection was granted at its handshake. */
export interface Grant {
  readonly role: ConnectionRole;
  readonly scopes: readonly string[];
}

/** The classes of methods and events an operator may be let to. */
export type OperatorAccess = Exclude<MethodAccess, "node">;

/** The scope an operator needs for each class. */
const neededScope = {
  read: "operator.read",
  write: "operator.write",
  admin: "operator.admin",
  pairing: "operator.pairing",
  approvals: "operator.approvals",
} as const satisfies Record<OperatorAccess, string>;

const nodeMethods: readonly string[] = ["node.invoke.result", "node.event"];

/**
 * Whether granted scopes satisfy a needed one: the same text, `operator.admin` or `operator.*` for any operator
 * scope, and `operator.write` for `operator.read`. Nothing else.
 */
export function satisfiesScope(granted: readonly string[], needed: string): boolean {
  if (granted.includes(needed)) return true;
  if (!needed.startsWith("operator.")) return false;
  if (granted.includes("operator.admin") || granted.includes("operator.*")) return true;
  return needed === neededScope.read && granted.includes(neededScope.write);
}

/** Whether granted scopes let an operator to a class of methods or events. */
export function satisfiesAccess(granted: readonly string[], access: OperatorAccess): boolean {
  return satisfiesScope(granted, neededScope[access]);
}

/** Decides whether a connection may call a method. Pure. @returns the refusal, or undefined if it may. */
export function denyMethod(method: KnownMethod, grant: Grant): Refusal | undefined {
  const access: MethodAccess = methodAccess[method];
  if (grant.role === "node") return access === "node" ? undefined : deniedToNode(method);
  if (access === "node") return deniedToOperator(method, grant.role);
  const scope = neededScope[access];
  return satisfiesScope(grant.scopes, scope) ? undefined : deniedWithoutScope(method, scope, grant);
}

function deniedToNode(method: string): Refusal {
  const allowed = nodeMethods.map((name) => JSON.stringify(name)).join(", ");
  return refuse("forbidden", `method '${method}' not allowed for node role (allowed: [${allowed}])`, {
    method,
    connection_role: "node",
    allowed_methods: nodeMethods,
  });
}

function deniedToOperator(method: string, role: string): Refusal {
  return refuse("forbidden", `method '${method}' is only allowed for node role`, {
    method,
    connection_role: role,
    required_role: "node",
  });
}

function deniedWithoutScope(method: string, scope: string, grant: Grant): Refusal {
  const orAdmin =
    scope === neededScope.pairing || scope === neededScope.approvals ? " or 'operator.admin'" : "";
  return refuse("forbidden", `method '${method}' requires '${scope}'${orAdmin} scope`, {
    method,
    required_scope: scope,
    connection_scopes: grant.scopes,
  });
}
