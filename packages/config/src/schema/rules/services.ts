import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { parseBind } from "../../bind.ts";
import { isIp } from "../../is-ip.ts";
import { at, error, isFilled, type Rule, warn } from "./rule.ts";

const schemaBindWords = ["loopback", "lan", "auto", "tailnet"];

/** Aliases of `gateway.bind` work but are not what the reference writes; nonsense would only fail at start. */
export const bindWord: Rule = ({ tree }) => {
  const bind = at(tree, "gateway", "bind");
  if (typeof bind !== "string" || schemaBindWords.includes(bind)) return [];
  const parsed = parseBind(bind);
  if (!parsed.ok) return [warn(["gateway", "bind"], `${parsed.say}; the gateway will not start with it`)];
  if (parsed.value.kind !== "custom" || isIp(parsed.value.host) !== 0) return [];
  const say = `"${bind}" is taken as the name of a host; the words are ${schemaBindWords.join(", ")}`;
  return [warn(["gateway", "bind"], say)];
};

/** Webhooks without a token would be refused one by one. */
export const hooksToken: Rule = ({ tree }) => {
  if (at(tree, "gateway", "hooks", "enabled") !== true) return [];
  const has = isFilled(at(tree, "gateway", "hooks", "token"));
  return has ? [] : [warn(["gateway", "hooks", "enabled"], "webhooks need gateway.hooks.token; set it")];
};

/** Keys and stored sign-ins of providers (config.md §8, rows `anthropic, google` and `codex`). */
export const authProfiles: Rule = ({ tree }) => {
  const enabled = at(tree, "auth", "profiles", "enabled") === true;
  return ["anthropic", "google", "codex"].flatMap((name) => {
    if (!isFilled(at(tree, name, "authProfile"))) return [];
    const path = [name, "authProfile"];
    return [
      ...(enabled ? [] : [warn(path, "needs auth.profiles.enabled: true")]),
      ...(isFilled(at(tree, name, "apiKey"))
        ? [warn(path, "apiKey is set too and wins; remove one of them")]
        : []),
    ];
  });
};

/** Ranges of `vertex` that the run time clamps. */
export const vertexRanges: Rule = ({ tree }) => {
  const timeout = at(tree, "vertex", "gcloudTokenTimeoutMs");
  const models = at(tree, "vertex", "globalModels");
  const outside =
    Number.isInteger(timeout) && typeof timeout === "number" && (timeout < 500 || timeout > 60000);
  const many = Array.isArray(models) && models.length >= 256;
  return [
    ...(outside ? [warn(["vertex", "gcloudTokenTimeoutMs"], "is brought into 500 to 60000")] : []),
    ...(many ? [warn(["vertex", "globalModels"], "has 256 entries or more; use a trailing *")] : []),
  ];
};

/** Folders of the file tools (config.md §8, row `filesystem`). */
export const filesystemRoots: Rule = ({ tree }) => {
  if (at(tree, "filesystem", "enabled") !== true) return [];
  const roots = at(tree, "filesystem", "roots");
  if (!Array.isArray(roots) || roots.length === 0) {
    return [
      warn(["filesystem", "enabled"], "file tools are on, but filesystem.roots is empty; name a folder"),
    ];
  }
  return roots.flatMap((root, index) =>
    typeof root === "string" && isAbsolute(root) && !existsSync(root)
      ? [
          error(
            ["filesystem", "roots", index],
            `the folder "${root}" is not there; create it or remove the entry`,
          ),
        ]
      : [],
  );
};

const longInterval = 3600;

/** Typing signs further apart than an hour are hardly meant. */
export const typingInterval: Rule = ({ tree }) => {
  const channels = at(tree, "channels");
  if (typeof channels !== "object" || channels === null) return [];
  return Object.entries(channels).flatMap(([name, channel]) => {
    const seconds = at(channel, "features", "typing", "intervalSeconds");
    const path = ["channels", name, "features", "typing", "intervalSeconds"];
    return typeof seconds === "number" && seconds > longInterval ? [warn(path, "is more than an hour")] : [];
  });
};

/** Plugin names that mean something else (config.md §8, row `plugins`). */
export const pluginNames: Rule = ({ tree }) => {
  const entries = at(tree, "plugins", "entries");
  if (typeof entries !== "object" || entries === null) return [];
  const reserved = ["enabled", "entries", "load", "sandbox", "signature"];
  return Object.keys(entries)
    .filter((name) => reserved.includes(name))
    .map((name) => warn(["plugins", "entries", name], `"${name}" cannot be a plugin's name; rename it`));
};
