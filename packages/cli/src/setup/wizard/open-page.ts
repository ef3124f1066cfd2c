import type { Environment } from "@carapace/config";

/** What opens a page in the owner's browser; undefined where there is none to see it. */
export function browserCommand(env: Environment, platform: NodeJS.Platform): readonly string[] | undefined {
  // Over SSH it would open on the wrong screen, or in a text browser that takes the terminal.
  if (env["SSH_CONNECTION"] || env["SSH_TTY"]) return undefined;
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  return env["DISPLAY"] || env["WAYLAND_DISPLAY"] ? ["xdg-open"] : undefined;
}

/** Opens a page, and waits for nothing. The address holds no secret. @returns whether there is a browser to try */
export async function openPage(url: string, env: Environment): Promise<boolean> {
  const command = browserCommand(env, process.platform);
  if (command === undefined) return false;
  try {
    const child = Bun.spawn([...command, url], {
      env: browserEnvironment(env),
      stdio: ["ignore", "ignore", "ignore"],
    });
    child.unref();
    return true;
  } catch {
    return false;
  }
}

/** What a desktop program needs; none of the owner's keys. */
function browserEnvironment(env: Environment): Record<string, string> {
  const names =
    /^(PATH|HOME|USER|LANG|LC_[A-Z]+|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_[A-Z_]+|DBUS_SESSION_BUS_ADDRESS|BROWSER|SystemRoot|APPDATA|LOCALAPPDATA|USERPROFILE)$/;
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      names.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );
}
