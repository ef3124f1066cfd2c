import { setConfigValue } from "../write/write.ts";

/** A program of its own that writes `bindings.<PREFIX><n>` one after the other and prints each n: `bun writer.ts FILE PREFIX COUNT`. */
const [path = "", prefix = "", count = "0"] = process.argv.slice(2);
for (let n = 0; n < Number(count); n++) {
  const context = { env: {}, path, method: "config set", through: "a test" };
  const written = await setConfigValue(`bindings.${prefix}${n}`, n, context);
  process.stdout.write(`${n}\n`);
  if (!written.ok) {
    process.stderr.write(written.say);
    process.exit(1);
  }
}
