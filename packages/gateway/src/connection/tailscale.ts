import { isIp } from "@carapace/config";
import { isRecord, parseJson } from "@carapace/protocol";

/** Says which login an address of the tailnet belongs to; undefined if nobody can tell. Contract: never throws. */
export type Whois = (address: string) => Promise<string | undefined>;

const timeoutMs = 5000;
const maxAnswerBytes = 262_144;
const maxRunning = 4;
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin";

/**
 * Asks the Tailscale command line (`tailscale whois --json`), without a shell and for at most 5 s; at most four at
 * once, further questions are answered with undefined. The address is checked to be one before it becomes an argument.
 * @param command The program, `gateway.tailscale.cliPath`.
 */
export function tailscaleWhois(command: string): Whois {
  let running = 0;
  return async (address) => {
    if (isIp(address) === 0 || running >= maxRunning) return undefined;
    running += 1;
    try {
      return loginIn(await answerOf([command, "whois", "--json", address]));
    } catch {
      // No such program, no daemon, too slow: identity cannot be confirmed, so it is not.
      return undefined;
    } finally {
      running -= 1;
    }
  };
}

async function answerOf(argv: string[]): Promise<string> {
  const child = Bun.spawn(argv, {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    timeout: timeoutMs,
    maxBuffer: maxAnswerBytes,
    // Nothing of the gateway's own environment, which may hold secrets.
    env: { PATH: searchPath },
    killSignal: "SIGKILL",
  });
  const text = await new Response(child.stdout).text();
  return (await child.exited) === 0 ? text : "";
}

/** Reads `LoginName`, else `UserProfile.LoginName`, of the answer. @returns undefined for anything else. */
export function loginIn(text: string): string | undefined {
  const answer = parseJson(text);
  if (!isRecord(answer)) return undefined;
  const profile = answer["UserProfile"];
  const login = answer["LoginName"] ?? (isRecord(profile) ? profile["LoginName"] : undefined);
  return typeof login === "string" && login.trim() !== "" ? login : undefined;
}
