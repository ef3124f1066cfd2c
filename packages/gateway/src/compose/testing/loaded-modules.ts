// Starts a gateway, waits until it has done all it does by itself, and prints the files that it has loaded.
import { createRequire } from "node:module";
import { startGateway } from "../../compose.ts";

const verified = Promise.withResolvers<void>();
const started = await startGateway({
  env: process.env,
  port: 0,
  times: { verifyAfterMs: 0 },
  log: {
    write: ({ message }) => {
      if (message === "stored data was verified") verified.resolve();
    },
  },
});
if (!started.ok) throw new Error(started.say);
await verified.promise;
process.stdout.write(JSON.stringify(Object.keys(createRequire(import.meta.url).cache)));
await started.value.close("seen enough");
process.exit(0);
