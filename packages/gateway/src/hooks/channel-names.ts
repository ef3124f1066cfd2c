const aliases: ReadonlyMap<string, string> = new Map([
  ["imsg", "imessage"],
  ["wa", "whatsapp"],
  ["tg", "telegram"],
  ["teams", "msteams"],
]);

/** Channels a caller may name although none of that name is set up here: callers of the reference do (http.md §8.2). */
const common = [
  ...["telegram", "discord", "slack", "signal", "imessage", "whatsapp", "webchat"],
  ...["msteams", "matrix", "zalo", "line"],
];

/** The channel a conversation last used. */
export const lastChannel = "last";

/**
 * The channel a caller names, by its own name; blank is `last`.
 * @param registered ids of the channels that are set up
 * @returns undefined for one nobody knows
 */
export function channelNamed(name: string | undefined, registered: ReadonlySet<string>): string | undefined {
  const lower = (name ?? "").trim().toLowerCase() || lastChannel;
  const own = aliases.get(lower) ?? lower;
  return own === lastChannel || registered.has(own) || common.includes(own) ? own : undefined;
}

/** What a caller is told that names another one. */
export function channelSay(registered: ReadonlySet<string>): string {
  return `channel must be one of: ${[...new Set([lastChannel, ...common, ...registered])].join(", ")}`;
}
