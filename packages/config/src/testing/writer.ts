import { setConfigValue } from "../write/write.ts";

/** A program of its own that writes `session.n<from>` … one after the other: `bun writer.ts FILE PREFIX COUNT`. */
const [path = "", prefix = "", count = "0"] = process.argv.slice(2);
for (let n = 0; n < Number(count); n++) {
  const context = { env: {}, path, method: "config set", through: "a test" };
  const written = await setConfigValue(`bindings.${prefix}${n}`, n, context);
  if (!written.ok) {
    process.stderr.write(written.say);
    process.exit(1);
  }
}
