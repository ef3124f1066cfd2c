// A gateway in a process of its own, for tests that kill it. Prints its address, and `asked` whenever its model is.
import { scriptedProvider } from "@carapace/agent/testing";
import { startGateway } from "../compose.ts";

const [stateDir = ""] = process.argv.slice(2);
const print = (line: string) => void process.stdout.write(`${line}\n`);
const reply = { text: "half a", before: () => print("asked"), hang: true };
const started = await startGateway({
  env: { CARAPACE_STATE_DIR: stateDir, CARAPACE_CREDENTIAL_STORE: "off" },
  port: 0,
  providers: [{ ...scriptedProvider([reply]), id: "offline" }],
});
print(started.ok ? started.value.url : `refused: ${started.say}`);
