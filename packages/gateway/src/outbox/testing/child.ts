// A gateway in a process of its own whose model answers at once, for tests that kill it. Prints its address.
import { scriptedProvider } from "@carapace/agent/testing";
import { startGateway } from "../../compose.ts";

const [stateDir = "", text = ""] = process.argv.slice(2);
const started = await startGateway({
  env: { CARAPACE_STATE_DIR: stateDir, CARAPACE_CREDENTIAL_STORE: "off" },
  port: 0,
  providers: [{ ...scriptedProvider([{ text }]), id: "offline" }],
});
process.stdout.write(`${started.ok ? started.value.url : `refused: ${started.say}`}\n`);
