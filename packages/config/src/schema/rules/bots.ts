import { botVariables } from "../../bot-account.ts";
import type { Finding } from "../../load/places.ts";
import { isRecord } from "../../record.ts";
import { at, isFilled, type Rule, type Subject, warn } from "./rule.ts";

/** The accounts of bots (channels.md §1.4, §3, §4). */
export const botAccounts: Rule = (subject) =>
  Object.entries(botVariables).flatMap(([id, { token: variable }]) => {
    const section = at(subject.tree, id);
    if (!isRecord(section) || section["enabled"] === false) return [];
    return [...tokenOf(id, { section, variable, subject }), ...baseUrlOf(id, section["baseUrl"])];
  });

interface Account {
  readonly section: Readonly<Record<string, unknown>>;
  readonly variable: string;
  readonly subject: Subject;
}

/** Whoever switches a bot on and gives no token waits for messages that never come. */
function tokenOf(id: string, { section, variable, subject: { lookup } }: Account): Finding[] {
  const isSet = isFilled(section["botToken"]) || isFilled(lookup(variable));
  if (section["enabled"] !== true || isSet) return [];
  return [warn([id, "enabled"], `needs a token: cara secrets set ${id}.botToken, or ${variable}`)];
}

/** The channel does not send the token to an address that cannot be meant; better to hear of it before the start. */
function baseUrlOf(id: string, value: unknown): Finding[] {
  if (!isFilled(value)) return [];
  const url = URL.parse(value.trim());
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  const isBare = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (isWeb && isBare) return [];
  const say = "must be an http or https address without a sign-in and without ? or #";
  return [warn([id, "baseUrl"], say)];
}
