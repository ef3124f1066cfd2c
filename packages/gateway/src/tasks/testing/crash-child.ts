// A gateway in a process of its own, whose model takes a moment, for tests that kill it. Prints its port.
import { scriptedProvider } from "@carapace/agent/testing";
import { startGateway } from "../../compose.ts";

const [stateDir = ""] = process.argv.slice(2);
const reply = { text: "done", before: () => Bun.sleep(15) };
const started = await startGateway({
  env: { CARAPACE_STATE_DIR: stateDir, CARAPACE_CREDENTIAL_STORE: "off", HOME: stateDir },
  port: 0,
  times: { drainBudgetMs: 2000 },
  providers: [{ ...scriptedProvider([reply]), id: "offline" }],
});
process.stdout.write(started.ok ? `${started.value.port}\n` : `refused: ${started.say}\n`);
