import { lockFile } from "@carapace/files";

/** A program of its own that holds a lock until it is ended: `bun lock-holder.ts FILE`. */
const held = await lockFile(process.argv[2] ?? "", { waitMs: 1000 });
process.stdout.write(held.ok ? "held\n" : held.say);
await new Promise(() => setInterval(() => {}, 1000));
