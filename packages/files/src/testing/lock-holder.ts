// Takes the lock of the file named, leaves a child process behind, prints the child's pid and waits: `lock-holder.ts FILE`.
import { lockFile } from "../locking/lock.ts";

const lock = await lockFile(process.argv[2] ?? "", { waitMs: 1000 });
const orphan = Bun.spawn(["sleep", "60"], { stdout: "ignore", stderr: "ignore" });
orphan.unref();
process.stdout.write(lock.ok ? `${orphan.pid}\n` : "refused\n");
setInterval(() => {}, 60_000);
