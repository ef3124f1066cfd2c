// Takes the lock of the directory named, leaves a child process behind, prints the child's pid and waits.
import { acquireInstanceLock } from "../instance.ts";

const lock = await acquireInstanceLock(Bun.argv[2] ?? "");
if (!lock.ok) process.exit(1);
await lock.value.announce(process.pid);
const orphan = Bun.spawn(["sleep", "60"], { stdout: "ignore", stderr: "ignore" });
orphan.unref();
process.stdout.write(`${orphan.pid}\n`);
setInterval(() => {}, 60_000);
