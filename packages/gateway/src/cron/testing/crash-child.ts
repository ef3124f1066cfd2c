// A gateway in a process of its own, whose model answers after a moment, for tests that kill it. Prints its address.
import { scriptedProvider } from "@carapace/agent/testing";
import { startGateway } from "../../compose.ts";

const [stateDir = ""] = process.argv.slice(2);
const replies = Array.from({ length: 2000 }, () => ({ text: "done", before: () => Bun.sleep(15) }));
const started = await startGateway({
  env: { CARAPACE_STATE_DIR: stateDir, CARAPACE_CREDENTIAL_STORE: "off", HOME: stateDir },
  port: 0,
  providers: [{ ...scriptedProvider(replies), id: "offline" }],
});
process.stdout.write(`${started.ok ? started.value.url : `refused: ${started.say}`}\n`);
