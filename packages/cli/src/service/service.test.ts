import { describe, expect, test } from "bun:test";
import { emptyHome, launcher, runCara } from "../../testing/cara.ts";
import { lacksUserManager, underUserManager } from "../../testing/user-manager.ts";

const cara = `"${launcher}"`;
const config = "$HOME/.config/carapace/carapace.json";
/** A configuration that does not load without a variable of the shell, whose value is hard to quote. */
const withVariable = `
export OWN_TOKEN='we"ird $HOME \\ \`x\` 100% long enough'
mkdir -p -m 700 $HOME/.config/carapace
printf '%s' '{"gateway":{"auth":{"mode":"token","token":"\${OWN_TOKEN}"}}}' > ${config}; chmod 600 ${config}
`;

const missing = lacksUserManager();

describe.skipIf(missing !== "")(`under systemd's user manager${missing && ` (missing: ${missing})`}`, () => {
  test("the gateway becomes a service that answers, stops, comes back after a crash, and goes without a trace", async () => {
    const said = await underUserManager(`${withVariable}
      pid() { systemctl --user show carapace.service --property MainPID --value; }
      ${cara} service install; echo "refused $?"
      ${cara} service install --keep-env; echo "installed $?"
      stat -c 'mode %a %n' $HOME/.config/carapace/service.env $HOME/.config/systemd/user/carapace.service
      grep -c OWN_TOKEN $HOME/.config/systemd/user/carapace.service
      grep -E 'NoNewPrivs|Seccomp:' /proc/$(pid)/status
      OWN_TOKEN=\${OWN_TOKEN} ${cara} chat -m 'what is 6*7?'
      ${cara} service status; echo "runs $?"
      first=$(pid); kill -9 $first
      until [ "$(pid)" != $first ] && ${cara} status >/dev/null 2>&1; do sleep 0.2; done; echo "came back"
      ${cara} service stop; ${cara} service status; echo "stopped $?"
      ${cara} service start; ${cara} service start; ${cara} service restart
      ${cara} service uninstall; ${cara} service uninstall
      ls $HOME/.config/systemd/user; ls $HOME/.config/carapace/service.env; ls ${config}`);
    expect(said).toMatch(/does not load without OWN_TOKEN: install it with --keep-env.*\nrefused 1\n/);
    expect(said).toMatch(/The gateway runs as a systemd user service: .*\ninstalled 0\n/);
    expect(said).toMatch(
      /mode 600 .*service.env\nmode 600 .*carapace.service\n0\nNoNewPrivs:\t1\nSeccomp:\t2\n/,
    );
    expect(said).toContain("6*7 = 42");
    expect(said).toMatch(/State: {4}active \(running\), process \d+\nAt login: yes\n.*\nruns 0\ncame back\n/);
    expect(said).toMatch(/The service is stopped.*\nState: {4}inactive \(dead\)\n.*\n.*\nstopped 1\n/);
    expect(said).toMatch(/The gateway runs\.\nThe service runs already\.\nThe gateway runs\.\n/);
    expect(said).toMatch(/The service is removed\.\nNo service is installed\.\n/);
    expect(said).toMatch(/service.env': No such file.*\n.*carapace\.json\n$/);
  }, 60_000);

  test("renewed from a shell without them, the service keeps its variables until it is removed", async () => {
    const said = await underUserManager(`
      pid() { systemctl --user show carapace.service --property MainPID --value; }
      has() { tr '\\0' '\\n' < /proc/$(pid)/environ | grep -c sk-kept; }
      OPENAI_API_KEY=sk-kept ${cara} service install --keep-env; echo "installed $?"; has
      ${cara} service install; echo "renewed $?"; has
      ${cara} service uninstall; ls $HOME/.config/carapace/service.env`);
    expect(said).toMatch(/installed 0\n1\n/);
    expect(said).toMatch(/kept on: .*service\.env\n(.*\n)*renewed 0\n1\n/);
    expect(said).toMatch(/No such file or directory\n$/);
  }, 60_000);

  test("a gateway started by hand is not doubled, and a configuration that does not load is told", async () => {
    const said = await underUserManager(`
      ${cara} start >/dev/null 2>&1 & gateway=$!; until ${cara} status >/dev/null 2>&1; do sleep 0.2; done
      ${cara} service install; echo "refused $?"
      kill $gateway; wait $gateway; echo '{"gateway":{"port":"no"}}' > ${config}
      ${cara} service install; echo "refused $?"; ls $HOME/.config/systemd`);
    expect(said).toMatch(/a gateway runs already, started by hand.*\nrefused 1\n/);
    expect(said).toMatch(/gateway\.port.*\nrefused 1\n.*No such file/s);
  }, 60_000);
});

test("without a service manager every command says so and changes nothing", async () => {
  using home = emptyHome();
  for (const name of ["install", "status", "start", "stop", "restart", "uninstall", "logs"]) {
    const ran = await runCara(["service", name], { home });
    expect([name, ran.code, ran.stdout]).toEqual([name, 1, ""]);
    expect(ran.stderr).toMatch(
      /^Error: (no systemd user manager runs for you here|systemd is not on this machine)/,
    );
  }
});

test("the file of the service can be printed for another manager, without a secret", async () => {
  using home = emptyHome();
  home.env["ANTHROPIC_API_KEY"] = "sk-ant-api03-hidden";
  const ran = await runCara(["service", "install", "--print"], { home });
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  expect(ran.stdout).toContain(`Environment="CARAPACE_STATE_DIR=${home.stateDir}"`);
  expect(ran.stdout).not.toContain("hidden");
});
