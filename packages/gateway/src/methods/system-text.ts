import { definedOnly } from "../defined-only.ts";

/** What the free text of a system event says of its sender. */
export interface SystemText {
  readonly host?: string;
  readonly ip?: string;
  readonly version?: string;
  readonly lastInputSeconds?: number;
  readonly mode?: string;
  readonly reason?: string;
  readonly platform?: string;
  readonly instanceId?: string;
}

/** Reads `Node: host (ip) · app V · last input 30s ago · mode M · reason R · platform P · instance I`; parts may lack. */
export function parseSystemText(text: string): SystemText {
  const [head = "", ...parts] = text.split("·").map((part) => part.trim());
  const node = /^Node:\s*([^()]+?)\s*(?:\(([^()]+)\))?$/.exec(head);
  if (node === null) return {};
  const after = (word: string) => {
    const part = parts.find((candidate) => candidate.startsWith(`${word} `));
    return part?.slice(word.length + 1).trim() || undefined;
  };
  const seconds = /^(\d{1,9})s ago$/.exec(after("last input") ?? "")?.[1];
  return definedOnly({
    host: node[1],
    ip: node[2],
    version: after("app"),
    lastInputSeconds: seconds === undefined ? undefined : Number(seconds),
    mode: after("mode"),
    reason: after("reason"),
    platform: after("platform"),
    instanceId: after("instance"),
  });
}
