import { type Result, refuse } from "@carapace/protocol/failures";
import { readTarget, type Target } from "./target.ts";

/**
 * The gateway that an address typed by a person names (cli.md §3.8): http or https, without a user name, and nothing
 * behind host and port. What was typed is never repeated: it may hold what must not be shown.
 */
export function readGatewayUrl(text: string, trust: boolean): Result<Target> {
  const bad = (why: string) =>
    refuse("invalid_request", `the address ${why}; write it as https://host or http://host:port`);
  const url = URL.parse(text.trim());
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:"))
    return bad("is not one of a gateway");
  const [authority = ""] = text
    .trim()
    .replace(/^https?:[/\\]*/i, "")
    .split(/[/\\?#]/);
  if (authority.includes("@")) return bad("must not hold a user name or a password");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") return bad("must end with host and port");
  const tls = url.protocol === "https:";
  const port = url.port === "" ? (tls ? 443 : 80) : Number(url.port);
  return readTarget({ host: url.hostname, port, tls, trust });
}
